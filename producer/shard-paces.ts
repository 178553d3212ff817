import { createHash } from "node:crypto";
import { Fifo } from "./fifo";
import type { Lane } from "./lane";

/** A shard takes 1,000 records a second: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const RATE_START = 1_000;
/** A shard that takes so many needs no pace: it was split, or its other producers have gone. */
const RATE_MAX = 2_000;
const RATE_MIN = 10;
/** After a release that was taken completely. */
const RATE_STEP = 25;
/** After one that was not. */
const RATE_CUT = 0.85;
/** Records of a throttled shard leave this often. */
const RELEASE_MS = 100;
/** A shard that has not throttled for so long, and for which nothing waits, is free again. */
const QUIET_MS = 10_000;

/** How fast records go to one shard that has lately said that it takes no more. */
export class ShardPace {
    /** Authors whose first record it did not take: they go first. */
    readonly retries = new Fifo<Lane>();
    readonly waiting = new Fifo<Lane>();
    /** It has taken records of the last release. */
    wasAccepted = false;
    private recordsPerSecond = RATE_START;
    private releaseAtMs = 0;
    private releasedAtMs = -Infinity;
    private cutAtMs = -Infinity;
    private throttledAtMs = 0;
    /** The hash keys that are known to be of this shard: a shard holds a range of them. */
    private lowest = Infinity;
    private highest = -Infinity;

    constructor(readonly shardId: string) {}

    covers(hashKey: number): boolean {
        return this.lowest <= hashKey && hashKey <= this.highest;
    }

    /** When its next records may go; undefined if there are none. */
    get dueAtMs(): number | undefined {
        return this.retries.length + this.waiting.length === 0 ? undefined : this.releaseAtMs;
    }

    /** It did not take a record with that hash key. */
    throttle(hashKey: number, nowMs: number, random: () => number): void {
        this.lowest = Math.min(this.lowest, hashKey);
        this.highest = Math.max(this.highest, hashKey);
        this.throttledAtMs = nowMs;
        // Many records of one release come back at once: they are one reason to go slower.
        if (nowMs - this.cutAtMs < RELEASE_MS) return;
        this.cutAtMs = nowMs;
        this.recordsPerSecond = Math.max(RATE_MIN, this.recordsPerSecond * RATE_CUT);
        // At random, so that many producers do not come back together.
        this.releaseAtMs = nowMs + random() * 2 * RELEASE_MS;
    }

    /** How many records may go now. */
    release(nowMs: number): number {
        if (nowMs < this.releaseAtMs || this.dueAtMs === undefined) return 0;
        if (this.wasAccepted && this.throttledAtMs < this.releasedAtMs) this.recordsPerSecond += RATE_STEP;
        this.wasAccepted = false;
        const elapsedMs = Math.min(nowMs - this.releasedAtMs, 2 * RELEASE_MS);
        this.releasedAtMs = nowMs;
        this.releaseAtMs = nowMs + RELEASE_MS;
        return Math.ceil((this.recordsPerSecond * elapsedMs) / 1000);
    }

    hasRecovered(nowMs: number): boolean {
        return (
            this.recordsPerSecond >= RATE_MAX || (this.dueAtMs === undefined && nowMs - this.throttledAtMs >= QUIET_MS)
        );
    }
}

/**
 * The shards that throttle. Records for them wait here and leave at the pace that the shard takes, while those for other
 * shards go on at full speed: additive increase, multiplicative decrease, as in TCP, from the rate that AWS promises.
 *
 * Which shard a record goes to is known only to the stream; but it says so of each record that it throttles, and a shard
 * holds a range of hash keys: https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html. Between two keys that it has
 * throttled, all are its. After a few dozen records, nearly all of a shard is known. While nothing is throttled, nothing is hashed.
 */
export class ShardPaces {
    private readonly paces = new Map<string, ShardPace>();

    /**
     * @param onFree told of each lane that need not wait for its shard any more
     */
    constructor(
        private readonly random: () => number,
        private readonly onFree: (lane: Lane, isRetry: boolean) => void,
    ) {}

    get size(): number {
        return this.paces.size;
    }

    /** The pace that records of this key have to keep, if they have to. */
    of(partitionKey: string): ShardPace | undefined {
        if (this.paces.size === 0) return undefined;
        const hashKey = hashKeyOf(partitionKey);
        for (const pace of this.paces.values()) if (pace.covers(hashKey)) return pace;
        return undefined;
    }

    /** The shard did not take the lane's first record: the lane waits here. */
    throttled(shardId: string, lane: Lane, nowMs: number): void {
        const hashKey = hashKeyOf(lane.key);
        let pace = this.paces.get(shardId);
        if (pace === undefined) this.paces.set(shardId, (pace = new ShardPace(shardId)));
        pace.throttle(hashKey, nowMs, this.random);
        pace.retries.push(lane);
        // The stream was resharded: what was known of the shard before is no longer so.
        for (const other of this.paces.values()) if (other !== pace && other.covers(hashKey)) this.free(other);
    }

    /** The shards whose next records may go, with how many. */
    open(nowMs: number): [ShardPace, number][] {
        const due: [ShardPace, number][] = [];
        for (const pace of this.paces.values()) {
            const records = pace.release(nowMs);
            if (pace.hasRecovered(nowMs)) this.free(pace);
            else if (records > 0) due.push([pace, records]);
        }
        return due;
    }

    /** When the next records may go; undefined if none wait here. */
    dueAtMs(): number | undefined {
        let earliest: number | undefined;
        for (const { dueAtMs } of this.paces.values()) {
            if (dueAtMs !== undefined) earliest = Math.min(dueAtMs, earliest ?? Infinity);
        }
        return earliest;
    }

    private free(pace: ShardPace): void {
        this.paces.delete(pace.shardId);
        for (let lane = pace.retries.shift(); lane !== undefined; lane = pace.retries.shift()) this.onFree(lane, true);
        for (let lane = pace.waiting.shift(); lane !== undefined; lane = pace.waiting.shift()) this.onFree(lane, false);
    }
}

/** The first 48 bits of the hash key that Kinesis makes of a partition key: the MD5 of its UTF-8. */
function hashKeyOf(partitionKey: string): number {
    return createHash("md5").update(partitionKey, "utf8").digest().readUIntBE(0, 6);
}
