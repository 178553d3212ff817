import type { BufferedRecord } from "./event";

/** What is read of a shard and not finished, in the order of the shard; the checkpoint is before the first of it. */
export class ShardProgress {
    private records: BufferedRecord[] = [];
    private head = 0;
    private unfinishedBytes = 0;
    private passed = 0;
    private lastPassed: string | undefined;

    /** Records between the checkpoint and the end of what is read, those among them that are finished included. */
    get length(): number {
        return this.records.length - this.head;
    }

    /** Of the unfinished records. */
    get bytes(): number {
        return this.unfinishedBytes;
    }

    /** How many records were ever read. */
    get readCount(): number {
        return this.passed + this.length;
    }

    /** How many records, from the first that was read, are finished without a gap. */
    get checkpointCount(): number {
        return this.passed;
    }

    /** The sequence number up to which everything is finished. */
    get checkpoint(): string | undefined {
        return this.lastPassed;
    }

    get oldestUnfinished(): BufferedRecord | undefined {
        return this.records[this.head];
    }

    add(records: readonly BufferedRecord[]): void {
        for (const record of records) {
            this.records.push(record);
            this.unfinishedBytes += record.bytes;
        }
    }

    finish(records: readonly BufferedRecord[]): void {
        for (const record of records) {
            if (!record.finished) {
                record.finished = true;
                this.unfinishedBytes -= record.bytes;
            }
        }
        this.advance();
    }

    private advance(): void {
        for (let record = this.records[this.head]; record?.finished === true; record = this.records[this.head]) {
            this.head += 1;
            this.passed += 1;
            this.lastPassed = record.sequenceNumber;
        }
        if (this.head === this.records.length || this.head > 10_000) {
            this.records = this.records.slice(this.head);
            this.head = 0;
        }
    }
}
