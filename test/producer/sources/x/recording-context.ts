import type { Refusal, SourceContext } from "../../../../producer/sources/source";

/** What a source is given, and what it has told. */
export class RecordingContext implements SourceContext {
    readonly refusals: Refusal[] = [];
    readonly drops: Record<string, number> = {};
    readonly notices: string[] = [];
    /** How long it has waited, each time. */
    readonly waits: number[] = [];
    readonly stopping = new AbortController();
    readonly stop = this.stopping.signal;
    readonly givingUp = new AbortController();
    readonly giveUp = this.givingUp.signal;
    readonly random = () => 0;

    /** @param sleep without it, waiting takes no time */
    constructor(
        readonly now: () => Date = () => new Date(),
        private readonly sleep: (milliseconds: number) => Promise<void> = async () => undefined,
    ) {}

    readonly elapsedMs = (): number => this.now().getTime();

    readonly refuse = (refusal: Refusal): void => {
        this.refusals.push(refusal);
    };

    readonly drop = (reason: string, count = 1): void => {
        this.drops[reason] = (this.drops[reason] ?? 0) + count;
    };

    readonly notice = (line: string): void => {
        this.notices.push(line);
    };

    readonly wait = async (milliseconds: number): Promise<void> => {
        if (this.stop.aborted) return;
        this.waits.push(milliseconds);
        let stopped: () => void = () => undefined;
        const stopping = new Promise<void>((resolve) => (stopped = resolve));
        this.stop.addEventListener("abort", stopped);
        await Promise.race([this.sleep(milliseconds), stopping]);
        this.stop.removeEventListener("abort", stopped);
    };
}
