import { AwsError } from "../../aws-error";
import { decodedBytes } from "../blob";
import type { PutRecordsEntry } from "../api";
import { invalidArgument, rateExceeded } from "../errors";
import { hashKeyFromDecimal, hashKeyOf, type HashKey } from "../hash-key";
import type { NewRecord } from "../record-log";
import type { Shard } from "../shard";
import type { Stream } from "../stream";
import type { OperationContext } from "./operation";

/** A record that has been checked, and where it belongs. */
export interface RoutedRecord extends NewRecord {
    readonly hashKey: HashKey;
}

/** Checks what depends on the stream, and finds the hash key. One bad record fails the whole request, as on AWS. */
export function routeRecord(stream: Stream, entry: PutRecordsEntry): RoutedRecord {
    const { Data, PartitionKey, ExplicitHashKey } = entry;
    const bytes = decodedBytes(Data) + Buffer.byteLength(PartitionKey, "utf8");
    const bytesMax = stream.recordKiBMax * 1024;
    if (bytes > bytesMax) {
        throw invalidArgument(
            `Record size of ${bytes} bytes, data and partition key together, exceeds the maximum record size of ` +
                `${bytesMax} bytes of stream ${stream.name}.`,
        );
    }
    const hashKey =
        ExplicitHashKey === undefined ? hashKeyOf(PartitionKey) : requireHashKey("ExplicitHashKey", ExplicitHashKey);
    return { data: Data, partitionKey: PartitionKey, bytes, hashKey };
}

/** Stores a record; an AwsError in the result, not thrown, is why its shard did not take it. */
export function putRecord(
    stream: Stream,
    record: RoutedRecord,
    { now, faults }: OperationContext,
): { shard: Shard; sequenceNumber: string } | AwsError {
    const shard = stream.route(record.hashKey);
    const rejected = faults.rejectRecord?.(stream.name, shard.id);
    if (rejected !== undefined || !shard.writeLimit.take(record.bytes, now)) {
        shard.recordsThrottled += 1;
        return rejected ?? rateExceeded(shard.id, stream.name);
    }
    return { shard, sequenceNumber: stream.append(shard, record, now).sequenceNumber };
}

function requireHashKey(name: string, decimal: string): HashKey {
    const key = hashKeyFromDecimal(decimal);
    if (key !== undefined) return key;
    throw invalidArgument(
        `Invalid ${name}. ${name} must be in the range: [0, 2^128-1]. Specified value was ${decimal}`,
    );
}
