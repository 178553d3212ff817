import type { OperationName, StreamStatus } from "./api";
import type { HashKey, HashKeyRange } from "./hash-key";
import {
    RECORD_KIB_DEFAULT,
    RETENTION_HOURS_DEFAULT,
    STREAM_ENCRYPTION_PER_DAY_MAX,
    UPDATE_SHARD_COUNT_PER_DAY_MAX,
    UPDATE_STREAM_MODE_PER_DAY_MAX,
} from "./limits";
import { retainedBytes, type NewRecord, type StoredRecord } from "./record-log";
import { Shard, type Trimmed } from "./shard";
import { type CallRate, DailyLimit } from "./throughput";

export type StreamMode = "PROVISIONED" | "ON_DEMAND";

/** Records of one shard that had to go before their retention period was over, because of `retainedBytesMax`. */
export interface EarlyTrim extends Readonly<Trimmed> {
    readonly streamName: string;
    readonly shardId: string;
    readonly retainedBytesMax: number;
}

export interface StreamSettings {
    readonly name: string;
    readonly arn: string;
    readonly mode: StreamMode;
    readonly ranges: readonly HashKeyRange[];
    readonly recordKiBMax?: number;
    readonly tags?: Readonly<Record<string, string>>;
    readonly createdAt: number;
    /** Tells this stream from earlier ones of the same name. */
    readonly incarnation: number;
    readonly retainedBytesMax: number;
    readonly onEarlyTrim: (trim: EarlyTrim) => void;
}

/** What is under way with a stream: it takes effect at its end. */
export interface StreamChange {
    readonly status: Exclude<StreamStatus, "ACTIVE">;
    /** Milliseconds. */
    readonly startedAt: number;
    readonly endsAt: number;
    /** @param now when it ended */
    readonly complete: (now: number) => void;
}

const HOUR_MS = 3_600_000;
/** The clock's step at which the shards that nobody reads or writes are looked through for expired records. */
const SWEEP_INTERVAL_MS = 1000;
/** The part of the limit that is freed in one go once it is reached, so that one put in many pays and reports. */
const EARLY_TRIM_FRACTION = 1 / 64;

/**
 * A stream and its shards. Nothing runs by itself: what has expired goes when the stream is next used, so that no timer is
 * needed.
 */
export class Stream {
    readonly name: string;
    readonly arn: string;
    readonly createdAt: number;
    readonly incarnation: number;
    readonly tags: Map<string, string>;
    readonly shardCountUpdates = new DailyLimit(UPDATE_SHARD_COUNT_PER_DAY_MAX);
    readonly modeUpdates = new DailyLimit(UPDATE_STREAM_MODE_PER_DAY_MAX);
    readonly encryptionStarts = new DailyLimit(STREAM_ENCRYPTION_PER_DAY_MAX);
    readonly encryptionStops = new DailyLimit(STREAM_ENCRYPTION_PER_DAY_MAX);
    /** Of the operations that have a rate per stream. */
    readonly callRates = new Map<OperationName, CallRate>();
    mode: StreamMode;
    retentionHours = RETENTION_HOURS_DEFAULT;
    recordKiBMax: number;
    /** The KMS key as the request named it; undefined without encryption. */
    encryptionKeyId: string | undefined;
    change: StreamChange | undefined;
    readonly #settings: StreamSettings;
    /** Every shard that has not expired, in the order of creation. */
    #shards: Shard[] = [];
    /** Open shards in the order of their hash keys. */
    #open: Shard[] = [];
    #shardsMade = 0;
    #retainedBytes = 0;
    #sweptAt = -Infinity;

    constructor(settings: StreamSettings) {
        this.#settings = settings;
        this.name = settings.name;
        this.arn = settings.arn;
        this.createdAt = settings.createdAt;
        this.incarnation = settings.incarnation;
        this.mode = settings.mode;
        this.recordKiBMax = settings.recordKiBMax ?? RECORD_KIB_DEFAULT;
        this.tags = new Map(Object.entries(settings.tags ?? {}));
        for (const range of settings.ranges) this.addShard(range, [], settings.createdAt);
    }

    get status(): StreamStatus {
        return this.change?.status ?? "ACTIVE";
    }

    /** "Read and write operations continue to work while the stream is in the UPDATING state": API_SplitShard. */
    get takesRecords(): boolean {
        return this.status === "ACTIVE" || this.status === "UPDATING";
    }

    get shards(): readonly Shard[] {
        return this.#shards;
    }

