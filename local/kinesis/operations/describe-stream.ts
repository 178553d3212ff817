import { DESCRIBE_SHARDS_DEFAULT, LIST_MAX, ON_DEMAND_STREAMS_MAX, shardsPerAccountMax } from "../limits";
import { integer } from "../members";
import type { Stream } from "../stream";
import { describeShard } from "./descriptions";
import { noStream, shardIdMember, streamInReference, streamReferenceMembers, type Operation } from "./operation";
import { shardsAfter } from "./list-shards";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html */
export const describeStream: Operation<"DescribeStream"> = {
    members: {
        Limit: integer({ min: 1, max: LIST_MAX }),
        ExclusiveStartShardId: shardIdMember,
        ...streamReferenceMembers,
    },
    streamName: streamInReference,
    run(input, { streams, now }) {
        const stream = streams.require(input);
        stream.sweep(now);
        // A stream that is CREATING has none yet.
        const shards = stream.status === "CREATING" ? [] : shardsAfter(stream, input.ExclusiveStartShardId);
        const shown = shards.slice(0, input.Limit ?? DESCRIBE_SHARDS_DEFAULT);
        return {
            StreamDescription: {
                ...properties(stream),
                Shards: shown.map(describeShard),
                HasMoreShards: shown.length < shards.length,
            },
        };
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html */
export const describeStreamSummary: Operation<"DescribeStreamSummary"> = {
    members: streamReferenceMembers,
    streamName: streamInReference,
    run(input, { streams }) {
        const stream = streams.require(input);
        return {
            StreamDescriptionSummary: {
                ...properties(stream),
                OpenShardCount: stream.status === "CREATING" ? 0 : stream.openShards.length,
                ConsumerCount: 0,
                MaxRecordSizeInKiB: stream.recordKiBMax,
            },
        };
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html */
export const describeLimits: Operation<"DescribeLimits"> = {
    members: {},
    streamName: noStream,
    run(_input, { streams }) {
        return {
            ShardLimit: shardsPerAccountMax(streams.region),
            OpenShardCount: streams.openShardCount(),
            OnDemandStreamCount: streams.all().filter((stream) => stream.mode === "ON_DEMAND").length,
            OnDemandStreamCountLimit: ON_DEMAND_STREAMS_MAX,
        };
    },
};

function properties(stream: Stream) {
    const encrypted = stream.encryptionKeyId !== undefined;
    return {
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: stream.mode },
        StreamCreationTimestamp: stream.createdAt / 1000,
        RetentionPeriodHours: stream.retentionHours,
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        EncryptionType: encrypted ? ("KMS" as const) : ("NONE" as const),
        ...(encrypted && { KeyId: stream.encryptionKeyId }),
    };
}
