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
    /** Undefined if no record is kept. */
    readonly lastSequenceNumber: string | undefined;
}

/** A stream as observers see it. */
export interface StreamState {
    readonly name: string;
    readonly arn: string;
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
        mode: stream.mode,
        retentionHours: stream.retentionHours,
        retainedBytes: stream.retainedBytes,
        shards: stream.shards.map((shard) => ({
            shardId: shard.id,
            parentShardIds: shard.parentIds,
            open: shard.closedAt === undefined,
            records: shard.log.length,
            recordsArrived: shard.log.nextIndex - 1,
            lastSequenceNumber: shard.log.at(shard.log.nextIndex - 1)?.sequenceNumber,
        })),
    };
}
