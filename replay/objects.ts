import { disaggregate } from "../consumer/aggregation";
import { Unreadable, type FailedRecord } from "./failed-record";

/** The folders of the failed-events bucket: what the function put there, and what Lambda did. */
export const FOLDERS = { quarantine: "quarantine/", aws: "aws/lambda/" } as const;

export type Origin = keyof typeof FOLDERS;

/**
 * Reads an object under `quarantine/`: a line of JSON for each record (consumer/quarantine.ts).
 * @throws Unreadable that names the line
 */
export function readQuarantineObject(bytes: Uint8Array): FailedRecord[] {
    const lines = textOf(bytes)
        .split("\n")
        .filter((line) => line !== "");
    if (lines.length === 0) throw new Unreadable("it is empty");
    return lines.map((line, index) => {
        const where = `line ${index + 1}`;
        const { approximateArrivalTime, subSequenceNumber, ...fields } = parseObject(line, where);
        const arrivalMs = typeof approximateArrivalTime === "string" ? Date.parse(approximateArrivalTime) : Number.NaN;
        return checkedRecord({ ...fields, subSequenceNumber, arrivalMs }, where);
    });
}

/**
 * Reads an object under `aws/lambda/`: what Lambda knows of a batch that it gave up, with the event that the function did not
 * settle as text in `payload` (Lambda developer guide, on-failure destinations). What the Kinesis Producer Library packed into
 * one record is unpacked, as the function does: then a record of it that is in the quarantine as well is known to be the same.
 * @throws Unreadable
 */
export function readAwsObject(bytes: Uint8Array): FailedRecord[] {
    const { requestContext, payload } = parseObject(textOf(bytes), "it");
    if (typeof payload !== "string") throw new Unreadable("it has no `payload` with the records");
    const { Records } = parseObject(payload, "`payload`");
    if (!Array.isArray(Records) || Records.length === 0) throw new Unreadable("`payload` has no records");
    const reason = reasonOf(requestContext);
    return Records.flatMap((value: unknown, index) => {
        const where = `record ${index}`;
        const { approximateArrivalTimestamp, ...fields } = asObject(asObject(value, where).kinesis, where);
        const arrivalMs =
            typeof approximateArrivalTimestamp === "number" ? approximateArrivalTimestamp * 1000 : Number.NaN;
        return unpacked(checkedRecord({ ...fields, reason, arrivalMs }, where));
    });
}

/** Why Lambda gave a batch up, from the part of its record that says so. */
export function reasonOf(requestContext: unknown): string {
    const { condition } = (requestContext ?? {}) as { condition?: unknown };
    return typeof condition === "string" ? `given up: ${condition}` : "given up";
}

/** The records that the Kinesis Producer Library packed into this one, or itself. */
export function unpacked(record: FailedRecord): FailedRecord[] {
    const parts = disaggregate(record.data);
    return parts === undefined
        ? [record]
        : parts.map((part, subSequenceNumber) => ({ ...record, ...part, subSequenceNumber }));
}

interface Fields {
    readonly reason?: unknown;
    readonly sequenceNumber?: unknown;
    readonly subSequenceNumber?: unknown;
    readonly partitionKey?: unknown;
    readonly arrivalMs: number;
    /** base64 */
    readonly data?: unknown;
}

function checkedRecord(fields: Fields, where: string): FailedRecord {
    const { reason, sequenceNumber, subSequenceNumber = 0, partitionKey, arrivalMs, data } = fields;
    if (typeof sequenceNumber !== "string" || !/^\d{1,129}$/.test(sequenceNumber)) {
        throw new Unreadable(`${where} has no sequence number`);
    }
    if (typeof partitionKey !== "string") throw new Unreadable(`${where} has no partition key`);
    if (typeof subSequenceNumber !== "number" || !/^\d{1,9}$/.test(String(subSequenceNumber))) {
        throw new Unreadable(`${where} has a sub-sequence number that is none`);
    }
    if (Number.isNaN(new Date(arrivalMs).getTime())) throw new Unreadable(`${where} has no time of arrival`);
    if (typeof data !== "string" || !isBase64(data)) throw new Unreadable(`${where} has no data in base64`);
    return {
        reason: typeof reason === "string" ? reason : "unknown",
        sequenceNumber,
        subSequenceNumber,
        position: BigInt(sequenceNumber),
        partitionKey,
        arrivalMs,
        data: Buffer.from(data, "base64"),
    };
}

/** Node's own decoder skips what is no base64: a damaged object would be sent damaged. */
function isBase64(text: string): boolean {
    return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** What is not UTF-8 would otherwise be replaced without a word, also within a partition key. */
function textOf(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new Unreadable("it is not UTF-8");
    }
}

function parseObject(text: string, where: string): Record<string, unknown> {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        throw new Unreadable(`${where} is not JSON`);
    }
    return asObject(value, where);
}

function asObject(value: unknown, where: string): Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new Unreadable(`${where} is not a JSON object`);
    }
    return value as Record<string, unknown>;
}
