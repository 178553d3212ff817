import { previousHashKey, uniformRanges, type HashKey } from "./hash-key";
import type { Shard } from "./shard";
import type { Stream } from "./stream";

/** Replaces an open shard by two: one up to the key before `newStart`, one from `newStart` on. */
export function splitShard(stream: Stream, shard: Shard, newStart: HashKey, now: number): void {
    stream.closeShard(shard, now);
    stream.addShard({ start: shard.range.start, end: previousHashKey(newStart) }, [shard], now);
    stream.addShard({ start: newStart, end: shard.range.end }, [shard], now);
}

/** Replaces two open shards by one; `adjacent` begins where `shard` ends, or the other way round. */
export function mergeShards(stream: Stream, shard: Shard, adjacent: Shard, now: number): void {
    stream.closeShard(shard, now);
    stream.closeShard(adjacent, now);
    const [low, high] = shard.range.start < adjacent.range.start ? [shard, adjacent] : [adjacent, shard];
    stream.addShard({ start: low.range.start, end: high.range.end }, [shard, adjacent], now);
}

export function areAdjacent(shard: Shard, adjacent: Shard): boolean {
    return adjacent.range.start > shard.range.end && previousHashKey(adjacent.range.start) === shard.range.end;
}

/**
 * Brings a stream to `count` shards of one size by splits and merges alone, as UpdateShardCount does on AWS: "This operation
 * may result in the creation of additional shards that are closed", and no shard ever has more than two parents.
 */
export function scaleUniformly(stream: Stream, count: number, now: number): void {
    const ranges = uniformRanges(count);
    for (const { start } of ranges) {
        const shard = stream.route(start);
        if (shard.range.start !== start) splitShard(stream, shard, start, now);
    }
    for (const { start, end } of ranges) {
        for (let shard = stream.route(start); shard.range.end !== end; shard = stream.route(start)) {
            mergeShards(stream, shard, stream.route(nextStart(stream, shard)), now);
        }
    }
}

/** Where the open shard after this one begins. */
function nextStart(stream: Stream, shard: Shard): HashKey {
    const next = stream.openShards[stream.openShards.indexOf(shard) + 1];
    if (next === undefined) throw new Error(`No open shard follows ${shard.id} in stream ${stream.name}`);
    return next.range.start;
}
