import type { Input, OperationName, Output } from "../kinesis/api";

export type StartPosition =
    | { readonly type: "TRIM_HORIZON" | "LATEST" }
    | { readonly type: "AT_TIMESTAMP"; readonly timestampSeconds: number }
    | { readonly type: "AFTER_SEQUENCE_NUMBER"; readonly sequenceNumber: string };

export interface StreamShard {
    readonly shardId: string;
    /** One for a split, two for a merge; also those that the stream no longer lists. */
    readonly parentShardIds: readonly string[];
    /** A closed shard takes no more records. */
    readonly closed: boolean;
}

export interface StreamRecord {
    readonly SequenceNumber: string;
    readonly PartitionKey: string;
    /** Base64. */
    readonly Data: string;
    /** Seconds since the epoch, with a fraction. */
    readonly ApproximateArrivalTimestamp: number;
}

export interface RecordsRead {
    readonly records: readonly StreamRecord[];
    /** Undefined at the end of a closed shard. */
    readonly nextIterator: string | undefined;
    /** 0: nothing newer is in the shard. */
    readonly millisBehindLatest: number;
}

/** A stream as a mapping needs it. Errors of the service are AwsErrors with Kinesis's names. */
export interface StreamReader {
    /** Every shard that still has records, closed ones included. */
    listShards(): Promise<readonly StreamShard[]>;
    /** How long the stream keeps a record. */
    retentionMs(): Promise<number>;
    getShardIterator(shardId: string, position: StartPosition): Promise<string>;
    getRecords(iterator: string, limit: number): Promise<RecordsRead>;
    /** Calls the listener when records arrive; returns a function that ends that. */
    onRecords(listener: () => void): () => void;
}

/** The Kinesis operations that a mapping calls, with the role of its function. */
export interface KinesisCalls {
    call<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Output<Name>>;
    onRecords(streamName: string, listener: () => void): () => void;
}

const MS_PER_HOUR = 60 * 60 * 1000;

export function kinesisStreamReader(kinesis: KinesisCalls, streamArn: string): StreamReader {
    const streamName = streamArn.slice(streamArn.indexOf("/") + 1);
    return {
        listShards: () => listShards(kinesis, streamArn),
        async retentionMs() {
            const { StreamDescriptionSummary } = await kinesis.call("DescribeStreamSummary", { StreamARN: streamArn });
            return StreamDescriptionSummary.RetentionPeriodHours * MS_PER_HOUR;
        },
        async getShardIterator(shardId, position) {
            const { ShardIterator } = await kinesis.call("GetShardIterator", {
                StreamARN: streamArn,
                ShardId: shardId,
                ShardIteratorType: position.type,
                ...(position.type === "AT_TIMESTAMP" && { Timestamp: position.timestampSeconds }),
                ...(position.type === "AFTER_SEQUENCE_NUMBER" && { StartingSequenceNumber: position.sequenceNumber }),
            });
            return ShardIterator;
        },
        async getRecords(iterator, limit) {
            const input = { StreamARN: streamArn, ShardIterator: iterator, Limit: limit };
            const { Records, NextShardIterator, MillisBehindLatest } = await kinesis.call("GetRecords", input);
            return { records: Records, nextIterator: NextShardIterator, millisBehindLatest: MillisBehindLatest };
        },
        onRecords: (listener) => kinesis.onRecords(streamName, listener),
    };
}

async function listShards(kinesis: KinesisCalls, streamArn: string): Promise<StreamShard[]> {
    const shards: StreamShard[] = [];
    let page: Output<"ListShards">;
    let nextToken: string | undefined;
    do {
        page = await kinesis.call(
            "ListShards",
            nextToken === undefined ? { StreamARN: streamArn } : { NextToken: nextToken },
        );
        for (const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange } of page.Shards) {
            shards.push({
                shardId: ShardId,
                parentShardIds: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined),
                closed: SequenceNumberRange.EndingSequenceNumber !== undefined,
            });
        }
        nextToken = page.NextToken;
    } while (nextToken !== undefined);
    return shards;
}
