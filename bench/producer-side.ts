/**
 * The script of a process that sends posts in one way, to the endpoint in AWS_ENDPOINT_URL; `process.argv[2]` says in which:
 *
 * - `producer`: the pipeline of `npm run producer`, from posts as a source gives them;
 * - `bare`: requests of 500 records that are ready, through the SDK, as many in flight as the producer has: what is left when
 *   nothing is to be decided, encoded or kept in order;
 * - `sequence`: one PutRecord a post, the next when the one before is answered.
 */
import { KinesisClient, PutRecordCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Account } from "../producer/account";
import { REQUEST_RECORDS_MAX } from "../producer/batching";
import { outgoingPosts } from "../producer/posts";
import { REQUESTS_IN_FLIGHT_MAX, sendAll } from "../producer/sender";
import { samplePosts } from "../producer/sources/sample";
import { openStream } from "../producer/stream";
import { surroundings } from "../producer/surroundings";
import { encodeWireRecord, type WireRecord } from "../wire-record";
import { answerMessages } from "./peer-process";

export interface SideRequest {
    posts: number;
    /**
     * `equal`: ready posts, whose authors write one after the other; `sample`: ready posts of the sample source, where some write
     * a lot; `made`: the same, and made up while they are sent.
     */
    from: "equal" | "sample" | "made";
}

export interface SideReport {
    postsPerSecond: number;
    /** Of this process, in microseconds. */
    cpuPerPost: number;
    /** The most memory that this process has had since its start, in MB. */
    memoryPeak: number;
    /** What of the JavaScript heap is still in use when all is sent, in MB. */
    heapInUse: number;
}

/** Posts that are made beforehand, and sent again and again: what it takes to make them up is not measured. */
const POSTS_READY = 20_000;
/** As the sample source has it. */
const CHUNK_POSTS = 250;
const STREAM = "posts";
const target = {
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAEXAMPLEEXAMPLE00", secretAccessKey: "0123456789012345678901234567890123456789" },
};

const ways: Record<string, (request: SideRequest) => Promise<void>> = { producer, bare, sequence };
const send = ways[process.argv[2] ?? ""];
if (send === undefined) throw new TypeError(`Expected one of ${Object.keys(ways).join(", ")}.`);

const ready: Record<"equal" | "sample", WireRecord[]> = { equal: [], sample: [] };
const samples = samplePosts({ seed: 1, count: POSTS_READY, now: () => new Date() });
for (const [index, post] of Array.from(samples).entries()) {
    ready.sample.push(post);
    ready.equal.push({ ...post, username: `${post.username}_${index}` });
}
const client = new KinesisClient({
    ...target,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: REQUESTS_IN_FLIGHT_MAX } }),
});
const stream = openStream({ streamName: STREAM, ...target });
const requests = Array.from({ length: POSTS_READY / REQUEST_RECORDS_MAX }, (_, index) =>
    ready.sample
        .slice(index * REQUEST_RECORDS_MAX, (index + 1) * REQUEST_RECORDS_MAX)
        .map((post) => ({ PartitionKey: post.username, Data: encodeWireRecord(post) })),
);

answerMessages(async (message): Promise<SideReport> => {
    const request = message as SideRequest;
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    await send(request);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - startedAt) / 1000;
    return {
        postsPerSecond: request.posts / seconds,
        cpuPerPost: (user + system) / request.posts,
        memoryPeak: process.resourceUsage().maxRSS / 1024,
        heapInUse: heapInUse(),
    };
});

function heapInUse(): number {
    // The processes of a benchmark are started with --expose-gc.
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1024 / 1024;
}

async function producer({ posts, from }: SideRequest): Promise<void> {
    const account = new Account();
    const unexpected = (what: unknown) => {
        throw new Error(`The stub refused something: ${JSON.stringify(what)}`);
    };
    await sendAll({
        chunks: outgoingPosts({ chunks: from === "made" ? madePosts(posts) : readyPosts(posts, ready[from]) }, account),
        putRecords: stream.putRecords,
        account,
        surroundings,
        abort: new AbortController().signal,
        stopSource: () => undefined,
        onRefused: unexpected,
        onTrouble: unexpected,
    });
    if (account.sent !== posts) throw new Error(`${account.sent} of ${posts} posts were sent.`);
}

async function* readyPosts(count: number, from: readonly WireRecord[]): AsyncGenerator<WireRecord[]> {
    for (let sent = 0; sent < count; sent += CHUNK_POSTS) {
        const start = sent % POSTS_READY;
        yield from.slice(start, start + Math.min(CHUNK_POSTS, count - sent));
    }
}

async function* madePosts(count: number): AsyncGenerator<WireRecord[]> {
    let chunk: WireRecord[] = [];
    for (const post of samplePosts({ seed: 2, count, now: () => new Date() })) {
        if (chunk.push(post) < CHUNK_POSTS) continue;
        yield chunk;
        chunk = [];
    }
    yield chunk;
}

async function bare({ posts }: SideRequest): Promise<void> {
    let sent = 0;
    const lane = async () => {
        while (sent < posts) {
            const Records = requests[(sent / REQUEST_RECORDS_MAX) % requests.length];
            sent += REQUEST_RECORDS_MAX;
            await client.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
        }
    };
    await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT_MAX }, lane));
}

async function sequence({ posts }: SideRequest): Promise<void> {
    for (let sent = 0; sent < posts; sent += 1) {
        const post = ready.sample[sent % POSTS_READY];
        if (post === undefined) throw new RangeError("There is no such post.");
        const record = { StreamName: STREAM, PartitionKey: post.username, Data: encodeWireRecord(post) };
        await client.send(new PutRecordCommand(record));
    }
}
