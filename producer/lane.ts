import { Fifo, type Linked } from "./fifo";
import type { Outgoing } from "./outgoing";
import type { ShardPace } from "./shard-paces";

/** A record from its arrival until the stream has it. */
export interface HeldRecord extends Linked<HeldRecord> {
    readonly outgoing: Outgoing;
    /** As the limits of PutRecords count: data and key. */
    readonly bytes: number;
    readonly arrivedAtMs: number;
    /** How often it was sent and not accepted. */
    attempts: number;
    /** When it was first sent. */
    firstSentAtMs: number;
    /** Where it stands, once it is added. */
    lane: Lane | undefined;
}

/** The records of one partition key (one author's posts), in their order. */
export interface Lane extends Linked<Lane> {
    readonly key: string;
    readonly records: Fifo<HeldRecord>;
    /** Since when its first record could have gone. */
    readyAtMs: number;
    /** Set while its first record is in flight by leave of that pace. */
    pace: ShardPace | undefined;
}

export function heldRecord(outgoing: Outgoing, nowMs: number): HeldRecord {
    return {
        outgoing,
        bytes: outgoing.data.length + Buffer.byteLength(outgoing.partitionKey, "utf8"),
        arrivedAtMs: nowMs,
        attempts: 0,
        firstSentAtMs: 0,
        lane: undefined,
        next: undefined,
    };
}

export function openLane(record: HeldRecord): Lane {
    const { outgoing, arrivedAtMs } = record;
    const lane: Lane = {
        key: outgoing.partitionKey,
        records: new Fifo(),
        readyAtMs: arrivedAtMs,
        pace: undefined,
        next: undefined,
    };
    lane.records.push(record);
    return lane;
}
