import { Fifo } from "./fifo";
import { openLane, type HeldRecord, type Lane } from "./lane";
import { ShardPaces, type ShardPace } from "./shard-paces";

/**
 * Limits of PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 * A request may hold 10 MiB, keys included; half of it leaves the other records of the shards' second some room.
 */
export const REQUEST_RECORDS_MAX = 500;
export const REQUEST_BYTES_MAX = 5 * 1024 * 1024;
/** A record's data and its key together, unless the stream was raised to more. */
export const RECORD_BYTES_MAX = 1024 * 1024;
/** A record waits this long for others to share its request. */
export const RECORD_AGE_MS_MAX = 100;

/** What decides whether a request that is not full is made now. */
export interface Situation {
    /** Nothing is in flight. */
    isIdle: boolean;
    /** Nothing more will arrive before records leave: the source has ended, or there is no room. */
    noMore: boolean;
    /** Nothing is to be sent for the first time. */
    retriesOnly: boolean;
}

export interface OutboxOptions {
    /** From 0 (included) to 1 (excluded). */
    random: () => number;
    /** A record is not sent any more when it has been here for so long. Without it, each waits for as long as it takes. */
    recordTtlMs?: number | undefined;
    /** Told of each record that has left for that reason. */
    onExpired?: (record: HeldRecord) => void;
}

/**
 * The records that the stream has not accepted yet, and which of them make the next request. The caller sends, and tells the
 * time in milliseconds.
 *
 * One author's records reach the stream in their order, through any failure. PutRecords promises no order: of two records
 * in one request, and all the more in two requests at a time, the first can be throttled and the second accepted. So an
 * author has **at most one record in flight**, and none while one of them waits to be sent again. Authors do not wait for
 * each other.
 *
 * What that costs: an author's posts go no faster than one per round trip, so a file of one author's posts is sent one at a
 * time (measured: 880 posts/s to a near stream), and a source is held up by its most frequent author: where nobody writes
 * more than a thousandth of the posts, as in the sample, a round trip of 15 ms bounds the rate to 66,000 posts/s.
 *
 * A lane (author) is in one of these states: *ready* (in one of the three queues), *paced* (in the queue of its shard, as
 * that is throttled), *busy* (its first record is in flight), or *waiting* (its first record waits to be sent again).
 */
export class Outbox {
    private readonly lanes = new Map<string, Lane>();
    /** Ready lanes whose first record is to be sent again: they go before all others. */
    private readonly retries = new Fifo<Lane>();
    /** Ready lanes whose first record has waited for an earlier one of its author. */
    private readonly released = new Fifo<Lane>();
    /** Ready lanes that had nothing else to send. */
    private readonly fresh = new Fifo<Lane>();
    private readonly paces: ShardPaces;
    private readonly recordTtlMs: number;
    private readonly onExpired: (record: HeldRecord) => void;
    /** Of the first records of all ready lanes. */
    private readyBytes = 0;
    private recordsHeld = 0;
    private bytesHeld = 0;
    private recordsRetrying = 0;

    constructor({ random, recordTtlMs = Infinity, onExpired = () => undefined }: OutboxOptions) {
        this.paces = new ShardPaces(random, (lane, isRetry) => {
            if (isRetry) this.recordsRetrying += 1;
            this.ready(lane, isRetry ? this.retries : this.released);
        });
        this.recordTtlMs = recordTtlMs;
        this.onExpired = onExpired;
    }

    /** Records that have arrived and are not accepted: ready, queued behind others, waiting or in flight. */
    get records(): number {
        return this.recordsHeld;
    }

    get bytes(): number {
        return this.bytesHeld;
    }

    /** Records that were sent, not accepted for another reason than throttling, and are not in flight. */
    get retrying(): number {
        return this.recordsRetrying;
    }

    /** Shards that have lately said that they take no more. */
    get throttledShards(): number {
        return this.paces.size;
    }

    add(record: HeldRecord): void {
        this.recordsHeld += 1;
        this.bytesHeld += record.bytes;
        const { partitionKey } = record.outgoing;
        const lane = this.lanes.get(partitionKey);
        if (lane !== undefined) {
            record.lane = lane;
            lane.records.push(record);
            return;
        }
        const opened = openLane(record);
        record.lane = opened;
        this.lanes.set(partitionKey, opened);
        this.ready(opened, this.fresh);
    }

