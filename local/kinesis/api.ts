/**
 * Requests and responses as they are on the wire (X-Amz-Target Kinesis_20131202, JSON 1.1): Data is base64 text, times are
 * seconds since the epoch with milliseconds as a fraction. A member that is absent may also be undefined.
 */

export interface StreamReference {
    StreamName?: string;
    StreamARN?: string;
}

export type EncryptionType = "NONE" | "KMS";
export type StreamStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";
export type StreamModeName = "PROVISIONED" | "ON_DEMAND";
export type ShardIteratorType =
    "AFTER_SEQUENCE_NUMBER" | "LATEST" | "AT_TIMESTAMP" | "AT_SEQUENCE_NUMBER" | "TRIM_HORIZON";
export type ShardFilterType =
    "AFTER_SHARD_ID" | "AT_TRIM_HORIZON" | "FROM_TRIM_HORIZON" | "AT_LATEST" | "AT_TIMESTAMP" | "FROM_TIMESTAMP";

// Records

export interface PutRecordInput extends StreamReference {
    Data: string;
    PartitionKey: string;
    ExplicitHashKey?: string;
    SequenceNumberForOrdering?: string;
}

export interface PutRecordOutput {
    ShardId: string;
    SequenceNumber: string;
    EncryptionType?: EncryptionType;
}

export interface PutRecordsEntry {
    Data: string;
    PartitionKey: string;
    ExplicitHashKey?: string;
}

export interface PutRecordsInput extends StreamReference {
    Records: PutRecordsEntry[];
}

/** Either the first two members, or the last two. */
export interface PutRecordsResult {
    SequenceNumber?: string;
    ShardId?: string;
    ErrorCode?: string;
    ErrorMessage?: string;
}

export interface PutRecordsOutput {
    FailedRecordCount: number;
    /** In the order of the request. */
    Records: PutRecordsResult[];
    EncryptionType?: EncryptionType;
}

export interface GetShardIteratorInput extends StreamReference {
    ShardId: string;
    ShardIteratorType: ShardIteratorType;
    StartingSequenceNumber?: string;
    Timestamp?: number;
}

export interface GetShardIteratorOutput {
    ShardIterator: string;
}

export interface GetRecordsInput {
    ShardIterator: string;
    Limit?: number;
    StreamARN?: string;
}

export interface KinesisRecord {
    SequenceNumber: string;
    ApproximateArrivalTimestamp: number;
    Data: string;
    PartitionKey: string;
    EncryptionType?: EncryptionType;
}

export interface ChildShard {
    ShardId: string;
    ParentShards: string[];
    HashKeyRange: HashKeyRange;
}

export interface GetRecordsOutput {
    Records: KinesisRecord[];
    /** Absent once the end of a closed shard is reached. */
    NextShardIterator?: string;
    /** 0 only if nothing newer is in the shard. */
    MillisBehindLatest: number;
    /** Present once the end of a closed shard is reached. */
    ChildShards?: ChildShard[];
}

// Shards

export interface HashKeyRange {
    StartingHashKey: string;
    EndingHashKey: string;
}

export interface ShardDescription {
    ShardId: string;
    ParentShardId?: string;
    AdjacentParentShardId?: string;
    HashKeyRange: HashKeyRange;
    /** A closed shard has an EndingSequenceNumber. */
    SequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string };
}

export interface ListShardsInput extends StreamReference {
    NextToken?: string;
    ExclusiveStartShardId?: string;
    MaxResults?: number;
    StreamCreationTimestamp?: number;
    ShardFilter?: ShardFilter;
}

export interface ShardFilter {
    Type: ShardFilterType;
    ShardId?: string;
    Timestamp?: number;
}

export interface ListShardsOutput {
    Shards: ShardDescription[];
    NextToken?: string;
}

export interface SplitShardInput extends StreamReference {
    ShardToSplit: string;
    NewStartingHashKey: string;
}

export interface MergeShardsInput extends StreamReference {
    ShardToMerge: string;
    AdjacentShardToMerge: string;
}

export interface UpdateShardCountInput extends StreamReference {
    TargetShardCount: number;
    ScalingType: "UNIFORM_SCALING";
}

export interface UpdateShardCountOutput {
    StreamName: string;
    CurrentShardCount: number;
    TargetShardCount: number;
    StreamARN: string;
}

// Streams

export interface CreateStreamInput {
    StreamName: string;
    ShardCount?: number;
    StreamModeDetails?: { StreamMode: StreamModeName };
    Tags?: Record<string, string>;
    MaxRecordSizeInKiB?: number;
}

export interface DeleteStreamInput extends StreamReference {
    EnforceConsumerDeletion?: boolean;
}

export interface DescribeStreamInput extends StreamReference {
    Limit?: number;
    ExclusiveStartShardId?: string;
}

