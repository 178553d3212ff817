import type { BufferedRecord } from "./event";

/** Why a batch is given up. A record that the stream no longer keeps counts as too old. */
export type DiscardCondition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** The last answer of the function; a partial failure is no function error. */
export interface ResponseContext {
    readonly statusCode: number;
    readonly executedVersion: string;
    readonly functionError?: string;
}

export interface FailedBatch {
    readonly records: readonly BufferedRecord[];
    readonly condition: DiscardCondition;
    readonly invokeCount: number;
    /** The last invocation's, or a new one if there was none. */
    readonly requestId: string;
    /** Undefined if the function was never invoked. */
    readonly response: ResponseContext | undefined;
    readonly shardId: string;
    readonly streamArn: string;
    readonly functionArn: string;
    /** The event as JSON text. */
    readonly payload: string;
    readonly nowMs: number;
}

/**
 * The object that Lambda writes to an S3 on-failure destination: metadata of the batch, and the event as a string.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function failureRecord(batch: FailedBatch): string {
    const { records, response } = batch;
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) {
        throw new Error("A failed batch has at least one record.");
    }
    return JSON.stringify({
        requestContext: {
            requestId: batch.requestId,
            functionArn: batch.functionArn,
            condition: batch.condition,
            approximateInvokeCount: batch.invokeCount,
        },
        ...(response !== undefined && { responseContext: response }),
        version: "1.0",
        timestamp: isoTime(batch.nowMs),
        KinesisBatchInfo: {
            shardId: batch.shardId,
            startSequenceNumber: first.sequenceNumber,
            endSequenceNumber: last.sequenceNumber,
            approximateArrivalOfFirstRecord: isoTime(first.arrivalMs),
            approximateArrivalOfLastRecord: isoTime(last.arrivalMs),
            batchSize: records.length,
            streamArn: batch.streamArn,
        },
        payload: batch.payload,
    });
}

/** `aws/lambda/<mapping UUID>/<shardId>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<UUID>`, in UTC. */
export function failureKey(mappingUuid: string, shardId: string, nowMs: number, uuid: string): string {
    const time = isoTime(nowMs);
    const day = time.slice(0, 10);
    const second = time.slice(0, 19).replaceAll(":", ".");
    return `aws/lambda/${mappingUuid}/${shardId}/${day.replaceAll("-", "/")}/${second}-${uuid}`;
}

function isoTime(ms: number): string {
    return new Date(ms).toISOString();
}
