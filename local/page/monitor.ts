import type { Cloud, MappingInvocation } from "../cloud";
import type { Item } from "../dynamodb/service";
import { FailedEvents } from "../failed-events";
import type { Denial } from "../front-door/server";
import type { LogEvent } from "../lambda/service";
import { figures, lastInvocations, pointOf, type Figures, type Point } from "./figures";
import { functionErrorText } from "./function-error";
import { LatencyHistogram } from "./latency-histogram";
import { Newest } from "./newest";
import type { LastInvocations, Reading, ShardReading } from "./reading";
import { RequestCounts } from "./request-counts";

/** The parts of a pipeline that are shown, by their physical names. */
export interface Pipeline {
    readonly streamName: string;
    readonly functionName: string;
    readonly tableName: string;
    readonly bucketName: string;
}

/** Refused requests of one kind: who, what and on what. */
export interface DenialCount extends Denial {
    readonly count: number;
    readonly lastMs: number;
}

export interface NewItem {
    readonly item: Item;
    readonly timeMs: number;
}

type EndedInvocation = NonNullable<MappingInvocation["result"]>;

export type Watcher = (figures: Figures, point: Point) => void;

export const TICK_MS = 500;
/** Rates are counted over this many ticks: a second. */
const RATE_TICKS = 2;
/** What happened in this many ticks is taken to be still going on: three seconds. */
const RECENT_TICKS = 6;
/** With nobody watching, and nothing that changed for so long, there is nothing to read: then no timer runs. */
const QUIET_TICKS = 10;
/** Five minutes of chart. */
export const POINTS_MAX = 600;
export const ITEMS_KEPT_MAX = 50;
export const LOG_EVENTS_KEPT_MAX = 1_000;
/** Kinds of denied requests. */
export const DENIALS_KEPT_MAX = 200;

/**
 * Observes the pipeline of an embedded cloud. What happens is counted where it happens, which costs some nanoseconds; the
 * counts are read twice a second while something happens or somebody watches.
 */
export class Monitor {
    readonly failedEvents: FailedEvents;
    readonly logs = new Newest<LogEvent>(LOG_EVENTS_KEPT_MAX);
    readonly items = new Newest<NewItem>(ITEMS_KEPT_MAX);
    private readonly denials = new Map<string, DenialCount>();
    private readonly points = new Newest<Point>(POINTS_MAX);
    private readings = new Newest<Reading>(RECENT_TICKS + 1);
    private readonly latencies = new LatencyHistogram();
    private readonly watchers = new Set<Watcher>();
    private readonly unsubscribe: readonly (() => void)[];
    private readonly requests = new RequestCounts();
    private readonly recordsByShard = new Map<string, number>();
    private arrived = 0;
    private written = 0;
    private running = 0;
    private invocationMs = 0;
    private functionError = "";
    private last: LastInvocations | undefined;
    private deniedCount = 0;
    private bucketChanges = 0;
    private quietTicks = 0;
    private timer: NodeJS.Timeout | undefined;

    constructor(
        private readonly cloud: Cloud,
        readonly pipeline: Pipeline,
        private readonly clock: () => number = Date.now,
    ) {
        const { streamName, functionName, tableName, bucketName } = pipeline;
        const { kinesis, dynamodb, lambda, s3, events } = cloud;
        this.failedEvents = new FailedEvents(s3, bucketName, cloud.onInternalFailure);
        for (const event of lambda.logs(functionName).slice(-LOG_EVENTS_KEPT_MAX)) this.logs.add(event);
        this.unsubscribe = [
            () => this.failedEvents.stop(),
            kinesis.onRecords(streamName, () => this.wake()),
            dynamodb.onWrite((write) => {
                if (write.tableName === tableName) this.countItems(write.put, write.timeMs);
            }),
            s3.onWrite(({ bucket }) => (this.bucketChanges += Number(bucket === bucketName))),
            lambda.onLog((event) => this.logs.add(event)),
            events.denied.add((denial) => this.countDenial(denial)),
            events.answered.add((report) => this.requests.add(report)),
            events.invocation.add(({ state, result }) => this.countInvocation(state, result)),
        ];
        this.readings.add(this.read());
    }

    /** Calls the watcher twice a second from now on. @returns what ends it */
    watch(watcher: Watcher): () => void {
        this.watchers.add(watcher);
        this.wake();
        return () => this.watchers.delete(watcher);
    }

    /** The figures as of now, and the last minutes. */
    history(): { figures: Figures; points: Point[] } {
        if (this.timer === undefined) this.beginWith(this.read());
        return { figures: this.figures(), points: this.points.since(0) };
    }

    /** Kinds of denied requests, the last one first. */
    denied(): DenialCount[] {
        return Array.from(this.denials.values()).reverse();
    }

    /** How often an object of the failed-events bucket was written or deleted. */
    get failedChanges(): number {
        return this.bucketChanges;
    }

    /** Denied requests, of kinds that are no longer kept as well. */
    get deniedTotal(): number {
        return this.deniedCount;
    }

    /** Ends all observation; no timer is left. */
    stop(): void {
        for (const end of this.unsubscribe) end();
        this.watchers.clear();
        clearInterval(this.timer);
        this.timer = undefined;
    }

