import type { StreamRecord } from "./stream-reader";

/** Lambda quotas page: the event of a synchronous invocation has at most 6 MB. */
export const PAYLOAD_BYTES_MAX = 6_291_456;

const HEAD = '{"Records":[';
const TAIL = "]}";

/** A record that is read and not finished, with its part of the event, which is built once and used for every retry. */
export interface BufferedRecord {
    readonly sequenceNumber: string;
    readonly partitionKey: string;
    readonly arrivalMs: number;
    readonly bufferedAtMs: number;
    /** One element of the event's `Records`, as JSON text. */
    readonly json: string;
    /** Its size in UTF-8. */
    readonly bytes: number;
    finished: boolean;
}

export interface EventSource {
    readonly shardId: string;
    readonly eventSourceArn: string;
    readonly region: string;
    /** The role of the function: the mapping reads the stream with it. */
    readonly roleArn: string;
}

/** Shape of a record in the event: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
export function bufferRecord(record: StreamRecord, source: EventSource, nowMs: number): BufferedRecord {
    const { SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp } = record;
    // Base64, sequence numbers and shard ids need no escapes: plain concatenation is several times as quick as
    // JSON.stringify for the data, which is nearly all of it.
    const json =
        `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":${JSON.stringify(PartitionKey)},` +
        `"sequenceNumber":"${SequenceNumber}","data":"${Data}",` +
        `"approximateArrivalTimestamp":${ApproximateArrivalTimestamp}},"eventSource":"aws:kinesis","eventVersion":"1.0",` +
        `"eventID":"${source.shardId}:${SequenceNumber}","eventName":"aws:kinesis:record",` +
        `"invokeIdentityArn":${JSON.stringify(source.roleArn)},"awsRegion":"${source.region}",` +
        `"eventSourceARN":"${source.eventSourceArn}"}`;
    return {
        sequenceNumber: SequenceNumber,
        partitionKey: PartitionKey,
        arrivalMs: Math.round(ApproximateArrivalTimestamp * 1000),
        bufferedAtMs: nowMs,
        json,
        bytes: Buffer.byteLength(json),
        finished: false,
    };
}

/** The event as JSON text. */
export function eventPayload(records: readonly BufferedRecord[]): string {
    return HEAD + records.map(({ json }) => json).join(",") + TAIL;
}

/** How many of the records, from the first, fit into one invocation; at least one. */
export function batchLength(records: readonly BufferedRecord[], batchSize: number): number {
    // The first record has no comma before it.
    let bytes = HEAD.length + TAIL.length - 1;
    let length = 0;
    for (const record of records) {
        bytes += record.bytes + 1;
        if (length === batchSize || (length > 0 && bytes > PAYLOAD_BYTES_MAX)) {
            break;
        }
        length += 1;
    }
    return length;
}
