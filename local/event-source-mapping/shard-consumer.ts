import { AwsError } from "../aws-error";
import { BatchProcessor, type BatchProcessorOptions } from "./batch-processor";
import { bufferRecord, PAYLOAD_BYTES_MAX, type EventSource } from "./event";
import { Lane, laneIndex } from "./lane";
import { streamProblem } from "./processing-result";
import { ShardProgress } from "./shard-progress";
import type { RecordsRead, StartPosition, StreamReader } from "./stream-reader";
import { backoffMs, Signal } from "./waiting";

/** Kinesis quotas page: five GetRecords calls a second per shard; with a little to spare for inexact timers. */
export const READ_INTERVAL_MS = 210;
/** How often an idle shard is read without a wake-up. Lambda's documentation: "a base rate of once per second". */
export const IDLE_READ_INTERVAL_MS = 1000;
/** GetRecords in the Kinesis API reference: the largest Limit. */
export const READ_RECORDS_MAX = 10_000;
/** Per shard, read and not finished: no read begins above these, so that memory holds at most one read more. */
export const BUFFERED_RECORDS_MIN_LIMIT = 20_000;
export const BUFFERED_BYTES_MIN_LIMIT = 16 * 1024 * 1024;

export interface ShardConsumerOptions extends Omit<BatchProcessorOptions, "finish" | "discard"> {
    readonly source: EventSource;
    readonly start: StartPosition;
    readonly reader: StreamReader;
    readonly discard: (shardId: string, batch: Parameters<BatchProcessorOptions["discard"]>[0]) => Promise<void>;
    /** A number for a read that begins, larger than every one before. */
    readonly nextReadNumber: () => number;
    /** Something was read or finished. */
    readonly onProgress: () => void;
    /** At the time of that read nothing newer was in the shard: `readCount` records are everything. */
    readonly onCaughtUp: (consumer: ShardConsumer, readNumber: number, readCount: number) => void;
    /** Resolves to whether the stream still has the shard. */
    readonly shardExists: (shardId: string) => Promise<boolean>;
}

/** Reads one shard from its starting position to its end, and has every record processed. */
export class ShardConsumer {
    readonly progress = new ShardProgress();
    private readonly lanes: readonly Lane[];
    private readonly arrivals = new Signal();
    private readonly room = new Signal();
    private lastReadMs = -Infinity;
    private lastSequenceNumber: string | undefined;
    private behindMs = 0;
    /** When a LATEST iterator was taken, in seconds: to go on from there if it expires unused. */
    private latestSinceSeconds: number | undefined;

    constructor(private readonly options: ShardConsumerOptions) {
        const { settings, clock, waits } = options;
        const processor = new BatchProcessor({
            ...options,
            finish: (records) => {
                this.finish(records);
            },
            discard: async (batch) => {
                await options.discard(this.shardId, batch);
                if (!waits.isStopped()) {
                    this.finish(batch.records);
                }
            },
        });
        this.lanes = Array.from(
            { length: settings.parallelizationFactor },
            () =>
                new Lane({
                    batchSize: settings.batchSize,
                    batchingWindowMs: settings.maximumBatchingWindowInSeconds * 1000,
                    clock,
                    waits,
                    process: (batch) => processor.process(batch),
                }),
        );
    }

    get shardId(): string {
        return this.options.source.shardId;
    }

    /** Age of the oldest record that is not finished; else how far reading is behind. */
    get iteratorAgeMs(): number {
        const oldest = this.progress.oldestUnfinished;
        return oldest === undefined ? this.behindMs : Math.max(0, this.options.clock.now() - oldest.arrivalMs);
    }

    /** Resolves when the shard is closed and every record of it is finished, or when the mapping stops. */
    async run(): Promise<void> {
        await Promise.all([this.read(), ...this.lanes.map((lane) => lane.run())]);
    }

    /** There may be something to read. */
    wake(): void {
        this.arrivals.raise();
    }