    private beginWith(reading: Reading): void {
        this.readings = new Newest(RECENT_TICKS + 1);
        this.readings.add(reading);
    }

    private wake(): void {
        this.quietTicks = 0;
        if (this.timer !== undefined) return;
        // Rates are not counted over the time when nothing was read, as nothing happened.
        const [last] = this.readings.since(this.readings.total - 1);
        if (last !== undefined) this.beginWith({ ...last, timeMs: this.clock() });
        // A page does not keep a process alive.
        this.timer = setInterval(() => this.tick(), TICK_MS).unref();
    }

    private tick(): void {
        const reading = this.read();
        this.readings.add(reading);
        const shown = this.figures();
        const point = pointOf(shown);
        this.points.add(point);
        for (const watcher of this.watchers) watcher(shown, point);
        this.quietTicks = shown.verdict.level === "quiet" ? this.quietTicks + 1 : 0;
        if (this.watchers.size > 0 || this.quietTicks < QUIET_TICKS) return;
        clearInterval(this.timer);
        this.timer = undefined;
    }

    private figures(): Figures {
        const readings = this.readings.since(0);
        const now = readings.at(-1) ?? this.read();
        return figures(now, readings.at(-1 - RATE_TICKS) ?? readings[0] ?? now, readings[0] ?? now);
    }

    private countItems(items: readonly Item[], timeMs: number): void {
        for (const item of items) {
            this.latencies.add(timeMs - Date.parse(String(item.Timestamp?.S)));
            this.items.add({ item, timeMs });
        }
        this.written += items.length;
        this.wake();
    }

    private countInvocation(state: "begun" | "ended", result: EndedInvocation | undefined): void {
        // One that had begun before this monitor did was not counted then.
        this.running = Math.max(this.running + (state === "begun" ? 1 : -1), 0);
        this.invocationMs += result?.durationMs ?? 0;
        if (result?.functionError !== undefined) this.functionError = functionErrorText(result.payload);
    }

    private countDenial(denial: Denial): void {
        const { principalArn, action, resource } = denial;
        this.deniedCount += 1;
        const kind = [principalArn, action, resource].join("\n");
        const count = (this.denials.get(kind)?.count ?? 0) + 1;
        // Taken out and put in again, it is the last one.
        this.denials.delete(kind);
        this.denials.set(kind, { ...denial, count, lastMs: this.clock() });
        const [oldest] = this.denials.keys();
        if (this.denials.size > DENIALS_KEPT_MAX && oldest !== undefined) this.denials.delete(oldest);
    }

    private read(): Reading {
        const { dynamodb } = this.cloud;
        const mappings = this.cloud.mappings();
        const shards = this.readShards(mappings.flatMap((mapping) => mapping.shards));
        const sum = (name: keyof (typeof mappings)[number]["counters"]) =>
            mappings.reduce((total, { counters }) => total + counters[name], 0);
        const buffered = shards.reduce((total, shard) => total + (shard.buffered ?? 0), 0);
        const [mapping] = mappings;
        const { puts, writes } = this.requests;
        const { invocationMs } = this;
        const invocations = sum("invocations");
        const recordsInvoked = sum("InvokedEventCount");
        const [before] = this.readings.since(this.readings.total - 1);
        const ended = before && lastInvocations({ invocations, recordsInvoked, invocationMs }, before);
        this.last = ended ?? this.last;
        return {
            timeMs: this.clock(),
            shards,
            arrived: this.arrived,
            finished: sum("PolledEventCount") - buffered,
            putRequests: puts.all,
            putRequestsRefused: puts.refused,
            putError: puts.error,
            invocations,
            invocationsFailed: sum("functionErrors"),
            partialFailures: sum("partialFailures"),
            recordsInvoked,
            invocationMs,
            last: this.last,
            functionError: this.functionError,
            running: this.running,
            mappingState: mapping?.state ?? "Disabled",
            lastProcessingResult: mapping?.lastProcessingResult ?? "",
            tableRequests: writes.all,
            tableRequestsRefused: writes.refused,
            tableError: writes.error,
            written: this.written,
            items: dynamodb.itemCount(this.pipeline.tableName) ?? 0,
            latencies: this.latencies.read(),
            failedObjects: this.failedEvents.objects,
            failedRecords: this.failedEvents.records,
        };
    }

    private readShards(
        consumed: readonly { shardId: string; buffered: number; iteratorAgeMs: number }[],
    ): ShardReading[] {
        const progress = new Map(consumed.map((status) => [status.shardId, status]));
        return (this.cloud.kinesis.state(this.pipeline.streamName)?.shards ?? []).map((shard) => {
            const { shardId, open, recordsArrived: records, bytesArrived: bytes, recordsThrottled: throttled } = shard;
            // Summed up here, since shards that have expired are gone from the stream.
            this.arrived += records - (this.recordsByShard.get(shardId) ?? 0);
            this.recordsByShard.set(shardId, records);
            const { buffered, iteratorAgeMs } = progress.get(shardId) ?? {};
            return { shardId, open, records, bytes, throttled, buffered, iteratorAgeMs };
        });
    }
}
