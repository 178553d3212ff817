import type { Fault } from "./fault";

/**
 * X's own schedule: at once when an established connection drops; then, by the kind of fault, 250 ms more each time up to
 * 16 s, 5 s doubling up to 320 s, or a minute doubling. https://docs.x.com/x-api/fundamentals/handling-disconnections
 */
export const NETWORK_STEP_MS = 250;
export const NETWORK_DELAY_MS_MAX = 16_000;
export const HTTP_DELAY_MS_BASE = 5_000;
export const HTTP_DELAY_MS_MAX = 320_000;
export const RATE_LIMIT_DELAY_MS_BASE = 60_000;
/** X's windows are 15 minutes long: by then, a limit whose end it did not name has passed. */
export const RATE_LIMIT_DELAY_MS_MAX = 900_000;
/** X names the end of a limit in whole seconds. */
export const RESET_MARGIN_MS = 1_000;
/** Its longest windows are of a day: what is further away is no end of one. */
export const RESET_DELAY_MS_MAX = 86_400_000 + RESET_MARGIN_MS;

/** A connection that has brought something for so long was a good one: whatever ends it is a new fault. */
export const STEADY_MS = 10_000;

/** Says how long to wait before the next attempt. Times are in milliseconds, from any start. */
export class ReconnectSchedule {
    private establishedAtMs: number | undefined;
    /** Since the last good connection. */
    private readonly attempts = { network: 0, http: 0, "rate limit": 0 };

    /** A post or a heartbeat has come. An answer alone is not enough. */
    established(nowMs: number): void {
        this.establishedAtMs ??= nowMs;
    }

    /**
     * To be called once for each fault.
     *
     * A server that lets connections begin and ends each of them soon is asked at once only the first time: X lets an app
     * connect 50 times in 15 minutes, which would be gone within seconds.
     *
     * @returns milliseconds; `undefined` if waiting does not help
     */
    delayMs({ kind, resetInMs }: Fault, nowMs: number): number | undefined {
        if (kind === "refused") return undefined;
        const { attempts, establishedAtMs } = this;
        this.establishedAtMs = undefined;
        if (establishedAtMs !== undefined && nowMs - establishedAtMs >= STEADY_MS) {
            Object.assign(attempts, { network: 0, http: 0, "rate limit": 0 });
        }
        if (kind === "network") {
            // What has never been established did not drop: it is the first failure.
            if (establishedAtMs === undefined && attempts.network === 0) attempts.network = 1;
            return Math.min(NETWORK_DELAY_MS_MAX, NETWORK_STEP_MS * attempts.network++);
        }
        if (kind === "rate limit") return this.rateLimitDelayMs(resetInMs);
        return Math.min(HTTP_DELAY_MS_MAX, HTTP_DELAY_MS_BASE * 2 ** attempts.http++);
    }

    private rateLimitDelayMs(resetInMs: number | undefined): number {
        const attempt = (this.attempts["rate limit"] += 1);
        const doubledMs = (attempts: number) =>
            Math.min(RATE_LIMIT_DELAY_MS_MAX, RATE_LIMIT_DELAY_MS_BASE * 2 ** attempts);
        if (resetInMs === undefined) return doubledMs(attempt - 1);
        // The first time X's word is taken for it. If that was not enough: no sooner than the schedule.
        const leastMs = attempt === 1 ? RESET_MARGIN_MS : doubledMs(attempt - 2);
        return Math.min(Math.max(resetInMs + RESET_MARGIN_MS, leastMs), RESET_DELAY_MS_MAX);
    }
}
