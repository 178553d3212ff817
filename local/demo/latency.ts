/** The time that posts take, in milliseconds, kept in full: a demo has as many as it has posts. */
export class Latencies {
    private readonly milliseconds: number[] = [];

    add(milliseconds: number): void {
        this.milliseconds.push(milliseconds);
    }

    /** The nearest-rank percentile, 0 where there is none. `share` is from 0 to 1. */
    percentile(share: number): number {
        const sorted = Float64Array.from(this.milliseconds).sort();
        return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
    }
}