    /** When the next request is due, for `take`: 0 if at once, undefined if nothing is ready. */
    dueAtMs({ isIdle, noMore, retriesOnly }: Situation): number | undefined {
        if (this.retries.length > 0) return 0;
        const pacedAtMs = this.paces.dueAtMs();
        if (retriesOnly) return pacedAtMs;
        const { released, fresh } = this;
        if (released.length + fresh.length >= REQUEST_RECORDS_MAX || this.readyBytes >= REQUEST_BYTES_MAX) return 0;
        // A busy author's posts have waited long enough; but a request for each response would be small, and many of them
        // slow the very round trips that these wait for.
        if (released.length > 0 && isIdle) return 0;
        if (fresh.length > 0 && noMore) return 0;
        const readyAtMs = Math.min(released.first?.readyAtMs ?? Infinity, fresh.first?.readyAtMs ?? Infinity);
        const dueAtMs = Math.min(readyAtMs + RECORD_AGE_MS_MAX, pacedAtMs ?? Infinity);
        return dueAtMs === Infinity ? undefined : dueAtMs;
    }

    /**
     * The records of the next request, one per author; each has to come back through `accepted`, `failed` or `throttled`. May
     * be none, if all that were due have expired or turn out to be of shards that are throttled.
     */
    take(retriesOnly: boolean, nowMs: number): HeldRecord[] {
        const batch: Batch = { records: [], bytes: 0 };
        this.fill(batch, this.retries, nowMs);
        for (const [pace, records] of this.paces.open(nowMs)) {
            const limit = Math.min(batch.records.length + records, REQUEST_RECORDS_MAX);
            this.fill(batch, pace.retries, nowMs, pace, limit);
            this.fill(batch, pace.waiting, nowMs, pace, limit);
        }
        if (!retriesOnly) {
            this.fill(batch, this.released, nowMs);
            this.fill(batch, this.fresh, nowMs);
        }
        return batch.records;
    }

    /** Moves records from lanes to the batch until it has `recordsMax`, or they end. */
    private fill(
        batch: Batch,
        lanes: Fifo<Lane>,
        nowMs: number,
        pace?: ShardPace,
        recordsMax = REQUEST_RECORDS_MAX,
    ): void {
        while (batch.records.length < recordsMax) {
            const lane = lanes.first;
            const record = lane?.records.first;
            if (lane === undefined || record === undefined) return;
            const isExpired = nowMs - record.arrivedAtMs >= this.recordTtlMs;
            if (!isExpired && batch.bytes + record.bytes > REQUEST_BYTES_MAX) return;
            lanes.shift();
            if (pace === undefined) this.readyBytes -= record.bytes;
            if (lanes === this.retries) this.recordsRetrying -= 1;
            if (isExpired) {
                this.leave(lane, record, nowMs);
                this.onExpired(record);
                continue;
            }
            const heldBackBy = pace === undefined ? this.paces.of(lane.key) : undefined;
            if (heldBackBy !== undefined) {
                heldBackBy.waiting.push(lane);
                continue;
            }
            lane.pace = pace;
            batch.bytes += record.bytes;
            batch.records.push(record);
        }
    }

    /** The stream has it: the author's next record may go. */
    accepted(record: HeldRecord, nowMs: number): void {
        const lane = this.laneOf(record);
        if (lane.pace !== undefined) lane.pace.wasAccepted = true;
        this.leave(lane, record, nowMs);
    }

    /** The stream does not have it: its author waits until `resume`. */
    failed(record: HeldRecord): void {
        this.laneOf(record);
        record.attempts += 1;
        this.recordsRetrying += 1;
    }

    /** Lets a record that failed go with the next request. */
    resume(record: HeldRecord): void {
        this.ready(this.laneOf(record), this.retries);
    }

    /** Its shard takes no more at the moment: its author waits, with the others of that shard, until it does. */
    throttled(record: HeldRecord, shardId: string, nowMs: number): void {
        const lane = this.laneOf(record);
        record.attempts += 1;
        this.paces.throttled(shardId, lane, nowMs);
    }

    private leave(lane: Lane, record: HeldRecord, nowMs: number): void {
        lane.records.shift();
        record.lane = undefined;
        this.recordsHeld -= 1;
        this.bytesHeld -= record.bytes;
        if (lane.records.length === 0) {
            this.lanes.delete(lane.key);
            return;
        }
        lane.readyAtMs = nowMs;
        this.ready(lane, this.released);
    }

    private ready(lane: Lane, lanes: Fifo<Lane>): void {
        this.readyBytes += lane.records.first?.bytes ?? 0;
        lanes.push(lane);
    }

    private laneOf(record: HeldRecord): Lane {
        const { lane } = record;
        if (lane?.records.first !== record)
            throw new Error(`The ${record.outgoing.label} is not the first of its author.`);
        return lane;
    }
}

interface Batch {
    readonly records: HeldRecord[];
    bytes: number;
}
