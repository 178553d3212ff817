import type { HashKeyRange } from "./hash-key";
import { RecordLog, retainedBytes, type NewRecord, type StoredRecord } from "./record-log";
import { SequenceNumbers } from "./sequence-number";
import { formatShardId } from "./shard-id";
import { SHARD_READ_CALLS_PER_SECOND } from "./limits";
import { CallRate, ReadLimit, WriteLimit } from "./throughput";

/** What has been let go of a shard. */
export interface Trimmed {
    records: number;
    bytes: number;
}

/** One shard: a range of hash keys, the records in it, and what it takes and gives a second. */
export class Shard {
    readonly id: string;
    /** Their names only: a shard that has expired must not be kept by its children. */
    readonly parentIds: readonly string[];
    /** The second in its sequence numbers; later than that of its parents, also if it follows them within a second. */
    readonly createdSeconds: number;
    readonly startingSequenceNumber: string;
    readonly log = new RecordLog();
    readonly readLimit = new ReadLimit();
    readonly iteratorRate = new CallRate(SHARD_READ_CALLS_PER_SECOND);
    readonly writeLimit: WriteLimit;
    /** For observers: data and partition keys that were ever taken, and records that were not for want of capacity. */
    bytesArrived = 0;
    recordsThrottled = 0;
    readonly #sequenceNumbers: SequenceNumbers;
    #closed: { at: number; endingSequenceNumber: string } | undefined;
    #arrivedAt: number;

    constructor(
        readonly index: number,
        readonly range: HashKeyRange,
        /** None, one after a split, two after a merge: the one named first in MergeShards comes first. */
        parents: readonly Shard[],
        readonly createdAt: number,
    ) {
        this.id = formatShardId(index);
        this.parentIds = parents.map((parent) => parent.id);
        this.createdSeconds = Math.max(seconds(createdAt), ...parents.map((parent) => parent.createdSeconds + 1));
        this.#sequenceNumbers = new SequenceNumbers(this.createdSeconds, index);
        this.startingSequenceNumber = this.#sequenceNumbers.format(0, this.createdSeconds);
        this.writeLimit = new WriteLimit(createdAt);
        // Arrival times go on from the parents' also when the clock was set back.
        this.#arrivedAt = Math.max(createdAt, ...parents.map((parent) => parent.#arrivedAt));
    }

    /** Undefined while the shard is open. */
    get closedAt(): number | undefined {
        return this.#closed?.at;
    }

    get endingSequenceNumber(): string | undefined {
        return this.#closed?.endingSequenceNumber;
    }

    append(record: NewRecord, encrypted: boolean, now: number): StoredRecord {
        // Reads by time search the log: its times must not go back.
        this.#arrivedAt = Math.max(this.#arrivedAt, now);
        const stored: StoredRecord = {
            sequenceNumber: this.#sequenceNumbers.format(this.log.nextIndex, seconds(this.#arrivedAt)),
            arrivedAt: this.#arrivedAt,
            data: record.data,
            partitionKey: record.partitionKey,
            bytes: record.bytes,
            encrypted,
        };
        this.log.append(stored);
        this.bytesArrived += record.bytes;
        return stored;
    }

    close(now: number): void {
        this.#closed = { at: now, endingSequenceNumber: this.#sequenceNumbers.formatEnd(seconds(now)) };
    }

    /** Lets go of the records that arrived before `time`. Amortised O(1) per record. */
    trimBefore(time: number): Trimmed {
        const trimmed = { records: 0, bytes: 0 };
        for (let oldest = this.oldest; oldest !== undefined && oldest.arrivedAt < time; oldest = this.oldest) {
            this.dropOldest(oldest, trimmed);
        }
        return trimmed;
    }

    get oldest(): StoredRecord | undefined {
        return this.log.at(this.log.firstIndex);
    }

    dropOldest(oldest: StoredRecord, trimmed: Trimmed): void {
        trimmed.records += 1;
        trimmed.bytes += retainedBytes(oldest);
        this.log.dropFirst();
    }
}

function seconds(milliseconds: number): number {
    return Math.floor(milliseconds / 1000);
}
