/** Wakes whoever waits. A ring that nobody hears is kept for the next who waits. */
export class Bell {
    private isRung = false;
    private wake: (() => void) | undefined;

    ring(): void {
        this.isRung = true;
        this.wake?.();
    }

    /** Resolves at the next ring, or at once if it has rung since the last time. For one waiter at a time. */
    async rung(): Promise<void> {
        if (!this.isRung) await new Promise<void>((resolve) => (this.wake = resolve));
        this.isRung = false;
        this.wake = undefined;
    }
}
