import type { ChildShard, GetRecordsInput, GetRecordsOutput, KinesisRecord } from "../api";
import { invalidArgument, readRateExceeded, shardDoesNotExist } from "../errors";
import { GET_RECORDS_BYTES_MAX, GET_RECORDS_MAX } from "../limits";
import { integer, required, string } from "../members";
import type { StoredRecord } from "../record-log";
import type { Shard } from "../shard";
import { decodeIterator, encodeIterator, streamOfIterator, type ShardPosition } from "../shard-iterator";
import { formatShardId } from "../shard-id";
import type { Stream } from "../stream";
import { describeRange } from "./descriptions";
import { streamArnMember, streamInReference, type Operation, type OperationContext } from "./operation";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
export const getRecords: Operation<"GetRecords"> = {
    members: {
        Limit: integer({ min: 1, max: GET_RECORDS_MAX }),
        ShardIterator: required(string({ minLength: 1, maxLength: 512 })),
        StreamARN: streamArnMember,
    },
    streamName(input) {
        const { ShardIterator } = input;
        return (
            streamInReference(input) ??
            (typeof ShardIterator === "string" ? streamOfIterator(ShardIterator) : undefined)
        );
    },
    run(input, context) {
        const position = decodeIterator(input.ShardIterator, context.now);
        const { stream, shard } = locate(input, position, context);
        stream.sweep(context.now);
        stream.trimShard(shard, context.now);
        if (!shard.readLimit.take(context.now)) throw readRateExceeded(shard.id, stream.name);
        // Records before the horizon are gone, and those of another stream of this name never were in this one.
        const wanted = position.incarnation === stream.incarnation ? position.record : 0;
        const from = Math.max(wanted, shard.log.firstIndex);
        const read = readFrom(shard, from, input.Limit ?? GET_RECORDS_MAX);
        return answer(stream, shard, from, read, context.now);
    },
};

function locate(
    input: GetRecordsInput,
    position: ShardPosition,
    { streams }: OperationContext,
): { stream: Stream; shard: Shard } {
    const stream = streams.find(position.stream);
    const shard = stream?.shardAt(position.shard);
    if (stream?.takesRecords !== true || shard === undefined) {
        throw shardDoesNotExist(formatShardId(position.shard), position.stream);
    }
    if (input.StreamARN !== undefined && input.StreamARN !== stream.arn) {
        throw invalidArgument(`The ShardIterator is not of the stream ${input.StreamARN}.`);
    }
    return { stream, shard };
}

/** At most `limit` records and GET_RECORDS_BYTES_MAX bytes; the first record always fits. */
function readFrom(shard: Shard, from: number, limit: number): StoredRecord[] {
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (let index = from; records.length < limit; index += 1) {
        const record = shard.log.at(index);
        if (record === undefined || bytes + record.bytes > GET_RECORDS_BYTES_MAX) break;
        records.push(record);
        bytes += record.bytes;
    }
    shard.readLimit.charge(bytes);
    return records;
}

function answer(stream: Stream, shard: Shard, from: number, read: StoredRecord[], now: number): GetRecordsOutput {
    const next = from + read.length;
    const Records = read.map(wireRecord);
    if (next < shard.log.nextIndex) {
        // At least 1: clients take 0 to mean that there is nothing more to read.
        const behind = Math.max(1, now - (read.at(-1)?.arrivedAt ?? now));
        return { Records, NextShardIterator: iteratorAt(stream, shard, next, now), MillisBehindLatest: behind };
    }
    if (shard.closedAt === undefined) {
        return { Records, NextShardIterator: iteratorAt(stream, shard, next, now), MillisBehindLatest: 0 };
    }
    return { Records, MillisBehindLatest: 0, ChildShards: childShards(stream, shard) };
}

function iteratorAt(stream: Stream, shard: Shard, record: number, now: number): string {
    const { name, incarnation } = stream;
    return encodeIterator({ stream: name, incarnation, shard: shard.index, record }, now);
}

function wireRecord(record: StoredRecord): KinesisRecord {
    const wire: KinesisRecord = {
        SequenceNumber: record.sequenceNumber,
        ApproximateArrivalTimestamp: record.arrivedAt / 1000,
        Data: record.data,
        PartitionKey: record.partitionKey,
    };
    if (record.encrypted) wire.EncryptionType = "KMS";
    return wire;
}

function childShards(stream: Stream, parent: Shard): ChildShard[] {
    return stream.shards
        .filter((shard) => shard.parentIds.includes(parent.id))
        .map((shard) => ({
            ShardId: shard.id,
            ParentShards: [...shard.parentIds],
            HashKeyRange: describeRange(shard.range),
        }));
}
