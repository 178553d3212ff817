import { AwsError } from "../../aws-error";
import type { PutRecordsResult } from "../api";
import { invalidArgument } from "../errors";
import { PUT_REQUEST_BYTES_MAX, RECORDS_PER_PUT_MAX, RECORD_KIB_MAX, PARTITION_KEY_CHARACTERS_MAX } from "../limits";
import { blob, list, required, string, structure, type Members } from "../members";
import { hashKeyMember, streamInReference, streamReferenceMembers, type Operation } from "./operation";
import { putRecord, routeRecord } from "./put";

export const recordMembers: Members = {
    PartitionKey: required(string({ minLength: 1, maxLength: PARTITION_KEY_CHARACTERS_MAX })),
    ExplicitHashKey: hashKeyMember,
    Data: required(blob(RECORD_KIB_MAX * 1024)),
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export const putRecords: Operation<"PutRecords"> = {
    members: {
        Records: required(
            list(
                structure(recordMembers),
                1,
                RECORDS_PER_PUT_MAX,
                "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry",
            ),
        ),
        ...streamReferenceMembers,
    },
    streamName: streamInReference,
    run(input, context) {
        const stream = context.streams.requireForRecords(input);
        // Before any is stored: a record that AWS would not accept fails the whole request.
        const records = input.Records.map((entry) => routeRecord(stream, entry));
        if (records.reduce((bytes, record) => bytes + record.bytes, 0) > PUT_REQUEST_BYTES_MAX) {
            throw invalidArgument("Records size exceeds 10 MB limit");
        }
        stream.sweep(context.now);
        const results = records.map((record): PutRecordsResult => {
            const outcome = putRecord(stream, record, context);
            if (outcome instanceof AwsError) return { ErrorCode: outcome.code, ErrorMessage: outcome.message };
            return { SequenceNumber: outcome.sequenceNumber, ShardId: outcome.shard.id };
        });
        const failed = results.reduce((count, result) => (result.ErrorCode === undefined ? count : count + 1), 0);
        if (failed < results.length) context.changed(stream.name);
        return {
            FailedRecordCount: failed,
            Records: results,
            ...(stream.encryptionKeyId !== undefined && { EncryptionType: "KMS" }),
        };
    },
};
