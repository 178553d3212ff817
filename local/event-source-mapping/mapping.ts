import { randomUUID } from "node:crypto";
import type { DiscardedBatch, InvokeResult } from "./batch-processor";
import { newCounters, type MappingCounters } from "./counters";
import { Drain } from "./drain";
import type { DiscardCondition } from "./failure-record";
import { OnFailureDestination } from "./on-failure-destination";
import { INTERNAL_ERROR, ProcessingResult } from "./processing-result";
import type { MappingSettings } from "./settings";
import { ShardConsumer } from "./shard-consumer";
import { ShardDiscovery } from "./shard-discovery";
import type { StartPosition, StreamReader } from "./stream-reader";
import { SYSTEM_CLOCK, Waits, type Clock } from "./waiting";

/** How long stop() waits for invocations that run. */
export const STOP_GRACE_MS = 5000;

export interface EventSourceMappingOptions {
    readonly uuid: string;
    readonly settings: MappingSettings;
    readonly functionArn: string;
    /** The function's role: the `invokeIdentityArn` of the event. Calls of `reader` are checked for it by the caller. */
    readonly roleArn: string;
    readonly reader: StreamReader;
    /** `payload` is the event as JSON text. What the function does is in the result; AwsErrors are "not invoked". */
    readonly invoke: (payload: string) => Promise<InvokeResult>;
    /** Writes an object to the on-failure bucket; needed if the settings name one. Tried until it succeeds. */
    readonly deliverFailure?: (key: string, body: string) => Promise<unknown>;
    /** A fault of the mapping itself: it has stopped. */
    readonly onError: (error: unknown) => void;
    /** `lastProcessingResult` has become this problem. */
    readonly onProblem?: (problem: string) => void;
    readonly onDiscard?: (discard: Discard) => void;
    readonly clock?: Clock;
    readonly random?: () => number;
    readonly newUuid?: () => string;
}

/** Records that the mapping has given up. */
export interface Discard {
    readonly shardId: string;
    readonly condition: DiscardCondition;
    readonly sequenceNumbers: readonly string[];
    /** The object in the on-failure bucket; undefined if there is none: the records are lost. */
    readonly key: string | undefined;
}

export type MappingState = "Disabled" | "Enabled" | "Failed";

export interface ShardStatus {
    readonly shardId: string;
    /** Everything up to this sequence number is finished. */
    readonly checkpoint: string | undefined;
    /** Records read beyond the checkpoint. */
    readonly buffered: number;
    readonly iteratorAgeMs: number;
}

export interface MappingStatus {
    readonly uuid: string;
    readonly state: MappingState;
    readonly lastProcessingResult: string;
    readonly counters: Readonly<MappingCounters>;
    /** Shards that are consumed now; those before it in the lineage are finished, those after it wait. */
    readonly shards: readonly ShardStatus[];
}

