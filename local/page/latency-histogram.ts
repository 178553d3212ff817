/** Steps of about 9 %: percentiles are that exact. */
const BUCKETS_PER_DOUBLING = 8;
/** A post that was made longer ago did not come straight from its making: a file of old posts, say. */
export const LATENCY_MS_MAX = 600_000;
const BUCKETS = bucketOf(LATENCY_MS_MAX) + 1;

/** How often each latency has occurred since the beginning; the difference of two is what happened in between. */
export type LatencyCounts = Uint32Array;

/** Counts latencies in buckets whose width grows with the latency: adding one costs some nanoseconds. */
export class LatencyHistogram {
    private readonly counts: LatencyCounts = new Uint32Array(BUCKETS);

    /** Leaves out what is not from 0 to LATENCY_MS_MAX: NaN, clocks that disagree, posts of long ago. */
    add(milliseconds: number): void {
        if (!(milliseconds >= 0 && milliseconds <= LATENCY_MS_MAX)) return;
        const bucket = bucketOf(milliseconds);
        this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    }

    read(): LatencyCounts {
        return this.counts.slice();
    }
}

/** A percentile of what was added between two readings, in milliseconds; undefined if nothing was. `share` is from 0 to 1. */
export function percentile(before: LatencyCounts | undefined, after: LatencyCounts, share: number): number | undefined {
    const counts = Array.from(after, (count, bucket) => count - (before?.[bucket] ?? 0));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    let left = Math.max(Math.ceil(share * total), 1);
    const bucket = counts.findIndex((count) => (left -= count) <= 0);
    return Math.round(middleOf(bucket));
}

function bucketOf(milliseconds: number): number {
    return Math.floor(Math.log2(milliseconds + 1) * BUCKETS_PER_DOUBLING);
}

function middleOf(bucket: number): number {
    return 2 ** ((bucket + 0.5) / BUCKETS_PER_DOUBLING) - 1;
}
