/** One record as it comes. */
export interface NewRecord {
    /** Base64, as received. */
    readonly data: string;
    readonly partitionKey: string;
    /** Decoded data and partition key: what the limits count. */
    readonly bytes: number;
}

/** One record as it is kept. */
export interface StoredRecord extends NewRecord {
    readonly sequenceNumber: string;
    /** Milliseconds; never less than that of the record before it in the shard. */
    readonly arrivedAt: number;
    readonly encrypted: boolean;
}

/** Slots left behind by trimmed records are given back once they outnumber the records, so that a trim costs O(1). */
const SLOTS_KEPT_MIN = 1024;

/** What a record costs beside its texts: the object, its slot and the headers of its strings, rounded up. */
const RECORD_OVERHEAD_BYTES = 200;

/** Bytes of memory that a record holds, about. Base64 and most partition keys take one byte a character. */
export function retainedBytes(record: StoredRecord): number {
    return record.data.length + record.partitionKey.length + record.sequenceNumber.length + RECORD_OVERHEAD_BYTES;
}

/** The records of a shard, by their index, which counts from 1 and never changes: O(1) at both ends and in between. */
export class RecordLog {
    #slots: (StoredRecord | undefined)[] = [];
    #trimmed = 0;
    #firstIndex = 1;

    /** The index of the oldest record kept; that of the next record if there is none. */
    get firstIndex(): number {
        return this.#firstIndex;
    }

    get nextIndex(): number {
        return this.#firstIndex + this.length;
    }

    get length(): number {
        return this.#slots.length - this.#trimmed;
    }

    at(index: number): StoredRecord | undefined {
        return this.#slots[index - this.#firstIndex + this.#trimmed];
    }

    append(record: StoredRecord): void {
        this.#slots.push(record);
    }

    /** Forgets the oldest record, which must exist. */
    dropFirst(): void {
        this.#slots[this.#trimmed] = undefined;
        this.#trimmed += 1;
        this.#firstIndex += 1;
        if (this.#trimmed > SLOTS_KEPT_MIN && this.#trimmed > this.#slots.length / 2) {
            this.#slots = this.#slots.slice(this.#trimmed);
            this.#trimmed = 0;
        }
    }

    /** The index of the first record that arrived at `time` or later; the next index if there is none. O(log n). */
    indexAt(time: number): number {
        let low = this.#firstIndex;
        let high = this.nextIndex;
        while (low < high) {
            const middle = Math.floor((low + high) / 2);
            if ((this.at(middle)?.arrivedAt ?? Infinity) < time) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
