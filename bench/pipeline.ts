import { formatCount } from "../commandline/numbers";
import { READ_INTERVAL_MS } from "../local/event-source-mapping/shard-consumer";
import { RECORD_AGE_MS_MAX } from "../producer/batching";
import { costPerMillionPosts, type Conditions } from "./cost";
import { row, type BenchContext, type Row } from "./part";
import { PeerProcess } from "./peer-process";
import type { PipelineReport, PipelineRequest } from "./pipeline-side";
import { alternate, median } from "./rounds";

/** Posts per second, each for so many seconds, to a stream with room for them. */
const RATES = [100, 1_000, 5_000];
const SECONDS = 10;
const SHARDS_WITH_ROOM = 8;
/** A shard takes so many posts per second. */
const SHARD_POSTS_PER_SECOND = 1_000;
const SHARDS = [1, 2, 4, 8];
/** What the goal is asked of: more than two cores can fill. */
const SHARDS_MANY = 16;
const GOAL_POSTS_PER_SECOND = 8_000;
const OUTAGE = { afterSeconds: 3, seconds: 10 };
const OUTAGE_POSTS_PER_SHARD_SECOND = 250;
const OUTAGE_RUN_SECONDS = 20;
const GOAL_P99_MS = 500;
const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99 };
const GOAL_WATCHED = 0.95;
/** The reference architecture's event source mapping, and what its function gets of processors. */
const REFERENCE_BATCH_SIZE = 25;
const MEMORY_MB = 256;

/** The whole pipeline on the embedded cloud: rate and latency, what it makes of an outage, and what it would cost on AWS. */
export async function benchPipeline(context: BenchContext): Promise<Row[]> {
    return [
        ...(await atRates(context)),
        ...(await atFullSpeed(context)),
        await watched(context),
        ...(await afterOutage(context)),
    ];
}

async function atRates({ rounds, say }: BenchContext): Promise<Row[]> {
    const rows: Row[] = [];
    for (const rate of RATES) {
        say(`pipeline: ${formatCount(rate)} posts/s ...`);
        const [reports = []] = await alternate(rounds, [
            () => run({ shards: SHARDS_WITH_ROOM, posts: rate * SECONDS, rate }),
        ]);
        const at = `at ${formatCount(rate)} posts/s`;
        rows.push(row({ name: `posts/s ${at}`, measured: rateOf(reports), against: "what is sent", other: rate }));
        rows.push(...latencyRows(at, reports, rate === 1_000 ? GOAL_P99_MS : undefined));
    }
    return rows;
}

function latencyRows(at: string, reports: readonly PipelineReport[], p99MsMax?: number): Row[] {
    return (["p50", "p95", "p99"] as const).map((share) => {
        const other = waitMs(SHARES[share]);
        return row({
            name: `latency ${share} ms ${at}`,
            measured: median(reports.map(({ latencyMs }) => latencyMs[share])),
            against: "waits for a request and a read",
            other,
            ...(share === "p99" && p99MsMax !== undefined && { goal: { atMost: p99MsMax / other } }),
        });
    });
}

/**
 * How long a post waits at least, if nothing takes any time: up to `RECORD_AGE_MS_MAX` for others to share its request, and up to
 * `READ_INTERVAL_MS` for the next read of its shard, as a shard gives five reads a second.
 * @param share of the posts that wait no longer, 0.5 or more
 */
export function waitMs(share: number): number {
    const [short, long] = [RECORD_AGE_MS_MAX, READ_INTERVAL_MS].sort((a, b) => a - b) as [number, number];
    // The sum of two even distributions.
    const tail = 1 - share;
    const inCorner = short / 2 / long;
    return tail <= inCorner ? short + long - Math.sqrt(2 * tail * short * long) : short / 2 + long * share;
}

