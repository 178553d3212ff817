import { formatAmount } from "../../commandline/numbers";
import { FAILED_BATCH_PREFIX, QUARANTINE_PREFIX } from "../failed-events";
import type { StoredObject } from "../s3/service";
import { cutText } from "./items";

/** One record that could not be stored. */
export interface FailedRecord {
    /** Why it alone is here; "" where the object as a whole says why. */
    readonly reason: string;
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    /** The payload as text; what is not UTF-8 is shown in hexadecimal. */
    readonly payload: string;
    readonly isText: boolean;
    readonly bytes: number;
    /** True if there is more of the payload than is shown. */
    readonly cut: boolean;
}

/** An object of the failed-events bucket as the page shows it. */
export interface ShownFailedEvent {
    readonly key: string;
    readonly reason: string;
    readonly facts: readonly (readonly [name: string, value: string])[];
    readonly records: readonly FailedRecord[];
    /** How many it holds; no more than RECORDS_SHOWN_MAX are shown at once. */
    readonly recordsTotal: number;
    /** The object as it is, cut, where it has no records that could be shown. */
    readonly content: string | undefined;
}

export const RECORDS_SHOWN_MAX = 50;
export const REASONS_SHOWN_MAX = 5;
export const PAYLOAD_CHARACTERS_MAX = 4_000;
const CONTENT_CHARACTERS_MAX = 20_000;

interface RecordSource {
    readonly reason: string;
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    /** Base64. */
    readonly data: string;
}

/**
 * Reads an object for people. One that is not as expected is shown as it is.
 * @param skipped how many of its records come before those that are shown
 */
export function showFailedEvent({ key, body, lastModified }: StoredObject, skipped = 0): ShownFailedEvent {
    const facts: [string, string][] = [["Written", lastModified.toISOString()]];
    try {
        if (key.startsWith(QUARANTINE_PREFIX)) return quarantined(key, body, facts, skipped);
        if (key.startsWith(FAILED_BATCH_PREFIX)) return failedBatch(key, body, facts, skipped);
    } catch (error) {
        // Shown as it is, below: somebody else may have put it there.
        facts.push(["Not understood", (error as Error).message]);
    }
    const content = cutText(body.toString("utf8"), CONTENT_CHARACTERS_MAX);
    return { key, reason: "An object that is no failed event", facts, records: [], recordsTotal: 0, content };
}

function quarantined(key: string, body: Buffer, facts: [string, string][], skipped: number): ShownFailedEvent {
    const lines = body
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => readRecord(JSON.parse(line) as Record<string, unknown>, "data"));
    const reasons = new Map<string, number>();
    for (const { reason } of lines) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return event(key, `Can never be stored: ${listReasons(reasons)}`, facts, lines, skipped);
}

/** Each record has its own beside it: these are the first kinds of them. */
function listReasons(counts: ReadonlyMap<string, number>): string {
    const kinds = Array.from(counts, ([reason, count]) => (count === 1 ? reason : `${reason} (${count} times)`));
    const others = kinds.length - REASONS_SHOWN_MAX;
    if (others > 0) kinds.splice(REASONS_SHOWN_MAX, others, `and ${formatAmount(others, "other reason")}`);
    return kinds.join("; ");
}

function failedBatch(key: string, body: Buffer, facts: [string, string][], skipped: number): ShownFailedEvent {
    const batch = asObject(JSON.parse(body.toString("utf8")));
    const [request, response, info] = [batch.requestContext, batch.responseContext, batch.KinesisBatchInfo].map(
        asObject,
    );
    facts.push(
        ["Invocations", text(request?.approximateInvokeCount)],
        ["Function error", text(response?.functionError)],
        ["Request", text(request?.requestId)],
        ["Shard", text(info?.shardId)],
        ["First record arrived", text(info?.approximateArrivalOfFirstRecord)],
        ["Last record arrived", text(info?.approximateArrivalOfLastRecord)],
    );
    const reason = CONDITIONS[text(request?.condition)] ?? `Given up by Lambda: ${text(request?.condition)}`;
    if (typeof batch.payload !== "string") {
        const content = cutText(JSON.stringify(batch, null, 2), CONTENT_CHARACTERS_MAX);
        return { key, reason, facts: known(facts), records: [], recordsTotal: Number(info?.batchSize ?? 0), content };
    }
    const records = asObject(JSON.parse(batch.payload)).Records as unknown[];
    return event(
        key,
        reason,
        known(facts),
        records.map((record) => readRecord(asObject(asObject(record).kinesis), "data")),
        skipped,
    );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html */
const CONDITIONS: Readonly<Record<string, string>> = {
    RetryAttemptsExhausted: "Given up by Lambda: the function failed at every attempt",
    RecordAgeExceeded: "Given up by Lambda: the records had become too old",
};

function event(
    key: string,
    reason: string,
    facts: readonly (readonly [string, string])[],
    records: readonly RecordSource[],
    skipped: number,
): ShownFailedEvent {
    const shown = records.slice(skipped, skipped + RECORDS_SHOWN_MAX).map(showRecord);
    return { key, reason, facts, records: shown, recordsTotal: records.length, content: undefined };
}

function readRecord(record: Record<string, unknown>, dataName: string): RecordSource {
    const data = record[dataName];
    if (typeof data !== "string") throw new Error(`Expected a record to have \`${dataName}\`, in base64`);
    const [reason, partitionKey, sequenceNumber] = [record.reason, record.partitionKey, record.sequenceNumber].map(
        text,
    );
    return { reason: reason ?? "", partitionKey: partitionKey ?? "", sequenceNumber: sequenceNumber ?? "", data };
}

function showRecord({ data, ...record }: RecordSource): FailedRecord {
    const bytes = Buffer.from(data, "base64");
    const { payload, isText } = readPayload(bytes);
    const cut = payload.length > PAYLOAD_CHARACTERS_MAX;
    return { ...record, payload: cutText(payload, PAYLOAD_CHARACTERS_MAX), isText, bytes: bytes.length, cut };
}

function readPayload(bytes: Buffer): { payload: string; isText: boolean } {
    try {
        return { payload: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), isText: true };
    } catch {
        // Not UTF-8, which may be the very reason why it is here.
        const hexadecimal = bytes.subarray(0, PAYLOAD_CHARACTERS_MAX).toString("hex");
        return { payload: hexadecimal.replace(/(..)(?=.)/g, "$1 "), isText: false };
    }
}

function known(facts: readonly [string, string][]): [string, string][] {
    return facts.filter(([, value]) => value !== "");
}

function asObject(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
