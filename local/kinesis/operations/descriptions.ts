import type { HashKeyRange as WireRange, ShardDescription } from "../api";
import { toDecimal, type HashKeyRange } from "../hash-key";
import type { Shard } from "../shard";

export function describeRange(range: HashKeyRange): WireRange {
    return { StartingHashKey: toDecimal(range.start), EndingHashKey: toDecimal(range.end) };
}

/** A shard as DescribeStream and ListShards write it. */
export function describeShard(shard: Shard): ShardDescription {
    const [parent, adjacentParent] = shard.parentIds;
    return {
        ShardId: shard.id,
        ...(parent !== undefined && { ParentShardId: parent }),
        ...(adjacentParent !== undefined && { AdjacentParentShardId: adjacentParent }),
        HashKeyRange: describeRange(shard.range),
        SequenceNumberRange: {
            StartingSequenceNumber: shard.startingSequenceNumber,
            ...(shard.endingSequenceNumber !== undefined && { EndingSequenceNumber: shard.endingSequenceNumber }),
        },
    };
}
