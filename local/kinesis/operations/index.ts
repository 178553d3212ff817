import type { OperationName } from "../api";
import { createStream, deleteStream } from "./create-stream";
import { describeLimits, describeStream, describeStreamSummary } from "./describe-stream";
import { getRecords } from "./get-records";
import { getShardIterator } from "./get-shard-iterator";
import { listShards } from "./list-shards";
import { listStreams } from "./list-streams";
import type { Operation } from "./operation";
import { putRecord } from "./put-record";
import { putRecords } from "./put-records";
import { mergeShards, splitShard, updateShardCount } from "./reshard";
import {
    decreaseStreamRetentionPeriod,
    increaseStreamRetentionPeriod,
    startStreamEncryption,
    stopStreamEncryption,
    updateMaxRecordSize,
    updateStreamMode,
} from "./stream-settings";
import {
    addTagsToStream,
    listTagsForResource,
    listTagsForStream,
    removeTagsFromStream,
    tagResource,
    untagResource,
} from "./tags";

/** Every operation that is known, under its name in X-Amz-Target. */
export const operations: { readonly [Name in OperationName]: Operation<Name> } = {
    AddTagsToStream: addTagsToStream,
    CreateStream: createStream,
    DecreaseStreamRetentionPeriod: decreaseStreamRetentionPeriod,
    DeleteStream: deleteStream,
    DescribeLimits: describeLimits,
    DescribeStream: describeStream,
    DescribeStreamSummary: describeStreamSummary,
    GetRecords: getRecords,
    GetShardIterator: getShardIterator,
    IncreaseStreamRetentionPeriod: increaseStreamRetentionPeriod,
    ListShards: listShards,
    ListStreams: listStreams,
    ListTagsForResource: listTagsForResource,
    ListTagsForStream: listTagsForStream,
    MergeShards: mergeShards,
    PutRecord: putRecord,
    PutRecords: putRecords,
    RemoveTagsFromStream: removeTagsFromStream,
    SplitShard: splitShard,
    StartStreamEncryption: startStreamEncryption,
    StopStreamEncryption: stopStreamEncryption,
    TagResource: tagResource,
    UntagResource: untagResource,
    UpdateMaxRecordSize: updateMaxRecordSize,
    UpdateShardCount: updateShardCount,
    UpdateStreamMode: updateStreamMode,
};

export function isOperation(name: string): name is OperationName {
    return Object.hasOwn(operations, name);
}
