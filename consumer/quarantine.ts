import { createHash } from "node:crypto";
import type { Delivery, Malformed } from "./delivery";
import { describeFault } from "./fault";
import type { Fault } from "./fault";
import { requestTimeoutMs, waitForRetry } from "./pace";
import type { Pace } from "./pace";
import { compareVersions } from "./version";

/** S3 takes an object at the first attempt almost always; a bucket that does not after this many is left alone. */
export const QUARANTINE_ATTEMPTS_MAX = 6;

const DIGEST_CHARACTERS = 16;

/** The bucket for failed events, as this module needs it. */
export interface Bucket {
    /** @throws the error of the request, also when it took longer than the given time. */
    put: (key: string, body: string, timeoutMs: number) => Promise<void>;
}

/** Every delivery given to the quarantine is in exactly one of the two lists. */
export interface QuarantineOutcome {
    quarantined: Delivery[];
    failed: Delivery[];
    faults: Fault[];
}

/**
 * Keeps malformed records in the bucket: one object for each shard, which is one for an invocation, because the event source
 * mapping never mixes shards. Never rejects: what could not be kept is in the outcome.
 */
export async function quarantine(malformed: Malformed[], bucket: Bucket, pace: Pace): Promise<QuarantineOutcome> {
    const shards = new Map<string, Malformed[]>();
    for (const entry of malformed.toSorted((a, b) => compareVersions(a.delivery, b.delivery))) {
        const prefix = `quarantine/${entry.delivery.stream}/${entry.delivery.shard}/`;
        const entries = shards.get(prefix);
        if (entries === undefined) shards.set(prefix, [entry]);
        else entries.push(entry);
    }
    const outcome: QuarantineOutcome = { quarantined: [], failed: [], faults: [] };
    for (const [prefix, entries] of shards) {
        const deliveries = entries.map(({ delivery }) => delivery);
        const body = entries.map(quarantineLine).join("");
        const kept = await putObject(prefix + objectName(deliveries), body, bucket, pace, outcome.faults);
        // Packed records can be more than a call has arguments.
        for (const delivery of deliveries) (kept ? outcome.quarantined : outcome.failed).push(delivery);
    }
    return outcome;
}

/**
 * The name follows from the records, and its date from the arrival of the first one: when the same batch is delivered again,
 * the object replaces itself. The deliveries are sorted.
 */
export function objectName(deliveries: Delivery[]): string {
    const first = deliveries[0];
    if (first === undefined) throw new Error("Expected at least one record to quarantine");
    const hash = createHash("sha256");
    for (const { sequenceNumber, subSequenceNumber } of deliveries) {
        hash.update(`${sequenceNumber}/${subSequenceNumber}\n`);
    }
    const day = new Date(first.arrivalMs).toISOString().slice(0, "2026-11-23".length);
    const digest = hash.digest("hex").slice(0, DIGEST_CHARACTERS);
    return `${day}/${first.sequenceNumber}-${deliveries.length}-${digest}.ndjson`;
}

/** One record as a line of JSON, with everything that is needed to understand it and to send it again. */
export function quarantineLine({ delivery, reason }: Malformed): string {
    const { stream, shard, sequenceNumber, subSequenceNumber, partitionKey, arrivalMs, data } = delivery;
    const line = {
        reason,
        stream,
        shard,
        sequenceNumber,
        // Of a record that the Kinesis Producer Library packed behind others.
        ...(subSequenceNumber > 0 && { subSequenceNumber }),
        partitionKey,
        approximateArrivalTime: new Date(arrivalMs).toISOString(),
        data: Buffer.from(data).toString("base64"),
    };
    return `${JSON.stringify(line)}\n`;
}

async function putObject(key: string, body: string, bucket: Bucket, pace: Pace, faults: Fault[]): Promise<boolean> {
    for (let retry = 0; retry < QUARANTINE_ATTEMPTS_MAX; retry++) {
        const timeoutMs = requestTimeoutMs(pace);
        if (timeoutMs <= 0) return false;
        try {
            await bucket.put(key, body, timeoutMs);
            return true;
        } catch (error) {
            const fault = describeFault(error);
            faults.push(fault);
            if (fault.kind !== "passing") return false;
        }
        if (retry + 1 < QUARANTINE_ATTEMPTS_MAX && !(await waitForRetry(retry, pace))) return false;
    }
    return false;
}
