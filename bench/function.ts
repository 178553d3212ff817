import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { KinesisEvent } from "../consumer/delivery";
import { LambdaService } from "../local/lambda/service";
import { samplePosts } from "../producer/sources/sample";
import { encodeWireRecord } from "../wire-record";
import { functionFiles } from "./archive";
import { row, type BenchContext, type Row } from "./part";
import { PeerProcess } from "./peer-process";
import { alternate, median } from "./rounds";
import type { TableReport } from "./stub-table";

const SOURCES = join(__dirname, "..", "consumer");
const LATENCY_MS = 10;
const RECORDS = 25;
const MEMORY_SIZE_MB = 256;
const TABLE = "bench-EventData";
const ACCOUNT = "123456789012";
const REGION = "us-east-1";
/** In the line with which Lambda ends an invocation's log. */
const MEMORY_USED = /Max Memory Used: (\d+) MB/;

/** Imports what the function imports and makes the client that it makes; writes items that are ready, if there are any. */
const BARE = `
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { BatchWriteCommand, DynamoDBDocumentClient } = require("@aws-sdk/lib-dynamodb");
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
exports.handler = async ({ RequestItems }) => {
    if (RequestItems !== undefined) await client.send(new BatchWriteCommand({ RequestItems }));
};`;

interface ColdStart {
    /** From the start of the process to the answer to its first invocation. */
    milliseconds: number;
    memoryMb: number;
}

/** What starting the function takes, beside a function that does no more than import the same clients. */
export async function benchFunction({ rounds, say }: BenchContext): Promise<Row[]> {
    say("function: cold starts ...");
    const table = new PeerProcess("stub-table.ts", [String(LATENCY_MS)]);
    const lambda = new LambdaService();
    try {
        const { port } = await table.ask<TableReport>({});
        const endpointUrl = `http://127.0.0.1:${port}`;
        const ours = { files: await functionFiles(), handler: "__index.handler" };
        const bare = { files: { "index.js": BARE }, handler: "index.handler" };
        const event = eventOf(RECORDS);
        const itemsReady = { RequestItems: { [TABLE]: readyPuts(RECORDS) } };
        const start = (code: Code, payload: object) => () => coldStart(lambda, endpointUrl, code, payload);
        // What is on the disk is in memory from now on.
        for (const code of [ours, bare]) await start(code, { Records: [] })();
        const [empty = [], imported = [], first = [], written = []] = await alternate(rounds, [
            start(ours, { Records: [] }),
            start(bare, {}),
            start(ours, event),
            start(bare, itemsReady),
        ]);
        const of = (starts: readonly ColdStart[], key: keyof ColdStart) => median(starts.map((each) => each[key]));
        const archiveKb = bytesOf(Object.values(ours.files)) / 1024;
        return [
            row({
                name: "cold start ms, an empty batch",
                measured: of(empty, "milliseconds"),
                against: "bare import of the same clients",
                other: of(imported, "milliseconds"),
                goal: { atMost: 1.2 },
            }),
            row({
                name: `cold start ms, ${RECORDS} records`,
                measured: of(first, "milliseconds"),
                against: "bare import, one request of ready items",
                other: of(written, "milliseconds"),
            }),
            row({
                name: `memory MB after ${RECORDS} records`,
                measured: of(first, "memoryMb"),
                against: "bare import, one request of ready items",
                other: of(written, "memoryMb"),
            }),
            row({
                name: "archive KB",
                measured: archiveKb,
                against: "TypeScript of consumer/",
                other: (await bytesOfFolder(SOURCES)) / 1024,
            }),
        ];
    } finally {
        await Promise.all([lambda.close(), table.close()]);
    }
}

interface Code {
    readonly files: Readonly<Record<string, string>>;
    readonly handler: string;
}

/** Makes the function anew, so that no process of it is there yet. */
async function coldStart(lambda: LambdaService, endpointUrl: string, code: Code, payload: object): Promise<ColdStart> {
    const functionName = "bench";
    await lambda.createFunction({
        ...code,
        functionName,
        functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`,
        runtime: "nodejs24.x",
        memorySizeMb: MEMORY_SIZE_MB,
        timeoutSeconds: 60,
        environment: { EVENT_DATA_TABLE: TABLE, FAILED_EVENTS_BUCKET: "bench-failed-events" },
        region: REGION,
        roleArn: `arn:aws:iam::${ACCOUNT}:role/bench`,
        credentials: () => ({ accessKeyId: "ASIAEXAMPLEEXAMPLE00", secretAccessKey: "secret", sessionToken: "token" }),
        endpointUrl,
        logGroupName: `/aws/lambda/${functionName}`,
    });
    try {
        const startedAt = performance.now();
        const { functionError, payload: answer } = await lambda.invoke(functionName, JSON.stringify(payload));
        const milliseconds = performance.now() - startedAt;
        if (functionError !== undefined) throw new Error(`The function failed: ${answer}`);
        const log = lambda.logs(functionName).map(({ message }) => message);
        const [, memoryMb] = MEMORY_USED.exec(log.join("\n")) ?? [];
        if (memoryMb === undefined) throw new Error("The log does not say how much memory was used.");
        return { milliseconds, memoryMb: Number(memoryMb) };
    } finally {
        await lambda.deleteFunction(functionName);
    }
}

function eventOf(count: number): KinesisEvent {
    const Records = postsOf(count).map((post, index) => {
        const sequenceNumber = `49600000000000000000000000${String(index).padStart(30, "0")}`;
        return {
            eventID: `shardId-000000000000:${sequenceNumber}`,
            eventSourceARN: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/posts`,
            kinesis: {
                data: Buffer.from(encodeWireRecord(post)).toString("base64"),
                sequenceNumber,
                partitionKey: post.username,
                approximateArrivalTimestamp: Date.now() / 1000,
            },
        };
    });
    return { Records };
}

function readyPuts(count: number): object[] {
    return postsOf(count).map(({ username, id, timestamp, message }) => ({
        PutRequest: { Item: { Username: username, Id: id, Timestamp: timestamp, Message: message } },
    }));
}

function postsOf(count: number) {
    return Array.from(samplePosts({ seed: 1, count, now: () => new Date() }));
}

function bytesOf(texts: readonly string[]): number {
    return texts.reduce((sum, text) => sum + Buffer.byteLength(text, "utf8"), 0);
}

async function bytesOfFolder(folder: string): Promise<number> {
    const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