/**
 * Lambda's poller for one stream and one function. Every record is acknowledged by the function or discarded as the
 * settings say, in the order of its partition key, at least once.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export class EventSourceMapping {
    private readonly clock: Clock;
    private readonly random: () => number;
    private readonly waits: Waits;
    private readonly counters = newCounters();
    private readonly result: ProcessingResult;
    private readonly drain = new Drain();
    private readonly consumers = new Map<string, ShardConsumer>();
    private readonly running = new Set<Promise<void>>();
    private readonly discovery: ShardDiscovery;
    private readonly destination: OnFailureDestination | undefined;
    private state: MappingState = "Disabled";
    private unsubscribe: () => void = () => undefined;
    private stopping: Promise<void> | undefined;

    constructor(private readonly options: EventSourceMappingOptions) {
        this.clock = options.clock ?? SYSTEM_CLOCK;
        this.random = options.random ?? Math.random;
        this.waits = new Waits(this.clock);
        this.result = new ProcessingResult((problem) => options.onProblem?.(problem));
        this.discovery = new ShardDiscovery({
            settings: options.settings,
            reader: options.reader,
            waits: this.waits,
            random: this.random,
            result: this.result,
            startShard: (shardId, start) => this.startShard(shardId, start),
        });
        this.destination = this.createDestination();
    }

    /** Begins to poll, unless the settings say `enabled: false`. Once. */
    start(): void {
        if (this.state !== "Disabled" || this.stopping !== undefined) {
            throw new Error("The event source mapping was started before.");
        }
        if (!this.options.settings.enabled) {
            return;
        }
        this.state = "Enabled";
        this.unsubscribe = this.options.reader.onRecords(() => {
            for (const consumer of this.consumers.values()) {
                consumer.wake();
            }
        });
        this.track(this.discover());
    }

    /**
     * Resolves when everything that is in the stream now is finished: acknowledged by the function, or discarded as the
     * settings say. Rejects when the mapping stops before that.
     */
    drained(): Promise<void> {
        if (this.state !== "Enabled") {
            return Promise.reject(new Error(`The event source mapping is not running: its state is ${this.state}.`));
        }
        const drained = this.drain.wait();
        for (const consumer of this.consumers.values()) {
            consumer.wake();
        }
        this.checkDrained();
        return drained;
    }

    status(): MappingStatus {
        return {
            uuid: this.options.uuid,
            state: this.state,
            lastProcessingResult: this.state === "Failed" ? INTERNAL_ERROR : this.result.current,
            counters: { ...this.counters },
            shards: Array.from(this.consumers.values(), ({ shardId, progress, iteratorAgeMs }) => ({
                shardId,
                checkpoint: progress.checkpoint,
                buffered: progress.length,
                iteratorAgeMs,
            })),
        };
    }

    /**
     * Ends polling. Waits for invocations that run, for a bounded time; what is not acknowledged by then stays unfinished.
     * No timer is left.
     */
    stop(): Promise<void> {
        return (this.stopping ??= this.stopNow());
    }

    private async stopNow(): Promise<void> {
        this.end("Disabled", new Error("The event source mapping was stopped before the stream was drained."));
        let cancel: () => void = () => undefined;
        const graceOver = new Promise<void>((resolve) => {
            cancel = this.clock.schedule(resolve, STOP_GRACE_MS);
        });
        await Promise.race([Promise.all(this.running), graceOver]);
        cancel();
    }

    private fail(error: unknown): void {
        if (this.state === "Enabled") {
            this.end("Failed", new Error("The event source mapping has failed.", { cause: error }));
        }
        this.options.onError(error);
    }

    private end(state: MappingState, reason: Error): void {
        this.state = this.state === "Failed" ? "Failed" : state;
        this.unsubscribe();
        this.waits.stop();
        this.drain.rejectAll(reason);
    }

    /** Lets it run, and sees to it that its failure is not lost. */
    private track(task: Promise<void>): void {
        const tracked = task.catch((error: unknown) => this.fail(error)).finally(() => this.running.delete(tracked));
        this.running.add(tracked);
    }

    private async discover(): Promise<void> {
        await this.discovery.run();
        this.checkDrained();
    }

    private startShard(shardId: string, start: StartPosition): void {
        const { settings, roleArn, reader, invoke } = this.options;
        const { eventSourceArn, region } = settings;
        const consumer = new ShardConsumer({
            settings,
            clock: this.clock,
            waits: this.waits,
            random: this.random,
            counters: this.counters,
            result: this.result,
            source: { shardId, eventSourceArn, region, roleArn },
            start,
            reader,
            invoke,
            retentionMs: () => this.discovery.retentionMs,
            refreshRetention: () => this.discovery.refreshRetention(),
            discard: (shard, batch) => this.discard(shard, batch),
            nextReadNumber: () => this.drain.nextReadNumber(),
            onProgress: () => this.checkDrained(),
            onCaughtUp: (...caughtUp) => this.drain.caughtUp(...caughtUp),
            shardExists: (id) => this.discovery.shardExists(id),
        });
        this.consumers.set(shardId, consumer);
        this.track(this.consume(consumer));
    }

    private async consume(consumer: ShardConsumer): Promise<void> {
        await consumer.run();
        if (!this.waits.isStopped()) {
            this.consumers.delete(consumer.shardId);
            this.discovery.setFinished(consumer.shardId);
            await this.discover();
        }
    }

    private checkDrained(): void {
        if (this.discovery.isSettled) {
            this.drain.check(this.consumers.values());
        }
    }

    private async discard(shardId: string, batch: DiscardedBatch): Promise<void> {
        const { counters, destination } = this;
        const key = await destination?.put(shardId, batch);
        if (destination === undefined) {
            counters.DroppedEventCount += batch.records.length;
        } else if (key === undefined) {
            return;
        } else {
            counters.OnFailureDestinationDeliveredEventCount += batch.records.length;
        }
        const sequenceNumbers = batch.records.map(({ sequenceNumber }) => sequenceNumber);
        this.options.onDiscard?.({ shardId, condition: batch.condition, sequenceNumbers, key });
    }

    private createDestination(): OnFailureDestination | undefined {
        const { uuid, settings, functionArn, deliverFailure, newUuid = randomUUID } = this.options;
        const { onFailureBucket: bucket, eventSourceArn: streamArn } = settings;
        if (bucket === undefined) {
            return undefined;
        }
        if (deliverFailure === undefined) {
            throw new Error("A mapping with an on-failure destination needs `deliverFailure`.");
        }
        const { clock, waits, random, result } = this;
        const names = { mappingUuid: uuid, functionArn, streamArn, bucket };
        return new OnFailureDestination({ ...names, write: deliverFailure, clock, waits, random, newUuid, result });
    }
}
