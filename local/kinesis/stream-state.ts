import type { StreamStatus } from "./api";
import type { StreamMode, Stream } from "./stream";

/** A shard as observers see it. */
export interface ShardState {
    readonly shardId: string;
    readonly parentShardIds: readonly string[];
    readonly open: boolean;
    /** Records that are kept. */
    readonly records: number;
    /** Records that ever arrived, whether kept or not. */
    readonly recordsArrived: number;
    /** Of those records, data and partition keys. */
    readonly bytesArrived: number;
    /** How many times the shard did not take a record, for want of capacity. */
    readonly recordsThrottled: number;
    /** Undefined if no record is kept. */
    readonly lastSequenceNumber: string | undefined;
}

/** A stream as observers see it. */
export interface StreamState {
    readonly name: string;
    readonly arn: string;
    readonly status: StreamStatus;
    readonly mode: StreamMode;
    readonly retentionHours: number;
    readonly retainedBytes: number;
    /** In the order of creation; without expired ones. */
    readonly shards: readonly ShardState[];
}

export function observe(stream: Stream): StreamState {
    return {
        name: stream.name,
        arn: stream.arn,
        status: stream.status,
        mode: stream.mode,
        retentionHours: stream.retentionHours,
        retainedBytes: stream.retainedBytes,
        shards: stream.shards.map((shard) => ({
            shardId: shard.id,
            parentShardIds: shard.parentIds,
            open: shard.closedAt === undefined,
            records: shard.log.length,
            recordsArrived: shard.log.nextIndex - 1,
            bytesArrived: shard.bytesArrived,
            recordsThrottled: shard.recordsThrottled,
            lastSequenceNumber: shard.log.at(shard.log.nextIndex - 1)?.sequenceNumber,
        })),
    };
}
