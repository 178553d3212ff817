import type { Option, Options, Values } from "../../commandline/options";
import type { WireRecord } from "../../wire-record";

/** What a source is given when it is opened. */
export interface SourceContext {
    /** Aborted when no more posts are wanted: the source then ends, without an error, as soon as it can. */
    readonly stop: AbortSignal;
    /** Called for what the source received and cannot turn into a post. It is counted as received and refused. */
    readonly refuse: (refusal: Refusal) => void;
    readonly now: () => Date;
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
     * The posts, in chunks that bound the memory: the next one is asked for when there is room for it. To be iterated once.
     * A fault of the source (the file cannot be read any further) is thrown as a `Failure`.
     */
    readonly chunks: AsyncIterable<readonly WireRecord[]>;
}

/** One kind of source, chosen with `--source`. Its options are refused with any other source. */
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
