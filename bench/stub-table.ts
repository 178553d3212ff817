/**
 * The script of a process that answers BatchWriteItem and PutItem as a table that stores everything does, each request after a
 * latency that is named in `process.argv[2]`, in milliseconds. It looks into the requests only as far as it is told to, so that
 * it does not hold up what is measured.
 */
import { answerMessages } from "./peer-process";
import { countOf, serveStub } from "./stub";

/** What the table does from now on. */
export interface TableRequest {
    /** Of so many puts, one is left unprocessed; undefined for none. */
    oneUnprocessedOf?: number;
    /** Counts the write units of what is stored. */
    countUnits?: boolean;
}

export interface TableReport {
    port: number;
    /** What has arrived since the message before. */
    requests: number;
    /** Puts that were not left unprocessed. */
    stored: number;
    /** One for each started KB of an item that was stored; 0 unless they are counted. */
    units: number;
}

type Attributes = Record<string, { S: string } | { N: string }>;
interface Put {
    PutRequest: { Item: Attributes };
}

const PUT = Buffer.from('"PutRequest"');
const EMPTY = Buffer.from("{}");
const ALL_PROCESSED = Buffer.from('{"UnprocessedItems":{}}');
const UNIT_BYTES = 1024;
/** What a number can take at most (DynamoDB item sizes and formats in the developer guide). */
const NUMBER_BYTES_MAX = 21;
let orders: TableRequest = {};
let counts = { requests: 0, stored: 0, units: 0 };
let puts = 0;

const listening = serveStub(Number(process.argv[2]), (target, body) => {
    counts.requests += 1;
    return target.endsWith(".BatchWriteItem") ? storeBatch(body) : storeOne(body);
});

answerMessages(async (message): Promise<TableReport> => {
    orders = message as TableRequest;
    const report = { port: await listening, ...counts };
    counts = { requests: 0, stored: 0, units: 0 };
    puts = 0;
    return report;
});

function storeBatch(body: Buffer): Buffer {
    const { oneUnprocessedOf = Infinity, countUnits = false } = orders;
    if (oneUnprocessedOf === Infinity && !countUnits) {
        counts.stored += countOf(PUT, body);
        return ALL_PROCESSED;
    }
    const { RequestItems } = JSON.parse(body.toString("utf8")) as { RequestItems: Record<string, Put[]> };
    const UnprocessedItems: Record<string, Put[]> = {};
    for (const [table, requests] of Object.entries(RequestItems)) {
        for (const put of requests) {
            puts += 1;
            if (puts % oneUnprocessedOf === 0) (UnprocessedItems[table] ??= []).push(put);
            else count(put.PutRequest.Item, countUnits);
        }
    }
    return Buffer.from(JSON.stringify({ UnprocessedItems }));
}

function storeOne(body: Buffer): Buffer {
    if (orders.countUnits === true) count((JSON.parse(body.toString("utf8")) as { Item: Attributes }).Item, true);
    else counts.stored += 1;
    return EMPTY;
}

function count(item: Attributes, countUnits: boolean): void {
    counts.stored += 1;
    if (countUnits) counts.units += unitsOf(item);
}

function unitsOf(item: Attributes): number {
    let bytes = 0;
    for (const [name, value] of Object.entries(item)) {
        bytes += Buffer.byteLength(name, "utf8");
        bytes += "S" in value ? Buffer.byteLength(value.S, "utf8") : NUMBER_BYTES_MAX;
    }
    return Math.ceil(bytes / UNIT_BYTES);
}
