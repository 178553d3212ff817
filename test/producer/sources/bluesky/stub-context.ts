import type { WireRecord } from "../../../../wire-record";
import type { Refusal, SourceContext } from "../../../../producer/sources/source";

/** What a source is given, and what it has told. Without chance, there is no delay before a new attempt. */
export class StubContext implements SourceContext {
    readonly refusals: Refusal[] = [];
    readonly drops = new Map<string, number>();
    readonly notices: string[] = [];
    readonly stopping = new AbortController();
    readonly stop = this.stopping.signal;
    readonly giveUp = new AbortController().signal;
    nowMs: number | undefined;
    /** Called when it is asked for the time. */
    onNow: () => void = () => undefined;

    constructor(readonly random: () => number = () => 0) {}

    readonly refuse = (refusal: Refusal) => void this.refusals.push(refusal);
    readonly drop = (reason: string, count = 1) => void this.drops.set(reason, (this.drops.get(reason) ?? 0) + count);
    readonly notice = (line: string) => void this.notices.push(line);
    readonly now = () => {
        this.onNow();
        return new Date(this.nowMs ?? Date.now());
    };
    readonly elapsedMs = () => this.nowMs ?? Date.now();
    readonly wait = async () => undefined;
}

/** Asks for posts until there are so many, or no more; then the source is stopped and what is left of it is read, too. */
export async function read(
    chunks: AsyncIterable<readonly WireRecord[]>,
    count: number,
    context: StubContext,
): Promise<WireRecord[]> {
    const posts: WireRecord[] = [];
    if (count === 0) context.stopping.abort();
    for await (const chunk of chunks) {
        posts.push(...chunk);
        if (posts.length >= count) context.stopping.abort();
    }
    return posts;
}
