/** Time, so that tests can hold it. */
export interface Clock {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Calls back once after the delay; returns a function that cancels that. */
    schedule(callback: () => void, delayMs: number): () => void;
}

export const SYSTEM_CLOCK: Clock = {
    now: () => Date.now(),
    schedule(callback, delayMs) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
    },
};

/** Something to wait for. Raised while nobody waits, it ends the next wait at once. */
export class Signal {
    private raised = false;
    private wake: (() => void) | undefined;

    raise(): void {
        const { wake } = this;
        if (wake === undefined) {
            this.raised = true;
        } else {
            wake();
        }
    }

    clear(): void {
        this.raised = false;
    }

    /** For Waits: true if it was raised, which this ends. */
    consume(): boolean {
        const { raised } = this;
        this.raised = false;
        return raised;
    }

    /** For Waits: who waits now. */
    setWaiter(wake: (() => void) | undefined): void {
        this.wake = wake;
    }
}

/** Every wait of a mapping: all of them end, and their timers with them, when the mapping stops. */
export class Waits {
    private readonly pending = new Set<() => void>();
    private stopped = false;

    constructor(private readonly clock: Clock) {}

    isStopped(): boolean {
        return this.stopped;
    }

    /** Resolves after the delay (which may be Infinity), when the signal is raised, or when the mapping stops. */
    sleep(delayMs: number, signal?: Signal): Promise<void> {
        if (this.stopped || signal?.consume() === true || delayMs <= 0) {
            return Promise.resolve();
        }
        return new Promise((resolve) => {
            let cancel: () => void = () => undefined;
            const finish = (): void => {
                cancel();
                this.pending.delete(finish);
                signal?.setWaiter(undefined);
                resolve();
            };
            this.pending.add(finish);
            signal?.setWaiter(finish);
            if (delayMs !== Infinity) {
                cancel = this.clock.schedule(finish, delayMs);
            }
        });
    }

    stop(): void {
        this.stopped = true;
        for (const finish of this.pending) {
            finish();
        }
    }
}

export const BACKOFF_BASE_MS = 100;
export const BACKOFF_MAX_MS = 10_000;

/**
 * Exponential with half of it random: 50 to 100 ms after the first failure, 5 to 10 s from the eighth on. AWS says only
 * that Lambda retries "with exponential backoff"; these numbers are ours.
 */
export function backoffMs(failuresBefore: number, random: () => number): number {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(failuresBefore, 30));
    return ceiling * (0.5 + random() / 2);
}
