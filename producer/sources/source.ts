import type { Option, Options, Values } from "../../commandline/options";
import type { WireRecord } from "../../wire-record";

/** What a source is given when it is opened. */
export interface SourceContext {
    /** Aborted when no more posts are wanted: the source then ends, without an error, as soon as it can. */
    readonly stop: AbortSignal;
    /** Aborted when nobody waits any more for what the source does at its end. `stop` is aborted as well then. */
    readonly giveUp: AbortSignal;
    /** Called for what the source received and cannot turn into a post. It is counted as received and refused. */
    readonly refuse: (refusal: Refusal) => void;
    /**
     * Called for posts that the source received and left out on purpose; they are counted as received and dropped.
     * @param reason the same for many, in a few words
     * @param count default: 1
     */
    readonly drop: (reason: string, count?: number) => void;
    /** A line that people should see once: connected again, rate limited until …, rules added. Without a secret. */
    readonly notice: (line: string) => void;
    /** What the clock shows, which can be set. */
    readonly now: () => Date;
    /** Milliseconds from any start, for how long something takes. */
    readonly elapsedMs: () => number;
    /** From 0 (included) to 1 (excluded). */
    readonly random: () => number;
    /** Resolves after that time, or at once when `stop` is aborted. */
    readonly wait: (milliseconds: number) => Promise<void>;
}

export interface Refusal {
    /** The kind of refusal, the same for many: the account counts by it. */
    reason: string;
    /** Which one it is and what is wrong with it, for people, without a full stop. */
    detail: string;
}

export interface Source {
    /** How many posts it will give, if that is known. */
    readonly total?: number;
    /**
     * It cannot wait. Its chunks are then asked for without a pause, and posts for which there is no room are dropped and
     * counted; posts that it gives twice, a while apart, are sent once.
     */
    readonly isLive?: true;
    /** It goes on until it is stopped, and can wait for the stream: no outage ends it. */
    readonly isEndless?: true;
    /**
     * The posts, in chunks that bound the memory: the next one is asked for when there is room for it. To be iterated once.
     * A fault of the source (the file cannot be read any further) is thrown as a `Failure`. When it has ended, also because
     * `stop` was aborted, nothing of the source is left: no socket, timer or rule.
     */
    readonly chunks: AsyncIterable<readonly WireRecord[]>;
    /** A few words for the line that is shown while it runs, as in `$0.05`; empty if there is nothing to say. */
    readonly note?: () => string;
}

/** One kind of source, chosen with `--source`. Its options are refused with any source that does not have them. */
export interface SourceDefinition<O extends Options> {
    readonly options: O;
    /** Rules between its options: a line per mistake. */
    readonly check: (values: Values<O>) => readonly string[];
    /** Throws a `UsageError` when there is nothing to read. */
    readonly open: (values: Values<O>, context: SourceContext) => Promise<Source>;
}

/** Keeps the types of the options of a definition. */
export function defineSource<O extends Record<string, Option<unknown>>>(definition: SourceDefinition<O>) {
    return definition;
}