interface StreamProperties {
    StreamName: string;
    StreamARN: string;
    StreamStatus: StreamStatus;
    StreamModeDetails: { StreamMode: StreamModeName };
    StreamCreationTimestamp: number;
    RetentionPeriodHours: number;
    EnhancedMonitoring: { ShardLevelMetrics: string[] }[];
    EncryptionType: EncryptionType;
    KeyId?: string;
}

export interface DescribeStreamOutput {
    StreamDescription: StreamProperties & { Shards: ShardDescription[]; HasMoreShards: boolean };
}

export interface DescribeStreamSummaryOutput {
    StreamDescriptionSummary: StreamProperties & {
        OpenShardCount: number;
        ConsumerCount: number;
        MaxRecordSizeInKiB: number;
    };
}

export interface DescribeLimitsOutput {
    ShardLimit: number;
    OpenShardCount: number;
    OnDemandStreamCount: number;
    OnDemandStreamCountLimit: number;
}

export interface ListStreamsInput {
    Limit?: number;
    ExclusiveStartStreamName?: string;
    NextToken?: string;
}

export interface ListStreamsOutput {
    StreamNames: string[];
    HasMoreStreams: boolean;
    NextToken?: string;
    StreamSummaries: {
        StreamName: string;
        StreamARN: string;
        StreamStatus: StreamStatus;
        StreamModeDetails: { StreamMode: StreamModeName };
        StreamCreationTimestamp: number;
    }[];
}

export interface RetentionPeriodInput extends StreamReference {
    RetentionPeriodHours: number;
}

export interface StreamEncryptionInput extends StreamReference {
    EncryptionType: EncryptionType;
    KeyId: string;
}

export interface UpdateStreamModeInput {
    StreamARN: string;
    StreamModeDetails: { StreamMode: StreamModeName };
}

export interface UpdateMaxRecordSizeInput {
    StreamARN: string;
    MaxRecordSizeInKiB: number;
}

// Tags

export interface AddTagsToStreamInput extends StreamReference {
    Tags: Record<string, string>;
}

export interface RemoveTagsFromStreamInput extends StreamReference {
    TagKeys: string[];
}

export interface ListTagsForStreamInput extends StreamReference {
    ExclusiveStartTagKey?: string;
    Limit?: number;
}

export interface Tag {
    Key: string;
    Value: string;
}

export interface ListTagsForStreamOutput {
    Tags: Tag[];
    HasMoreTags: boolean;
}

export interface TagResourceInput {
    ResourceARN: string;
    Tags: Record<string, string>;
}

export interface UntagResourceInput {
    ResourceARN: string;
    TagKeys: string[];
}

export interface ListTagsForResourceInput {
    ResourceARN: string;
}

export interface ListTagsForResourceOutput {
    Tags: Tag[];
}

/** An answer without content: the body of the HTTP response is empty. */
export type Empty = Record<string, never>;

/** Every operation with what it takes and gives. */
export interface KinesisOperations {
    AddTagsToStream: [AddTagsToStreamInput, Empty];
    CreateStream: [CreateStreamInput, Empty];
    DecreaseStreamRetentionPeriod: [RetentionPeriodInput, Empty];
    DeleteStream: [DeleteStreamInput, Empty];
    DescribeLimits: [Empty, DescribeLimitsOutput];
    DescribeStream: [DescribeStreamInput, DescribeStreamOutput];
    DescribeStreamSummary: [StreamReference, DescribeStreamSummaryOutput];
    GetRecords: [GetRecordsInput, GetRecordsOutput];
    GetShardIterator: [GetShardIteratorInput, GetShardIteratorOutput];
    IncreaseStreamRetentionPeriod: [RetentionPeriodInput, Empty];
    ListShards: [ListShardsInput, ListShardsOutput];
    ListStreams: [ListStreamsInput, ListStreamsOutput];
    ListTagsForResource: [ListTagsForResourceInput, ListTagsForResourceOutput];
    ListTagsForStream: [ListTagsForStreamInput, ListTagsForStreamOutput];
    MergeShards: [MergeShardsInput, Empty];
    PutRecord: [PutRecordInput, PutRecordOutput];
    PutRecords: [PutRecordsInput, PutRecordsOutput];
    RemoveTagsFromStream: [RemoveTagsFromStreamInput, Empty];
    SplitShard: [SplitShardInput, Empty];
    StartStreamEncryption: [StreamEncryptionInput, Empty];
    StopStreamEncryption: [StreamEncryptionInput, Empty];
    TagResource: [TagResourceInput, Empty];
    UntagResource: [UntagResourceInput, Empty];
    UpdateMaxRecordSize: [UpdateMaxRecordSizeInput, Empty];
    UpdateShardCount: [UpdateShardCountInput, UpdateShardCountOutput];
    UpdateStreamMode: [UpdateStreamModeInput, Empty];
}

export type OperationName = keyof KinesisOperations;
export type Input<Name extends OperationName> = KinesisOperations[Name][0];
export type Output<Name extends OperationName> = KinesisOperations[Name][1];
