/** So long credentials that have worked are looked up again after they were refused. */
export const RENEWAL_MS_MAX = 120_000;

/**
 * Credentials of one's own can end within a run of days: a session expires, a key is replaced. The AWS SDK renews in time
 * what says when it expires; what does not (a profile whose file another program rewrites), or could not be renewed at that
 * moment, is looked up again here, for a while. Credentials that never worked are not.
 */
export class Renewal {
    private haveWorked = false;
    private refusedSinceMs: number | undefined;

    /**
     * @param lookUp finds the credentials anew
     * @param now in milliseconds, from any start
     */
    constructor(
        private readonly lookUp: () => Promise<unknown>,
        private readonly now: () => number,
    ) {}

    worked(): void {
        this.haveWorked = true;
        this.refusedSinceMs = undefined;
    }

    /** They were refused, or there are none. Answers whether the next request may fare better. */
    async mayPass(): Promise<boolean> {
        if (!this.haveWorked) return false;
        const now = this.now();
        this.refusedSinceMs ??= now;
        if (now - this.refusedSinceMs >= RENEWAL_MS_MAX) return false;
        // If that fails, the next request is refused as this one was, and says so.
        await this.lookUp().catch(() => undefined);
        return true;
    }
}
