import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from "../kinesis/limits";
import { percentile } from "./latency-histogram";
import type { LastInvocations, Reading } from "./reading";
import { judge, type Verdict } from "./verdict";

export interface ShardFigures {
    readonly shardId: string;
    readonly open: boolean;
    readonly recordsPerSecond: number;
    readonly bytesPerSecond: number;
    readonly throttledPerSecond: number;
    /** How much of what it may take it takes, by records or by bytes, whichever is more: 1 is its limit. */
    readonly load: number;
    readonly iteratorAgeMs: number;
}

/** What the page shows: rates are those of the last second or so, all else is as of now or since the beginning. */
export interface Figures {
    readonly timeMs: number;
    readonly producer: {
        readonly postsPerSecond: number;
        readonly requestsPerSecond: number;
        readonly arrived: number;
    };
    readonly stream: {
        readonly shards: readonly ShardFigures[];
        /** Of one shard. */
        readonly recordsPerSecondMax: number;
        readonly bytesPerSecondMax: number;
        readonly throttledPerSecond: number;
        /** Records that have arrived and are not finished. */
        readonly waiting: number;
        /** Of the shard that is furthest behind. */
        readonly iteratorAgeMs: number;
    };
    readonly function: {
        readonly invocationsPerSecond: number;
        readonly running: number;
        /** Of the invocations that ended last; undefined where none did lately and none is running. */
        readonly recordsPerInvocation: number | undefined;
        readonly milliseconds: number | undefined;
        readonly errorsPerSecond: number;
        readonly invocations: number;
        readonly errors: number;
        readonly partialFailures: number;
    };
    readonly table: {
        readonly items: number;
        readonly itemsPerSecond: number;
        readonly refusedPerSecond: number;
        /** From a post's timestamp to its item; undefined where no item was written lately. */
        readonly latencyMs: { readonly p50: number | undefined; readonly p99: number | undefined };
    };
    readonly bucket: { readonly objects: number; readonly records: number };
    readonly verdict: Verdict;
}

/**
 * One point of the charts: time, posts/s in, items/s out, throttled/s, latency p50 and p99 (null where there is none), and
 * invocations/s.
 */
export type Point = readonly [number, number, number, number, number | null, number | null, number];

/**
 * @param before a reading of about a second ago: rates are counted from it
 * @param earlier one of some seconds ago: what happened since is taken to be still going on
 */
export function figures(now: Reading, before: Reading, earlier: Reading): Figures {
    const seconds = Math.max((now.timeMs - before.timeMs) / 1000, 0.001);
    const rate = (name: CountName) => Math.max(now[name] - before[name], 0) / seconds;
    const shards = shardFigures(now, before, seconds);
    const last = lastInvocations(now, before) ?? (now.running > 0 ? now.last : undefined);
    const shown = {
        timeMs: now.timeMs,
        producer: {
            postsPerSecond: rate("arrived"),
            requestsPerSecond: rate("putRequests"),
            arrived: now.arrived,
        },
        stream: {
            shards,
            recordsPerSecondMax: SHARD_WRITE_RECORDS_PER_SECOND,
            bytesPerSecondMax: SHARD_WRITE_BYTES_PER_SECOND,
            throttledPerSecond: shards.reduce((sum, shard) => sum + shard.throttledPerSecond, 0),
            waiting: Math.max(now.arrived - now.finished, 0),
            iteratorAgeMs: Math.max(0, ...shards.map(({ iteratorAgeMs }) => iteratorAgeMs)),
        },
        function: {
            invocationsPerSecond: rate("invocations"),
            running: now.running,
            recordsPerInvocation: last?.records,
            milliseconds: last?.milliseconds,
            errorsPerSecond: rate("invocationsFailed"),
            invocations: now.invocations,
            errors: now.invocationsFailed,
            partialFailures: now.partialFailures,
        },
        table: {
            items: now.items,
            itemsPerSecond: rate("written"),
            refusedPerSecond: rate("tableRequestsRefused"),
            latencyMs: {
                p50: percentile(before.latencies, now.latencies, 0.5),
                p99: percentile(before.latencies, now.latencies, 0.99),
            },
        },
        bucket: { objects: now.failedObjects, records: now.failedRecords },
    };
    return { ...shown, verdict: judge(shown, now, earlier) };
}

export function pointOf({ timeMs, producer, stream, table, function: called }: Figures): Point {
    const { p50 = null, p99 = null } = table.latencyMs;
    const rates = [producer.postsPerSecond, table.itemsPerSecond, stream.throttledPerSecond] as const;
    return [timeMs, ...rates, p50, p99, called.invocationsPerSecond];
}

/** Of the invocations that ended between two readings; undefined where none did. */
export function lastInvocations(now: InvocationCounts, before: InvocationCounts): LastInvocations | undefined {
    const invocations = now.invocations - before.invocations;
    if (invocations <= 0) return undefined;
    const records = (now.recordsInvoked - before.recordsInvoked) / invocations;
    return { records, milliseconds: (now.invocationMs - before.invocationMs) / invocations };
}

type InvocationCounts = Pick<Reading, "invocations" | "recordsInvoked" | "invocationMs">;

type CountName = {
    [Name in keyof Reading]: Reading[Name] extends number ? Name : never;
}[keyof Reading];

/** Open shards, and those closed ones that still have something to be read. */
function shardFigures(now: Reading, before: Reading, seconds: number): ShardFigures[] {
    const earlier = new Map(before.shards.map((shard) => [shard.shardId, shard]));
    return now.shards
        .filter(({ open, buffered, iteratorAgeMs = 0 }) => open || (buffered ?? 0) > 0 || iteratorAgeMs > 0)
        .map((shard) => {
            const since = (name: "records" | "bytes" | "throttled") =>
                (shard[name] - (earlier.get(shard.shardId)?.[name] ?? 0)) / seconds;
            const [recordsPerSecond, bytesPerSecond] = [since("records"), since("bytes")];
            return {
                shardId: shard.shardId,
                open: shard.open,
                recordsPerSecond,
                bytesPerSecond,
                throttledPerSecond: since("throttled"),
                load: Math.max(
                    recordsPerSecond / SHARD_WRITE_RECORDS_PER_SECOND,
                    bytesPerSecond / SHARD_WRITE_BYTES_PER_SECOND,
                ),
                iteratorAgeMs: shard.iteratorAgeMs ?? 0,
            };
        });
}