    private async read(): Promise<void> {
        const { waits, clock } = this.options;
        let iterator: string | undefined;
        let failures = 0;
        while (!waits.isStopped()) {
            await this.waitForRoom();
            // No longer than that where the machine's clock was set back.
            await waits.sleep(Math.min(READ_INTERVAL_MS, this.lastReadMs + READ_INTERVAL_MS - clock.now()));
            if (waits.isStopped()) {
                return;
            }
            try {
                iterator ??= await this.getIterator();
                iterator = await this.readOnce(iterator);
                failures = 0;
            } catch (error) {
                if (!(error instanceof AwsError)) {
                    throw error;
                }
                if (await this.isGone(error)) {
                    break;
                }
                iterator = KEEPS_ITERATOR.has(error.code) ? iterator : undefined;
                await waits.sleep(
                    error.code === "ExpiredIteratorException" ? 0 : backoffMs(failures, this.options.random),
                );
                failures += 1;
                continue;
            }
            if (iterator === undefined) {
                break;
            }
            if (this.behindMs === 0) {
                await waits.sleep(IDLE_READ_INTERVAL_MS, this.arrivals);
            }
        }
        this.lanes.forEach((lane) => lane.end());
    }

    /** Returns the next iterator. */
    private async readOnce(iterator: string): Promise<string | undefined> {
        const { reader, clock, result, nextReadNumber, counters, onCaughtUp, onProgress } = this.options;
        const readNumber = nextReadNumber();
        this.lastReadMs = clock.now();
        this.arrivals.clear();
        const read = await reader.getRecords(iterator, READ_RECORDS_MAX);
        counters.reads += 1;
        result.clearProblem(this.shardId);
        this.accept(read);
        // At the end of a closed shard, what comes next is in its children: it counts once they are known.
        if (read.millisBehindLatest === 0 && read.nextIterator !== undefined) {
            onCaughtUp(this, readNumber, this.progress.readCount);
        }
        onProgress();
        return read.nextIterator;
    }

    private accept({ records, millisBehindLatest }: RecordsRead): void {
        const { source, clock, counters } = this.options;
        const nowMs = clock.now();
        const buffered = records.map((record) => bufferRecord(record, source, nowMs));
        this.behindMs = millisBehindLatest;
        this.lastSequenceNumber = buffered.at(-1)?.sequenceNumber ?? this.lastSequenceNumber;
        this.progress.add(buffered);
        counters.PolledEventCount += buffered.length;
        for (const record of buffered) {
            this.lanes[laneIndex(record.partitionKey, this.lanes.length)]?.add(record);
        }
        this.lanes.forEach((lane) => lane.wake());
    }

    private finish(records: Parameters<ShardProgress["finish"]>[0]): void {
        this.progress.finish(records);
        this.room.raise();
        this.options.onProgress();
    }

    private async waitForRoom(): Promise<void> {
        const { waits, settings } = this.options;
        const { batchSize, parallelizationFactor } = settings;
        const recordsLimit = Math.max(BUFFERED_RECORDS_MIN_LIMIT, batchSize * parallelizationFactor);
        const bytesLimit = Math.max(BUFFERED_BYTES_MIN_LIMIT, PAYLOAD_BYTES_MAX * parallelizationFactor);
        while (!waits.isStopped() && (this.progress.length >= recordsLimit || this.progress.bytes >= bytesLimit)) {
            await waits.sleep(Infinity, this.room);
        }
    }

    private getIterator(): Promise<string> {
        const { reader, clock, start } = this.options;
        if (this.lastSequenceNumber !== undefined) {
            const position = { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: this.lastSequenceNumber } as const;
            return reader.getShardIterator(this.shardId, position);
        }
        if (start.type !== "LATEST") {
            return reader.getShardIterator(this.shardId, start);
        }
        if (this.latestSinceSeconds !== undefined) {
            const position = { type: "AT_TIMESTAMP", timestampSeconds: this.latestSinceSeconds } as const;
            return reader.getShardIterator(this.shardId, position);
        }
        this.latestSinceSeconds = clock.now() / 1000;
        return reader.getShardIterator(this.shardId, start);
    }

    /** Notes what is wrong; true if the stream has dropped the shard, records and all. */
    private async isGone(error: AwsError): Promise<boolean> {
        const { counters, result, source, shardExists } = this.options;
        if (error.code === "ProvisionedThroughputExceededException" || error.code === "LimitExceededException") {
            counters.readThrottles += 1;
            return false;
        }
        if (error.code === "ExpiredIteratorException") {
            return false;
        }
        result.setProblem(this.shardId, streamProblem(error, source.eventSourceArn));
        if (error.code === "ResourceNotFoundException" && !(await shardExists(this.shardId))) {
            result.clearProblem(this.shardId);
            return true;
        }
        return false;
    }
}

/** Errors after which the iterator is still good. After any other a new one is taken: it may be the cause. */
const KEEPS_ITERATOR: ReadonlySet<string> = new Set([
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "InternalFailure",
    "ServiceUnavailable",
]);