async function atFullSpeed({ rounds, say }: BenchContext): Promise<Row[]> {
    say("pipeline: at full speed ...");
    const shardNumbers = [...SHARDS, SHARDS_MANY];
    const results = await alternate(
        rounds,
        shardNumbers.map((shards) => () => run({ shards, posts: shards * SHARD_POSTS_PER_SECOND * SECONDS })),
    );
    return results.flatMap((reports, index) => {
        const shards = shardNumbers[index] ?? NaN;
        const measured = rateOf(reports);
        const at = `at full speed, ${formatCount(shards)} ${shards === 1 ? "shard" : "shards"}`;
        const name = `posts/s ${at}`;
        const rows = [
            row({ name, measured, against: "what the shards take", other: shards * SHARD_POSTS_PER_SECOND }),
            ...latencyRows(at, reports),
        ];
        if (shards !== SHARDS_MANY) return rows;
        const goal = { atLeast: 1 };
        return [...rows, row({ name, measured, against: "the goal", other: GOAL_POSTS_PER_SECOND, goal })];
    });
}

async function watched({ rounds, say }: BenchContext): Promise<Row> {
    say("pipeline: with the page ...");
    const request = { shards: SHARDS_WITH_ROOM, posts: SHARDS_WITH_ROOM * SHARD_POSTS_PER_SECOND * SECONDS };
    const [seen = [], unseen = []] = await alternate(rounds, [
        () => run({ ...request, isWatched: true }),
        () => run(request),
    ]);
    return row({
        name: `posts/s, ${SHARDS_WITH_ROOM} shards, a browser watches the page`,
        measured: rateOf(seen),
        against: "no page",
        other: rateOf(unseen),
        goal: { atLeast: GOAL_WATCHED },
    });
}

async function afterOutage({ rounds, say }: BenchContext): Promise<Row[]> {
    say(`pipeline: the table is out of order for ${OUTAGE.seconds} s ...`);
    const results = await alternate(
        rounds,
        SHARDS.map((shards) => () => {
            const rate = shards * OUTAGE_POSTS_PER_SHARD_SECOND;
            return run({ shards, rate, posts: rate * OUTAGE_RUN_SECONDS, outage: OUTAGE });
        }),
    );
    return results.map((reports, index) => {
        const shards = SHARDS[index] ?? NaN;
        const rate = formatCount(shards * OUTAGE_POSTS_PER_SHARD_SECOND);
        return row({
            name: `recovery s, ${shards} ${shards === 1 ? "shard" : "shards"}, ${rate} posts/s`,
            measured: median(reports.map(({ recoverySeconds }) => recoverySeconds)),
            against: "the outage of the table",
            other: OUTAGE.seconds,
        });
    });
}

/** What a million posts cost at list price, of the requests that are counted here. */
export async function benchCost({ rounds, say }: BenchContext): Promise<Row[]> {
    const rows: Row[] = [];
    for (const { rate, shards } of [
        { rate: 50, shards: 1 },
        { rate: 1_000, shards: 2 },
    ]) {
        say(`cost: ${formatCount(rate)} posts/s ...`);
        const request = { shards, rate, posts: rate * SECONDS };
        const [ours = [], reference = []] = await alternate(rounds, [
            () => run(request),
            () => run({ ...request, batchSize: REFERENCE_BATCH_SIZE }),
        ]);
        const at = { shards, postsPerSecond: rate, memoryMb: MEMORY_MB };
        const cost = (reports: readonly PipelineReport[], conditions: Conditions) =>
            median(reports.map(({ counts }) => costPerMillionPosts(counts, conditions)));
        rows.push(
            row({
                name: `$ per million posts at ${formatCount(rate)} posts/s, ${shards} ${shards === 1 ? "shard" : "shards"}`,
                measured: cost(ours, { ...at, architecture: "arm64" }),
                against: `batches of ${REFERENCE_BATCH_SIZE} on x86, as the reference`,
                other: cost(reference, { ...at, architecture: "x86_64" }),
            }),
        );
    }
    return rows;
}

/** In a process of its own, so that each run begins with nothing. */
async function run(request: PipelineRequest): Promise<PipelineReport> {
    const side = new PeerProcess("pipeline-side.ts", []);
    try {
        return await side.ask<PipelineReport>(request);
    } finally {
        await side.close();
    }
}

function rateOf(reports: readonly PipelineReport[]): number {
    return median(reports.map(({ postsPerSecond }) => postsPerSecond));
}
