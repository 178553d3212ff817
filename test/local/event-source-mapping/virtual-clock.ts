import type { Clock } from "../../../local/event-source-mapping/waiting";

interface Timer {
    dueMs: number;
    readonly callback: () => void;
}

/** Time that passes only when a test lets it, and then at once. */
export class VirtualClock implements Clock {
    private readonly timers = new Set<Timer>();

    constructor(private nowMs = Date.parse("2026-11-23T06:00:00Z")) {}

    get pendingTimers(): number {
        return this.timers.size;
    }

    now(): number {
        return this.nowMs;
    }

    schedule(callback: () => void, delayMs: number): () => void {
        const timer = { dueMs: this.nowMs + delayMs, callback };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
    }

    /** Lets time pass, from timer to timer, until the promise is settled. Fails if there is nothing left to wait for. */
    async runUntil<T>(promise: Promise<T>, timersMax = 100_000): Promise<T> {
        const outcome = { settled: false };
        const settle = (): void => {
            outcome.settled = true;
        };
        promise.then(settle, settle);
        for (let fired = 0; fired < timersMax; fired += 1) {
            await this.runReady();
            if (outcome.settled) {
                return promise;
            }
            if (!this.fireNext(Infinity)) {
                throw new Error("Nothing is left to wait for, and the promise is still pending.");
            }
        }
        throw new Error(`The promise is still pending after ${timersMax} timers.`);
    }

    /** Lets this much time pass. */
    async advance(durationMs: number): Promise<void> {
        const untilMs = this.nowMs + durationMs;
        do {
            await this.runReady();
        } while (this.fireNext(untilMs));
        this.nowMs = untilMs;
    }

    /** What a machine does when it finds its clock wrong: timers run on as they would have. */
    setBack(byMs: number): void {
        this.nowMs -= byMs;
        for (const timer of this.timers) timer.dueMs -= byMs;
    }

    /** Everything that needs no time: every promise that is settled has been acted upon when the next task begins. */
    runReady(): Promise<void> {
        return new Promise((resolve) => {
            setImmediate(resolve);
        });
    }

    private fireNext(untilMs: number): boolean {
        let next: Timer | undefined;
        for (const timer of this.timers) {
            if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) {
                next = timer;
            }
        }
        if (next === undefined) {
            return false;
        }
        this.timers.delete(next);
        this.nowMs = Math.max(this.nowMs, next.dueMs);
        next.callback();
        return true;
    }
}
