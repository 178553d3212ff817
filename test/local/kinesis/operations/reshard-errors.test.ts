import { ACCOUNT, describeErrors } from "../error-cases";

describeErrors("errors of SplitShard, MergeShards and UpdateShardCount", [
    {
        name: "SplitShard at the second key of the shard",
        call: (client, StreamName) =>
            client.splitShard({ StreamName, ShardToSplit: "shardId-000000000000", NewStartingHashKey: "1" }),
        code: "InvalidArgumentException",
        message: new RegExp(
            "^NewStartingHashKey 1 used in SplitShard\\(\\) on shard shardId-000000000000 in stream {stream} " +
                `under account ${ACCOUNT} is not both greater than one plus the shard's StartingHashKey 0 and ` +
                "less than the shard's EndingHashKey 113427455640312821154458202477256070484\\.$",
        ),
    },
    {
        name: "SplitShard at the last key of the shard",
        call: (client, StreamName) =>
            client.splitShard({
                StreamName,
                ShardToSplit: "shardId-000000000000",
                NewStartingHashKey: "113427455640312821154458202477256070484",
            }),
        code: "InvalidArgumentException",
        message: /is not both greater than one plus the shard's StartingHashKey 0 and less than/,
    },
    {
        name: "SplitShard of a shard that is not there",
        call: (client, StreamName) =>
            client.splitShard({ StreamName, ShardToSplit: "shardId-5", NewStartingHashKey: "2" }),
        code: "ResourceNotFoundException",
        message: new RegExp(
            `^Could not find shard shardId-000000000005 in stream {stream} under account ${ACCOUNT}\\.$`,
        ),
    },
    {
        name: "MergeShards of shards that are not neighbours",
        call: (client, StreamName) =>
            client.mergeShards({
                StreamName,
                ShardToMerge: "shardId-000000000000",
                AdjacentShardToMerge: "shardId-000000000002",
            }),
        code: "InvalidArgumentException",
        message: new RegExp(
            "^Shards shardId-000000000000 and shardId-000000000002 in stream {stream} under account " +
                `${ACCOUNT} are not an adjacent pair of shards eligible for merging$`,
        ),
    },
    {
        name: "MergeShards in the wrong order",
        call: (client, StreamName) =>
            client.mergeShards({
                StreamName,
                ShardToMerge: "shardId-000000000001",
                AdjacentShardToMerge: "shardId-000000000000",
            }),
        code: "InvalidArgumentException",
        message: /are not an adjacent pair of shards eligible for merging$/,
    },
    {
        name: "UpdateShardCount to more than twice the shards",
        call: (client, StreamName) =>
            client.updateShardCount({ StreamName, TargetShardCount: 7, ScalingType: "UNIFORM_SCALING" }),
        code: "LimitExceededException",
        message: /^UpdateShardCount cannot scale up over double your current open shard count\. /,
    },
    {
        name: "UpdateShardCount to less than half the shards",
        call: (client, StreamName) =>
            client.updateShardCount({ StreamName, TargetShardCount: 1, ScalingType: "UNIFORM_SCALING" }),
        code: "LimitExceededException",
        message: /^UpdateShardCount cannot scale down below half your current open shard count\. /,
    },
]);
