/**
 * Read again after a cut: another instance sees an event a moment earlier or later, so "a few seconds" are advised
 * (README of bluesky-social/jetstream). What comes twice is known by its key.
 */
export const OVERLAP_MS = 5_000;
/** An event from further ahead of all clocks does not count: a cursor in the future would lose what comes until then. */
const AHEAD_MS_MAX = 5 * 60_000;
const US_PER_MS = 1000;

/** How far the stream has been read, by the times of its events: where to resume after a cut. Pure. */
export class Position {
    private lastUs: number | undefined;
    /** When it was first listened to, until something has come. */
    private startUs: number | undefined;
    private isResumed = false;

    /** The newest event that was read. */
    get newestUs(): number | undefined {
        return this.lastUs;
    }

    /** Where to resume, in microseconds since 1970; undefined is from now. */
    get cursorUs(): number | undefined {
        return this.lastUs === undefined ? this.startUs : this.lastUs - OVERLAP_MS * US_PER_MS;
    }

    /** A connection begins at `cursorUs`. */
    opened(nowMs: number): void {
        this.isResumed = this.lastUs !== undefined;
        if (this.lastUs === undefined) this.startUs ??= nowMs * US_PER_MS;
    }

    /**
     * An event has come.
     *
     * @returns how many milliseconds are missing before it. A resumed stream begins with what was read already, as it is asked
     *   for the last seconds again; if it begins later, Jetstream does not have what lies between (it keeps a day or so, and
     *   begins without a word at what it has).
     */
    pass(timeUs: number, nowMs: number): number {
        const { lastUs, isResumed } = this;
        this.isResumed = false;
        if (lastUs === undefined) {
            this.lastUs = timeUs;
            return 0;
        }
        if (timeUs <= lastUs || timeUs > Math.max(lastUs, nowMs * US_PER_MS) + AHEAD_MS_MAX * US_PER_MS) return 0;
        this.lastUs = timeUs;
        const laterMs = (timeUs - lastUs) / US_PER_MS;
        return isResumed && laterMs > OVERLAP_MS ? laterMs : 0;
    }

    /** Resumes from now, whatever came before. */
    forget(): void {
        this.lastUs = undefined;
        this.startUs = undefined;
    }
}
