/**
 * The script of a process that answers PutRecords and PutRecord as a stream that accepts everything does, each request after a
 * latency that is named in `process.argv[2]`, in milliseconds. It does as little as it can, so that it does not hold up what is
 * measured: it counts the records of a request without reading them, and gives answers that it has made before.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerMessages } from "./peer-process";

export interface StubReport {
    port: number;
    /** What has arrived since the report before. */
    requests: number;
    records: number;
}

const KEY = Buffer.from('"PartitionKey"');
const SHARDS = 4;
const latencyMs = Number(process.argv[2]);
const answers = new Map<number, Buffer>();
const putRecordAnswer = Buffer.from(JSON.stringify(accepted(0)));
let arrived = { requests: 0, records: 0 };

const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
});
// Connections are kept while other sides are measured.
server.keepAliveTimeout = 600_000;
const listening = once(server.listen(0, "127.0.0.1"), "listening");

answerMessages(async () => {
    await listening;
    const report: StubReport = { port: (server.address() as AddressInfo).port, ...arrived };
    arrived = { requests: 0, records: 0 };
    return report;
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isBatch = String(request.headers["x-amz-target"]).endsWith(".PutRecords");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const records = countOf(KEY, Buffer.concat(chunks));
    arrived.requests += 1;
    arrived.records += records;
    const answer = isBatch ? answerFor(records) : putRecordAnswer;
    setTimeout(() => {
        response.writeHead(200, {
            "content-type": "application/x-amz-json-1.1",
            "content-length": answer.length,
            "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
        });
        response.end(answer);
    }, latencyMs);
}

function countOf(text: Buffer, body: Buffer): number {
    let count = 0;
    for (let at = body.indexOf(text); at !== -1; at = body.indexOf(text, at + text.length)) count += 1;
    return count;
}

function answerFor(records: number): Buffer {
    const made = answers.get(records);
    if (made !== undefined) return made;
    const results = Array.from({ length: records }, (_, index) => accepted(index));
    const answer = Buffer.from(JSON.stringify({ FailedRecordCount: 0, Records: results }));
    answers.set(records, answer);
    return answer;
}

function accepted(index: number): object {
    return {
        SequenceNumber: `49600000000000000000000000${String(index).padStart(30, "0")}`,
        ShardId: `shardId-${String(index % SHARDS).padStart(12, "0")}`,
    };
}
