import { disaggregate } from "./aggregation";
import type { Version } from "./version";

/** What the function reads of the event that Lambda's event source mapping hands it. */
export interface KinesisEvent {
    Records: KinesisEventRecord[];
}

export interface KinesisEventRecord {
    /** `shardId-000000000000:49545115243490985018280067714973144582180062593244200961` */
    eventID: string;
    /** The stream, or with enhanced fan-out the stream's consumer, whose ARN starts with the stream's. */
    eventSourceARN: string;
    kinesis: {
        /** base64 */
        data: string;
        /** Decimal, up to 128 bits. */
        sequenceNumber: string;
        partitionKey: string;
        /** Seconds since 1970, with a fraction. Lambda always sends it; the types of Pulumi do not know it. */
        approximateArrivalTimestamp?: number;
    };
}

/** A record that was looked at: it has everything that is needed to store it or to keep it. */
type CheckedRecord = KinesisEventRecord & { kinesis: { approximateArrivalTimestamp: number } };

/**
 * One record as a producer sent it, with its place in the stream. Several of them share a sequence number if the Kinesis Producer
 * Library packed them into one Kinesis record.
 */
export interface Delivery extends Version {
    stream: string;
    shard: string;
    partitionKey: string;
    /** Milliseconds since 1970. */
    arrivalMs: number;
    data: Uint8Array;
}

/** A record that can never be stored, and why. */
export interface Malformed {
    delivery: Delivery;
    reason: string;
}

/**
 * The records of an event, in the order of the event.
 * @throws Error when the value is not an event of a Kinesis stream: then nothing in it can be stored or kept.
 */
export function readDeliveries(event: unknown): Delivery[] {
    const deliveries: Delivery[] = [];
    for (const record of checkedRecords(event)) {
        const { sequenceNumber, partitionKey, approximateArrivalTimestamp } = record.kinesis;
        const data = Buffer.from(record.kinesis.data, "base64");
        const parts = disaggregate(data) ?? [{ partitionKey, data }];
        for (const [subSequenceNumber, part] of parts.entries()) {
            deliveries.push({
                stream: streamOf(record.eventSourceARN),
                shard: record.eventID.slice(0, record.eventID.indexOf(":")),
                sequenceNumber,
                subSequenceNumber,
                partitionKey: part.partitionKey,
                arrivalMs: Math.round(approximateArrivalTimestamp * 1000),
                data: part.data,
            });
        }
    }
    return deliveries;
}

function checkedRecords(event: unknown): CheckedRecord[] {
    const records = (event as Partial<KinesisEvent> | null | undefined)?.Records;
    if (!Array.isArray(records)) throw notAnEvent("it has no list `Records`");
    for (const [index, record] of (records as unknown[]).entries()) {
        const problem = problemOf(record);
        if (problem !== undefined) throw notAnEvent(`record ${index} has ${problem}`);
    }
    return records as CheckedRecord[];
}

function problemOf(value: unknown): string | undefined {
    const record = (value ?? {}) as Record<string, unknown>;
    const kinesis = (record.kinesis ?? {}) as Record<string, unknown>;
    if (typeof record.eventID !== "string" || !/^[^:/]+:/.test(record.eventID)) return "no shard in `eventID`";
    if (typeof record.eventSourceARN !== "string" || streamOf(record.eventSourceARN) === "") {
        return "no stream in `eventSourceARN`";
    }
    if (typeof kinesis.sequenceNumber !== "string" || !/^\d+$/.test(kinesis.sequenceNumber)) {
        return "no `kinesis.sequenceNumber`";
    }
    if (typeof kinesis.partitionKey !== "string") return "no `kinesis.partitionKey`";
    if (typeof kinesis.data !== "string") return "no `kinesis.data`";
    const seconds = kinesis.approximateArrivalTimestamp;
    if (typeof seconds !== "number" || Number.isNaN(new Date(seconds * 1000).getTime())) {
        return "no `kinesis.approximateArrivalTimestamp`";
    }
    return undefined;
}

function notAnEvent(problem: string): Error {
    return new Error(`Expected an event of a Kinesis stream, but ${problem}`);
}

/** `arn:aws:kinesis:eu-west-1:123456789012:stream/posts` → `posts`; empty if there is none. */
function streamOf(arn: string): string {
    return /:stream\/([\w.-]+)/.exec(arn)?.[1] ?? "";
}