    get openShards(): readonly Shard[] {
        return this.#open;
    }

    get retainedBytes(): number {
        return this.#retainedBytes;
    }

    /** The shard with that number, unless it never was or has expired. */
    shardAt(index: number): Shard | undefined {
        // Shards expire from the front, mostly: the position is at most the index.
        const guess = this.#shards[index - (this.#shards[0]?.index ?? 0)];
        return guess?.index === index ? guess : this.#shards.find((shard) => shard.index === index);
    }

    /** The open shard that takes a hash key. O(log n). */
    route(key: HashKey): Shard {
        const shard = this.#open[this.#openIndexOf(key)];
        if (shard === undefined) throw new Error(`Stream ${this.name} has no open shard`);
        return shard;
    }

    append(shard: Shard, record: NewRecord, now: number): StoredRecord {
        const stored = shard.append(record, this.encryptionKeyId !== undefined, now);
        this.#retainedBytes += retainedBytes(stored);
        if (this.#retainedBytes > this.#settings.retainedBytesMax) this.#trimEarly();
        return stored;
    }

    /** Adds an open shard. Its parents, if any, are closed by it: together they cover its range. */
    addShard(range: HashKeyRange, parents: readonly Shard[], now: number): Shard {
        const shard = new Shard(this.#shardsMade, range, parents, now);
        this.#shardsMade += 1;
        this.#shards.push(shard);
        this.#open = this.#open.toSpliced(this.#openIndexOf(range.start) + 1, 0, shard);
        return shard;
    }

    closeShard(shard: Shard, now: number): void {
        shard.close(now);
        this.#open = this.#open.filter((other) => other !== shard);
    }

    /** Lets go of what has outlived the retention period in one shard, so that a read does not return it. */
    trimShard(shard: Shard, now: number): void {
        this.#retainedBytes -= shard.trimBefore(this.#horizon(now)).bytes;
    }

    /** The same for all shards, and closed shards that have expired go as well; at most once a second of the clock. */
    sweep(now: number): void {
        if (Math.abs(now - this.#sweptAt) < SWEEP_INTERVAL_MS) return;
        this.#sweptAt = now;
        this.trim(now);
    }

    trim(now: number): void {
        const horizon = this.#horizon(now);
        for (const shard of this.#shards) this.trimShard(shard, now);
        const expired = (shard: Shard) => shard.log.length === 0 && (shard.closedAt ?? Infinity) < horizon;
        if (this.#shards.some(expired)) this.#shards = this.#shards.filter((shard) => !expired(shard));
    }

    setRetention(hours: number, now: number): void {
        this.retentionHours = hours;
        this.trim(now);
    }

    /** Of the open shard that begins at the key or last before it; -1 if none does. O(log n). */
    #openIndexOf(key: HashKey): number {
        let low = -1;
        let high = this.#open.length - 1;
        while (low < high) {
            const middle = Math.ceil((low + high) / 2);
            if ((this.#open[middle]?.range.start ?? "") <= key) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    #horizon(now: number): number {
        return now - this.retentionHours * HOUR_MS;
    }

    /** Frees memory: the oldest records of all shards go first, and the caller hears of every one. */
    #trimEarly(): void {
        const { retainedBytesMax, onEarlyTrim } = this.#settings;
        const target = retainedBytesMax * (1 - EARLY_TRIM_FRACTION);
        const trims = new Map<Shard, Trimmed>();
        while (this.#retainedBytes > target) {
            const shard = this.#shardWithOldestRecord();
            const trimmed = trims.get(shard) ?? { records: 0, bytes: 0 };
            trims.set(shard, trimmed);
            const before = trimmed.bytes;
            if (shard.oldest !== undefined) shard.dropOldest(shard.oldest, trimmed);
            this.#retainedBytes -= trimmed.bytes - before;
        }
        for (const [shard, trimmed] of trims) {
            onEarlyTrim({ streamName: this.name, shardId: shard.id, retainedBytesMax, ...trimmed });
        }
    }

    #shardWithOldestRecord(): Shard {
        let oldest: Shard | undefined;
        for (const shard of this.#shards) {
            const arrivedAt = shard.oldest?.arrivedAt ?? Infinity;
            if (arrivedAt < (oldest?.oldest?.arrivedAt ?? Infinity)) oldest = shard;
        }
        if (oldest === undefined) throw new Error(`Stream ${this.name} retains bytes without records`);
        return oldest;
    }
}
