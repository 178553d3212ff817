import { USERNAME_CHARACTERS_MAX, encodeWireRecord, type WireRecord } from "../wire-record";
import { Fifo, type Linked } from "./fifo";

/**
 * Limits of PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 * A request may hold 10 MiB, keys included; half of it leaves the other records of the shards' second some room.
 */
export const REQUEST_RECORDS_MAX = 500;
export const REQUEST_BYTES_MAX = 5 * 1024 * 1024;
/** A record's data and its key together, unless the stream was raised to more. */
export const RECORD_BYTES_MAX = 1024 * 1024;
/** A post waits this long for others to share its request. */
export const RECORD_AGE_MS_MAX = 100;

export interface OutgoingRecord extends Linked<OutgoingRecord> {
    readonly partitionKey: string;
    /** Names the post to people. */
    readonly id: string;
    readonly data: Uint8Array;
    /** As the limits count: data and key. */
    readonly bytes: number;
    readonly arrivedAtMs: number;
    /** How often it was sent and not accepted. */
    attempts: number;
    /** When it was first sent. */
    firstSentAtMs: number;
}

/** One author's records, in their order. */
interface Lane extends Linked<Lane> {
    readonly key: string;
    readonly records: Fifo<OutgoingRecord>;
    /** Since when its first record could have gone. */
    readyAtMs: number;
}

export function outgoingRecord(post: WireRecord, nowMs: number): OutgoingRecord {
    const data = encodeWireRecord(post);
    return {
        partitionKey: post.username,
        id: post.id,
        data,
        bytes: data.length + keyBytes(post.username),
        arrivedAtMs: nowMs,
        attempts: 0,
        firstSentAtMs: 0,
        next: undefined,
    };
}

function keyBytes(key: string): number {
    return key.length > USERNAME_CHARACTERS_MAX * 2 ? Infinity : Buffer.byteLength(key, "utf8");
}

/** What decides whether a request that is not full is made now. */
export interface Situation {
    /** Nothing is in flight. */
    isIdle: boolean;
    /** Nothing more will arrive before records leave: the source has ended, or there is no room. */
    noMore: boolean;
    /** Nothing is to be sent for the first time. */
    retriesOnly: boolean;
}

/**
 * The records that the stream has not accepted yet, and which of them make the next request. Pure: the caller sends, and
 * tells the time in milliseconds.
 *
 * One author's records reach the stream in their order, through any failure. PutRecords promises no order: of two records
 * in one request, and all the more in two requests at a time, the first can be throttled and the second accepted. So an
 * author has **at most one record in flight**, and none while one of them waits to be sent again. Authors do not wait for
 * each other.
 *
 * What that costs: an author's posts go no faster than one per round trip, so a file of one author's posts is sent one at a
 * time (measured: 880 posts/s to a near stream). Where nobody writes more than a thousandth of the posts, as in the sample,
 * a near stream gets requests of some 270 records instead of 500, for a fifth more processor time per post; a remote one,
 * at a round trip of 20 ms, could still take 50,000 posts/s.
 *
 * A lane (author) is in one of these states: *ready* (in one of the three queues), *busy* (its first record is in flight),
 * or *waiting* (its first record waits to be sent again).
 */
export class Outbox {
    private readonly lanes = new Map<string, Lane>();
    /** Ready lanes whose first record is to be sent again: they go before all others. */
    private readonly retries = new Fifo<Lane>();
    /** Ready lanes whose first record has waited for an earlier one of its author. */
    private readonly released = new Fifo<Lane>();
    /** Ready lanes that had nothing else to send. */
    private readonly fresh = new Fifo<Lane>();
    private readyBytes = 0;
    private recordsHeld = 0;
    private bytesHeld = 0;
    private recordsRetrying = 0;

    /** Records that have arrived and are not accepted: ready, queued behind others, waiting or in flight. */
    get records(): number {
        return this.recordsHeld;
    }

    get bytes(): number {
        return this.bytesHeld;
    }

    /** Records that were sent, not accepted, and are not in flight. */
    get retrying(): number {
        return this.recordsRetrying;
    }

    add(record: OutgoingRecord): void {
        this.recordsHeld += 1;
        this.bytesHeld += record.bytes;
        const lane = this.lanes.get(record.partitionKey);
        if (lane !== undefined) {
            lane.records.push(record);
            return;
        }
        const opened: Lane = {
            key: record.partitionKey,
            records: new Fifo(),
            readyAtMs: record.arrivedAtMs,
            next: undefined,
        };
        opened.records.push(record);
        this.lanes.set(opened.key, opened);
        this.ready(opened, this.fresh);
    }

    /** When the next request is due, for `take`: 0 if at once, undefined if nothing is ready. */
    dueAtMs({ isIdle, noMore, retriesOnly }: Situation): number | undefined {
        if (this.retries.length > 0) return 0;
        if (retriesOnly) return undefined;
        const { released, fresh } = this;
        if (released.length + fresh.length >= REQUEST_RECORDS_MAX || this.readyBytes >= REQUEST_BYTES_MAX) return 0;
        // A busy author's posts have waited long enough; but a request for each response would be small, and many of them
        // slow the very round trips that these wait for.
        if (released.length > 0 && isIdle) return 0;
        if (fresh.length > 0 && noMore) return 0;
        const readyAtMs = Math.min(released.first?.readyAtMs ?? Infinity, fresh.first?.readyAtMs ?? Infinity);
        return readyAtMs === Infinity ? undefined : readyAtMs + RECORD_AGE_MS_MAX;
    }

    /** The records of the next request, one per author; each has to come back through `accepted` or `failed`. */
    take(retriesOnly: boolean): OutgoingRecord[] {
        const batch: OutgoingRecord[] = [];
        let bytes = 0;
        while (batch.length < REQUEST_RECORDS_MAX) {
            const lanes = this.nextLanes(retriesOnly);
            const record = lanes.first?.records.first;
            if (record === undefined || bytes + record.bytes > REQUEST_BYTES_MAX) break;
            lanes.shift();
            bytes += record.bytes;
            if (record.attempts > 0) this.recordsRetrying -= 1;
            batch.push(record);
        }
        this.readyBytes -= bytes;
        return batch;
    }

    /** The stream has it: the author's next record may go. */
    accepted(record: OutgoingRecord, nowMs: number): void {
        const lane = this.laneOf(record);
        lane.records.shift();
        this.recordsHeld -= 1;
        this.bytesHeld -= record.bytes;
        if (lane.records.length === 0) {
            this.lanes.delete(lane.key);
            return;
        }
        lane.readyAtMs = nowMs;
        this.ready(lane, this.released);
    }

    /** The stream does not have it: its author waits until `resume`. */
    failed(record: OutgoingRecord): void {
        record.attempts += 1;
        this.recordsRetrying += 1;
    }

    /** Lets a record that failed go with the next request. */
    resume(record: OutgoingRecord): void {
        this.ready(this.laneOf(record), this.retries);
    }

    private nextLanes(retriesOnly: boolean): Fifo<Lane> {
        if (retriesOnly || this.retries.length > 0) return this.retries;
        return this.released.length > 0 ? this.released : this.fresh;
    }

    private ready(lane: Lane, lanes: Fifo<Lane>): void {
        this.readyBytes += lane.records.first?.bytes ?? 0;
        lanes.push(lane);
    }

    private laneOf(record: OutgoingRecord): Lane {
        const lane = this.lanes.get(record.partitionKey);
        if (lane?.records.first !== record) throw new Error(`Post ${record.id} is not the first of its author.`);
        return lane;
    }
}
