/**
 * The script of a process that answers PutRecords and PutRecord as a stream that accepts everything does, each request after a
 * latency that is named in `process.argv[2]`, in milliseconds. It does as little as it can, so that it does not hold up what is
 * measured: it counts the records of a request without reading them, and gives answers that it has made before.
 */
import { answerMessages } from "./peer-process";
import { countOf, serveStub } from "./stub";

export interface StubReport {
    port: number;
    /** What has arrived since the report before. */
    requests: number;
    records: number;
}

const KEY = Buffer.from('"PartitionKey"');
const SHARDS = 4;
const answers = new Map<number, Buffer>();
const putRecordAnswer = Buffer.from(JSON.stringify(accepted(0)));
let arrived = { requests: 0, records: 0 };

const listening = serveStub(Number(process.argv[2]), (target, body) => {
    const records = countOf(KEY, body);
    arrived.requests += 1;
    arrived.records += records;
    return target.endsWith(".PutRecords") ? answerFor(records) : putRecordAnswer;
});

answerMessages(async () => {
    const report: StubReport = { port: await listening, ...arrived };
    arrived = { requests: 0, records: 0 };
    return report;
});

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
