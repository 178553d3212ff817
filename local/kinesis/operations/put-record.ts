import { ACCOUNT_ID } from "../../account";
import { AwsError } from "../../aws-error";
import { invalidArgument } from "../errors";
import { parseSequenceNumber } from "../sequence-number";
import type { Stream } from "../stream";
import { sequenceNumberMember, streamInReference, streamReferenceMembers, type Operation } from "./operation";
import { putRecord as store, routeRecord } from "./put";
import { recordMembers } from "./put-records";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
export const putRecord: Operation<"PutRecord"> = {
    members: { SequenceNumberForOrdering: sequenceNumberMember, ...recordMembers, ...streamReferenceMembers },
    streamName: streamInReference,
    run(input, context) {
        const stream = context.streams.requireForRecords(input);
        const record = routeRecord(stream, input);
        checkOrdering(stream, input.SequenceNumberForOrdering, context.now);
        stream.sweep(context.now);
        const outcome = store(stream, record, context);
        if (outcome instanceof AwsError) throw outcome;
        context.changed(stream.name);
        return {
            ShardId: outcome.shard.id,
            SequenceNumber: outcome.sequenceNumber,
            ...(stream.encryptionKeyId !== undefined && { EncryptionType: "KMS" }),
        };
    },
};

/**
 * Numbers grow in a shard and from parent to child, so that the number of a client's previous record needs no other care
 * than to be one that can have been given.
 */
function checkOrdering(stream: Stream, previous: string | undefined, now: number): void {
    if (previous === undefined) return;
    const number = parseSequenceNumber(previous);
    if (number !== undefined && number.writtenSeconds * 1000 <= now) return;
    throw invalidArgument(
        `ExclusiveMinimumSequenceNumber ${previous} used in PutRecord on stream ${stream.name} under account ` +
            `${ACCOUNT_ID} is invalid.`,
    );
}
