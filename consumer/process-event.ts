import { readDeliveries } from "./delivery";
import type { Delivery, Malformed } from "./delivery";
import type { Fault } from "./fault";
import { decodeItem } from "./item";
import type { Pace } from "./pace";
import { quarantine } from "./quarantine";
import type { Bucket } from "./quarantine";
import { storeLatest } from "./table-writer";
import type { Candidate, Table } from "./table-writer";
import { compareVersions } from "./version";

export interface Services {
    table: Table;
    bucket: Bucket;
    pace: Pace;
    /** How long after its arrival a post is kept in the table; 0 for ever. */
    ttlDays?: number;
}

const SECONDS_PER_DAY = 24 * 60 * 60;

/** What became of an event; `records` is the sum of `stored`, `quarantined` and `failed`. */
export interface EventOutcome {
    /** Records as their producers sent them. */
    records: number;
    stored: number;
    quarantined: number;
    failed: number;
    /** Puts to the table that were sent again. */
    retried: number;
    faults: Fault[];
    /** The fault that nothing but a repair of the deployment ends, if the table had one. */
    lasting: Fault | undefined;
    /**
     * The sequence numbers of all records that are neither stored nor quarantined, in order. Lambda takes the lowest for its
     * checkpoint and delivers everything from there on again (Lambda developer guide, partial batch response), so
     * that none of them is skipped. A post that a later one with the same key supersedes is among them as long as the
     * later one is not stored.
     */
    failedSequenceNumbers: string[];
    /** When the last record arrived in the stream, milliseconds since 1970; undefined for an empty event. */
    lastArrivalMs: number | undefined;
}

/**
 * Brings every record of an event to the table or to the quarantine, or reports it.
 * @throws Error when the value is not an event of a Kinesis stream.
 */
export async function processEvent(
    event: unknown,
    { table, bucket, pace, ttlDays = 0 }: Services,
): Promise<EventOutcome> {
    const deliveries = readDeliveries(event);
    const { candidates, malformed } = decodeAll(deliveries, ttlDays);
    // Side by side: a stream in which many records are malformed does not wait for two services in turn.
    const [written, early] = await Promise.all([
        storeLatest(candidates, table, pace),
        quarantine(malformed, bucket, pace),
    ]);
    const late = await quarantine(written.refused, bucket, pace);
    const failed = [...written.failed, ...early.failed, ...late.failed].sort(compareVersions);
    return {
        records: deliveries.length,
        stored: written.stored.length,
        quarantined: early.quarantined.length + late.quarantined.length,
        failed: failed.length,
        retried: written.retried,
        faults: [...written.faults, ...early.faults, ...late.faults],
        lasting: written.faults.find(({ kind }) => kind === "lasting"),
        failedSequenceNumbers: [...new Set(failed.map(({ sequenceNumber }) => sequenceNumber))],
        lastArrivalMs: deliveries.at(-1)?.arrivalMs,
    };
}

function decodeAll(deliveries: Delivery[], ttlDays: number): { candidates: Candidate[]; malformed: Malformed[] } {
    const candidates: Candidate[] = [];
    const malformed: Malformed[] = [];
    for (const delivery of deliveries) {
        const result = decodeItem(delivery.data, delivery, expiryOf(delivery, ttlDays));
        if (result.ok) candidates.push({ delivery, item: result.item, isReplay: result.isReplay });
        else malformed.push({ delivery, reason: result.reason });
    }
    return { candidates, malformed };
}

/** Counted from the arrival, which is the same at every delivery of a record; a post's own time may be long ago. */
function expiryOf({ arrivalMs }: Delivery, ttlDays: number): number | undefined {
    return ttlDays === 0 ? undefined : Math.floor(arrivalMs / 1000) + ttlDays * SECONDS_PER_DAY;
}
