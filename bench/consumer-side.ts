/**
 * The script of a process that brings batches of records to the table at AWS_ENDPOINT_URL in one way; `process.argv[2]` says in
 * which:
 *
 * - `function`: the function's archive, from the folder `process.argv[3]`;
 * - `batches`: requests of 25 items, the next when the one before is answered, as the reference architecture's function does;
 * - `items`: one PutItem a record, the next when the one before is answered;
 * - `trip`: one request of 25 items that are ready: one round trip, which nothing can be quicker than.
 */
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { KinesisEvent } from "../consumer/delivery";
import type { BatchResponse, InvocationContext } from "../consumer/handler";
import { samplePosts } from "../producer/sources/sample";
import { encodeWireRecord, type WireRecord } from "../wire-record";
import { answerMessages } from "./peer-process";

export interface InvocationRequest {
    records: number;
    /** One after the other, with the same records. */
    invocations: number;
}

export interface InvocationReport {
    /** Of one invocation. */
    milliseconds: number;
    /** Of this process, in one invocation. */
    cpuMilliseconds: number;
}

const RECORDS_MAX = 2_000;
const BATCH_ITEMS = 25;
const TIME_LIMIT_MS = 60_000;
const TABLE = "bench-EventData";
// What Lambda gives to the function.
Object.assign(process.env, {
    EVENT_DATA_TABLE: TABLE,
    FAILED_EVENTS_BUCKET: "bench-failed-events",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLEEXAMPLE00",
    AWS_SECRET_ACCESS_KEY: "0123456789012345678901234567890123456789",
});

const records = Array.from(samplePosts({ seed: 1, count: RECORDS_MAX, now: () => new Date() }), (post, index) => ({
    eventID: `shardId-000000000000:${sequenceNumber(index)}`,
    eventSourceARN: "arn:aws:kinesis:us-east-1:123456789012:stream/posts",
    kinesis: {
        data: Buffer.from(encodeWireRecord(post)).toString("base64"),
        sequenceNumber: sequenceNumber(index),
        partitionKey: post.username,
        approximateArrivalTimestamp: Date.now() / 1000,
    },
}));
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const readyItems = itemsOf(records.slice(0, BATCH_ITEMS));

const ways: Record<string, () => (event: KinesisEvent) => Promise<void>> = {
    function: () => runFunction(String(process.argv[3])),
    batches: () => writeBatches,
    items: () => writeItems,
    trip: () => () => writeBatch(readyItems),
};
const way = ways[process.argv[2] ?? ""];
if (way === undefined) throw new TypeError(`Expected one of ${Object.keys(ways).join(", ")}.`);
const invoke = way();

answerMessages(async (message): Promise<InvocationReport> => {
    const { records: count, invocations } = message as InvocationRequest;
    const event = { Records: records.slice(0, count) };
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    for (let invocation = 0; invocation < invocations; invocation += 1) await invoke(event);
    const milliseconds = (performance.now() - startedAt) / invocations;
    const { user, system } = process.cpuUsage(cpu);
    return { milliseconds, cpuMilliseconds: (user + system) / 1000 / invocations };
});

function runFunction(folder: string): (event: KinesisEvent) => Promise<void> {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as Lambda's runtime loads it
    const { handler } = require(join(folder, "__index.js")) as {
        handler: (event: KinesisEvent, context: InvocationContext) => Promise<BatchResponse>;
    };
    return async (event) => {
        const startedAt = performance.now();
        const { batchItemFailures } = await handler(event, {
            awsRequestId: "00000000-0000-4000-8000-000000000000",
            functionName: "bench-DDBEventProcessor",
            getRemainingTimeInMillis: () => TIME_LIMIT_MS - (performance.now() - startedAt),
        });
        if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} records were not stored.`);
    };
}

async function writeBatches({ Records }: KinesisEvent): Promise<void> {
    for (let start = 0; start < Records.length; start += BATCH_ITEMS) {
        await writeBatch(itemsOf(Records.slice(start, start + BATCH_ITEMS)));
    }
}

/** What is left unprocessed is sent again at once. */
async function writeBatch(items: readonly object[]): Promise<void> {
    let RequestItems: Record<string, object[]> = { [TABLE]: items.map((Item) => ({ PutRequest: { Item } })) };
    while (Object.keys(RequestItems).length > 0) {
        const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems }));
        RequestItems = UnprocessedItems;
    }
}

async function writeItems({ Records }: KinesisEvent): Promise<void> {
    for (const Item of itemsOf(Records)) await client.send(new PutCommand({ TableName: TABLE, Item }));
}

/** The items of the reference architecture: what the key is made of, time and text. */
function itemsOf(from: KinesisEvent["Records"]): object[] {
    return from.map(({ kinesis }) => {
        const post = JSON.parse(Buffer.from(kinesis.data, "base64").toString("utf8")) as WireRecord;
        return { Username: post.username, Id: post.id, Timestamp: post.timestamp, Message: post.message };
    });
}

function sequenceNumber(index: number): string {
    return `49600000000000000000000000${String(index).padStart(30, "0")}`;
}
