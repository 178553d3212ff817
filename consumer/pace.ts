/** The first retry waits up to this long, each further one up to twice as long as the one before, … */
export const BACKOFF_BASE_MS = 50;
/** … but never longer than this. */
export const BACKOFF_MAX_MS = 3_000;

/** A request that takes longer is given up and counts as failed: one hung connection must not use up the invocation. */
export const REQUEST_TIMEOUT_MS = 5_000;

/** Time and chance, as seen by the code that retries. */
export interface Pace {
    /** Milliseconds until everything has to be finished; negative when that is over. */
    remainingMs: () => number;
    sleep: (ms: number) => Promise<void>;
    /** From 0 up to and without 1. */
    random: () => number;
}

/**
 * Full jitter: a random time up to an exponentially growing bound, which spreads the retries of many functions best
 * (Exponential Backoff And Jitter, AWS Architecture Blog). `retry` counts from 0.
 */
export function backoffMs(retry: number, random: () => number): number {
    return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** retry);
}

/**
 * Waits before the given retry.
 * @returns false, at once, if the time left does not reach beyond the wait: then there is no retry.
 */
export async function waitForRetry(retry: number, pace: Pace): Promise<boolean> {
    const delayMs = backoffMs(retry, pace.random);
    if (delayMs >= pace.remainingMs()) return false;
    await pace.sleep(delayMs);
    return true;
}

/** How long the next request may take; not positive when there is no time for one. */
export function requestTimeoutMs(pace: Pace): number {
    return Math.min(REQUEST_TIMEOUT_MS, pace.remainingMs());
}
