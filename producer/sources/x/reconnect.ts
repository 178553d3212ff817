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

/** Says how long to wait before the next attempt. */
export class ReconnectSchedule {
    private isEstablished = false;
    private readonly attempts = { network: 0, http: 0, "rate limit": 0 };

    /** A post or a heartbeat has come: the next drop is a new one. An answer alone is not enough, or a server that ends every
     * connection as soon as it has begun would be asked without a pause. */
    established(): void {
        this.isEstablished = true;
        this.attempts.network = 0;
        this.attempts.http = 0;
        this.attempts["rate limit"] = 0;
    }

    /**
     * To be called once for each fault.
     * @returns milliseconds; `undefined` if waiting does not help
     */
    delayMs({ kind, resetInMs }: Fault): number | undefined {
        if (kind === "refused") return undefined;
        const isDrop = this.isEstablished && kind === "network";
        this.isEstablished = false;
        if (isDrop) return 0;
        if (kind === "network") {
            this.attempts.network += 1;
            return Math.min(NETWORK_DELAY_MS_MAX, NETWORK_STEP_MS * this.attempts.network);
        }
        if (kind === "rate limit") return this.rateLimitDelayMs(resetInMs);
        this.attempts.http += 1;
        return Math.min(HTTP_DELAY_MS_MAX, HTTP_DELAY_MS_BASE * 2 ** (this.attempts.http - 1));
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
