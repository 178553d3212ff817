import { ACCOUNT_ID } from "../../account";
import { invalidArgument, limitExceeded, validationError } from "../errors";
import { hashKeyFromDecimal, toDecimal } from "../hash-key";
import { LIST_MAX, shardsPerAccountMax } from "../limits";
import { integer, required, string } from "../members";
import { areAdjacent, mergeShards as merge, scaleUniformly, splitShard as split } from "../resharding";
import type { Shard } from "../shard";
import type { Stream } from "../stream";
import { shardToReshard, type Streams } from "../streams";
import {
    countCall,
    hashKeyMember,
    shardIdMember,
    streamInReference,
    streamReferenceMembers,
    type Operation,
} from "./operation";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html */
export const splitShard: Operation<"SplitShard"> = {
    members: {
        NewStartingHashKey: required(hashKeyMember),
        ...streamReferenceMembers,
        ShardToSplit: required(shardIdMember),
    },
    streamName: streamInReference,
    run(input, { streams, change }) {
        const stream = streams.requireActive(input);
        requireProvisioned(stream);
        const shard = shardToReshard(stream, input.ShardToSplit);
        requireRoom(streams, 1);
        const start = requireStartWithin(stream, shard, input.NewStartingHashKey);
        change(stream, "UPDATING", (now) => split(stream, shard, start, now));
        return {};
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html */
export const mergeShards: Operation<"MergeShards"> = {
    members: {
        ShardToMerge: required(shardIdMember),
        AdjacentShardToMerge: required(shardIdMember),
        ...streamReferenceMembers,
    },
    streamName: streamInReference,
    run(input, { streams, change }) {
        const stream = streams.requireActive(input);
        requireProvisioned(stream);
        const shard = shardToReshard(stream, input.ShardToMerge);
        const adjacent = shardToReshard(stream, input.AdjacentShardToMerge);
        if (!areAdjacent(shard, adjacent)) {
            throw invalidArgument(
                `Shards ${shard.id} and ${adjacent.id} in stream ${stream.name} under account ${ACCOUNT_ID} ` +
                    "are not an adjacent pair of shards eligible for merging",
            );
        }
        change(stream, "UPDATING", (now) => merge(stream, shard, adjacent, now));
        return {};
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
export const updateShardCount: Operation<"UpdateShardCount"> = {
    members: {
        TargetShardCount: required(integer({ min: 1 })),
        ScalingType: required(string({ values: ["UNIFORM_SCALING"] })),
        ...streamReferenceMembers,
    },
    streamName: streamInReference,
    run(input, { streams, now, change }) {
        const stream = streams.requireActive(input);
        requireProvisioned(stream);
        const current = stream.openShards.length;
        const target = input.TargetShardCount;
        checkTarget(current, target);
        requireRoom(streams, target - current);
        countCall("UpdateShardCount", stream, stream.shardCountUpdates, now);
        change(stream, "UPDATING", (endedAt) => scaleUniformly(stream, target, endedAt));
        const { name, arn } = stream;
        return { StreamName: name, CurrentShardCount: current, TargetShardCount: target, StreamARN: arn };
    },
};

/** Refuses a request after which the account would have more open shards than it may. */
export function requireRoom(streams: Streams, additional: number): void {
    const current = streams.openShardCount();
    const shardsMax = shardsPerAccountMax(streams.region);
    if (current + additional <= shardsMax) return;
    throw limitExceeded(
        `This request would exceed the shard limit for the account ${ACCOUNT_ID} in ${streams.region}. ` +
            `Current shard count for the account: ${current}. Limit: ${shardsMax}. ` +
            `Number of additional shards that would have resulted from this request: ${additional}. ` +
            "Refer to the AWS Service Limits page " +
            "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) " +
            "for current limits and how to request higher limits.",
    );
}

/** "This API is only supported for data streams with the provisioned capacity mode." */
function requireProvisioned(stream: Stream): void {
    if (stream.mode === "PROVISIONED") return;
    throw validationError(
        `Request is invalid. Stream ${stream.name} under account ${ACCOUNT_ID} is in On-Demand mode.`,
    );
}

/** The key as it was given, if both halves are more than one key wide at the start and one at the end. */
function requireStartWithin(stream: Stream, shard: Shard, decimal: string): string {
    const key = hashKeyFromDecimal(decimal);
    const start = toDecimal(shard.range.start);
    const within = key !== undefined && BigInt(decimal) > BigInt(start) + 1n && key < shard.range.end;
    if (within) return key;
    throw invalidArgument(
        `NewStartingHashKey ${decimal} used in SplitShard() on shard ${shard.id} in stream ${stream.name} under ` +
            `account ${ACCOUNT_ID} is not both greater than one plus the shard's StartingHashKey ${start} and ` +
            `less than the shard's EndingHashKey ${toDecimal(shard.range.end)}.`,
    );
}

function checkTarget(current: number, target: number): void {
    const counts = `Current open shard count: ${current}, Target shard count: ${target}`;
    if (target > LIST_MAX) {
        throw limitExceeded(
            `Target shard count or number of open shards cannot be greater than ${LIST_MAX}. ${counts}`,
        );
    }
    if (target > current * 2) {
        throw limitExceeded(`UpdateShardCount cannot scale up over double your current open shard count. ${counts}`);
    }
    if (target < current / 2) {
        throw limitExceeded(`UpdateShardCount cannot scale down below half your current open shard count. ${counts}`);
    }
}
