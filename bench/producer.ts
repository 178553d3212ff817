import { REQUEST_RECORDS_MAX } from "../producer/batching";
import { formatCount } from "../commandline/numbers";
import { PeerProcess } from "./peer-process";
import { row, type BenchContext, type Row } from "./part";
import type { SideReport, SideRequest } from "./producer-side";
import { alternate, median } from "./rounds";
import type { StubReport } from "./stub-stream";

/** Of PutRecords from the same region, and of a stream that is near: the slower the stream, the less the client counts. */
const LATENCIES_MS = [10, 2];
const POSTS = 100_000;
/** One a round trip: this takes seconds. */
const POSTS_IN_SEQUENCE = 300;
/** Fills caches, compiles what is hot, opens connections. */
const POSTS_BEFORE = 40_000;
const POSTS_MANY = 1_000_000;

interface Measured extends SideReport {
    postsPerRequest: number;
}

/** How fast and at what cost the producer sends, beside the ways to send without it. */
export async function benchProducer(context: BenchContext): Promise<Row[]> {
    const rows: Row[] = [];
    for (const latencyMs of LATENCIES_MS) {
        context.say(`producer: to a stream that answers after ${latencyMs} ms ...`);
        rows.push(...(await atLatency(latencyMs, context)));
    }
    return rows;
}

async function atLatency(latencyMs: number, { rounds, say }: BenchContext): Promise<Row[]> {
    const stub = new PeerProcess("stub-stream.ts", [String(latencyMs)]);
    const sides: PeerProcess[] = [];
    try {
        const { port } = await stub.ask<StubReport>({});
        process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
        const open = (way: string): PeerProcess => {
            const side = new PeerProcess("producer-side.ts", [way]);
            sides.push(side);
            return side;
        };
        const measure = async (side: PeerProcess, request: SideRequest): Promise<Measured> => {
            await stub.ask({});
            const report = await side.ask<SideReport>(request);
            const { requests, records } = await stub.ask<StubReport>({});
            if (records !== request.posts) throw new Error(`${records} of ${request.posts} posts have arrived.`);
            return { ...report, postsPerRequest: records / requests };
        };
        const [producer, bare, sequence] = [open("producer"), open("bare"), open("sequence")];
        const equal: SideRequest = { posts: POSTS, from: "equal" };
        for (const side of [producer, bare]) await measure(side, { ...equal, posts: POSTS_BEFORE });
        await measure(sequence, { ...equal, posts: POSTS_IN_SEQUENCE / 10 });
        const [ours = [], limit = [], ofSamples = [], reference = []] = await alternate(rounds, [
            () => measure(producer, equal),
            () => measure(bare, equal),
            () => measure(producer, { ...equal, from: "sample" }),
            () => measure(sequence, { ...equal, posts: POSTS_IN_SEQUENCE }),
        ]);
        const rows = rowsOf(latencyMs, { ours, limit, ofSamples, reference });
        if (latencyMs !== LATENCIES_MS[0]) return rows;
        say(`producer: memory over ${formatCount(POSTS_MANY)} posts ...`);
        const fresh = open("producer");
        const few = await measure(fresh, { posts: POSTS_MANY / 10, from: "made" });
        return [...rows, ...memoryRows(few, await measure(fresh, { posts: POSTS_MANY, from: "made" }))];
    } finally {
        await Promise.all([stub, ...sides].map((peer) => peer.close()));
    }
}

interface Sides {
    ours: readonly Measured[];
    limit: readonly Measured[];
    ofSamples: readonly Measured[];
    reference: readonly Measured[];
}

function rowsOf(latencyMs: number, { ours, limit, ofSamples, reference }: Sides): Row[] {
    const of = (reports: readonly Measured[], key: keyof Measured) => median(reports.map((report) => report[key]));
    const where = `stream at ${latencyMs} ms`;
    const bare = "bare loop of ready requests";
    const rate = "postsPerSecond";
    return [
        row({
            name: `posts/s, ${where}, authors equally active`,
            measured: of(ours, rate),
            against: bare,
            other: of(limit, rate),
            ...(latencyMs === LATENCIES_MS[0] && { goal: { atLeast: 0.9 } }),
        }),
        row({
            name: `posts/s, ${where}, authors of the sample`,
            measured: of(ofSamples, rate),
            against: bare,
            other: of(limit, rate),
        }),
        row({
            name: `posts/s, ${where}, authors of the sample`,
            measured: of(ofSamples, rate),
            against: "one PutRecord a post, in sequence",
            other: of(reference, rate),
            goal: { atLeast: 20 },
        }),
        row({
            name: `requests per 1,000 posts, ${where}`,
            measured: 1000 / of(ours, "postsPerRequest"),
            against: `${REQUEST_RECORDS_MAX} posts a request`,
            other: 1000 / REQUEST_RECORDS_MAX,
        }),
        row({
            name: `CPU µs per post, ${where}`,
            measured: of(ours, "cpuPerPost"),
            against: bare,
            other: of(limit, "cpuPerPost"),
        }),
        row({
            name: `peak memory MB, ${where}`,
            measured: of(ours, "memoryPeak"),
            against: bare,
            other: of(limit, "memoryPeak"),
        }),
    ];
}

/** Whether memory grows with the posts that were sent. The peak grows somewhat, as garbage is collected when there is time. */
function memoryRows(few: Measured, many: Measured): Row[] {
    const after = formatCount(POSTS_MANY / 10);
    const name = (what: string) => `${what} MB after ${formatCount(POSTS_MANY)} posts more`;
    return [
        row({
            name: name("heap in use"),
            measured: many.heapInUse,
            against: `after ${after} posts`,
            other: few.heapInUse,
            goal: { atMost: 1.1 },
        }),
        row({
            name: name("peak memory"),
            measured: many.memoryPeak,
            against: `after ${after} posts`,
            other: few.memoryPeak,
        }),
    ];
}
