import { batchLength, type BufferedRecord, PAYLOAD_BYTES_MAX } from "./event";
import { Signal, type Clock, type Waits } from "./waiting";

export interface LaneOptions {
    readonly batchSize: number;
    /** How long to wait for a full batch, from the first record on. */
    readonly batchingWindowMs: number;
    readonly clock: Clock;
    readonly waits: Waits;
    readonly process: (batch: readonly BufferedRecord[]) => Promise<void>;
}

/**
 * One of the `parallelizationFactor` queues of a shard. A partition key always goes to the same lane, and a lane works at
 * one batch at a time: records of one key stay in order.
 */
export class Lane {
    private queue: BufferedRecord[] = [];
    private queuedBytes = 0;
    private ended = false;
    private readonly changed = new Signal();

    constructor(private readonly options: LaneOptions) {}

    /** Call `wake` after the last record of a read. */
    add(record: BufferedRecord): void {
        this.queue.push(record);
        this.queuedBytes += record.bytes;
    }

    wake(): void {
        this.changed.raise();
    }

    /** No more records will come. */
    end(): void {
        this.ended = true;
        this.changed.raise();
    }

    /** Works until the lane has ended and is empty, or the mapping stops. */
    async run(): Promise<void> {
        const { waits, process } = this.options;
        while (!waits.isStopped()) {
            const delayMs = this.delayMs();
            if (delayMs > 0) {
                if (this.ended && this.queue.length === 0) {
                    return;
                }
                await waits.sleep(delayMs, this.changed);
            } else {
                await process(this.take());
            }
        }
    }

    /** How long until there is a batch: 0 for now, Infinity while there is no record. */
    private delayMs(): number {
        const { batchSize, batchingWindowMs, clock } = this.options;
        const first = this.queue[0];
        if (first === undefined) {
            return Infinity;
        }
        if (this.ended || this.queue.length >= batchSize || this.queuedBytes >= PAYLOAD_BYTES_MAX) {
            return 0;
        }
        return Math.max(0, first.bufferedAtMs + batchingWindowMs - clock.now());
    }

    private take(): BufferedRecord[] {
        const batch = this.queue.splice(0, batchLength(this.queue, this.options.batchSize));
        for (const record of batch) {
            this.queuedBytes -= record.bytes;
        }
        return batch;
    }
}

/** Which lane a partition key goes to: FNV-1a over its UTF-16 code units. */
export function laneIndex(partitionKey: string, lanes: number): number {
    if (lanes === 1) {
        return 0;
    }
    let hash = 0x811c9dc5;
    for (let index = 0; index < partitionKey.length; index += 1) {
        hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
    }
    return (hash >>> 0) % lanes;
}
