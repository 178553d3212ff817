import { ACCOUNT_ID, PARTITION } from "../../account";
import { AwsError } from "../../aws-error";
import type { StreamEncryptionInput } from "../api";
import { invalidArgument } from "../errors";
import { RECORD_KIB_DEFAULT, RECORD_KIB_MAX, RETENTION_HOURS_DEFAULT, RETENTION_HOURS_MAX } from "../limits";
import { integer, required, string, structure, type Members } from "../members";
import { requireOnDemandRoom } from "./create-stream";
import {
    countCall,
    streamArnMember,
    streamInReference,
    streamModeMember,
    streamReferenceMembers,
    type Operation,
} from "./operation";

const retentionMembers: Members = {
    RetentionPeriodHours: required(integer({ min: 1 })),
    ...streamReferenceMembers,
};

const encryptionMembers: Members = {
    EncryptionType: required(string({ values: ["NONE", "KMS"] })),
    KeyId: required(string({ minLength: 1, maxLength: 2048 })),
    ...streamReferenceMembers,
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html */
export const increaseStreamRetentionPeriod: Operation<"IncreaseStreamRetentionPeriod"> = {
    members: retentionMembers,
    streamName: streamInReference,
    run(input, { streams, change }) {
        const stream = streams.requireActive(input);
        const hours = requireHours(input.RetentionPeriodHours);
        if (hours < stream.retentionHours) {
            throw invalidArgument(
                `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than ` +
                    `existing retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
            );
        }
        change(stream, "UPDATING", (now) => stream.setRetention(hours, now));
        return {};
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html */
export const decreaseStreamRetentionPeriod: Operation<"DecreaseStreamRetentionPeriod"> = {
    members: retentionMembers,
    streamName: streamInReference,
    run(input, { streams, change }) {
        const stream = streams.requireActive(input);
        const hours = requireHours(input.RetentionPeriodHours);
        if (hours > stream.retentionHours) {
            throw invalidArgument(
                `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than ` +
                    `existing retention period (${stream.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
            );
        }
        change(stream, "UPDATING", (now) => stream.setRetention(hours, now));
        return {};
    },
};

/**
 * How a key can be named: by its ID, also that of a multi-Region key, its alias, or the ARN of either.
 *
 * https://docs.aws.amazon.com/kms/latest/developerguide/concepts-identifiers.html
 */
const KEY_ID =
    /^(arn:aws[\w-]*:kms:[\w-]+:\d{12}:(key|alias)\/\S+|alias\/\S+|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|mrk-[\da-f]{32})$/i;

/** The key that every account has for its streams; there is no KMS here in which others could be made. */
const AWS_MANAGED_KEY = "alias/aws/kinesis";

/**
 * The key is remembered, and reported with the stream and its records as on AWS. "You can successfully
 * apply a new AWS KMS key for server-side encryption 25 times in a rolling 24-hour period", and disable it as often.
 *
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html
 */
export const startStreamEncryption: Operation<"StartStreamEncryption"> = {
    members: encryptionMembers,
    streamName: streamInReference,
    run(input, { streams, now, change }) {
        const stream = streams.requireActive(input);
        requireKms(input);
        requireKey(input.KeyId, streams.region);
        countCall("StartStreamEncryption", stream, stream.encryptionStarts, now);
        change(stream, "UPDATING", () => (stream.encryptionKeyId = input.KeyId));
        return {};
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StopStreamEncryption.html */
export const stopStreamEncryption: Operation<"StopStreamEncryption"> = {
    members: encryptionMembers,
    streamName: streamInReference,
    run(input, { streams, now, change }) {
        const stream = streams.requireActive(input);
        requireKms(input);
        countCall("StopStreamEncryption", stream, stream.encryptionStops, now);
        change(stream, "UPDATING", () => (stream.encryptionKeyId = undefined));
        return {};
    },
};

/**
 * The shards stay as they are. An on-demand stream does not scale by itself here. "You can switch between the on-demand and
 * provisioned capacity modes two times within 24 hours" (Choose the right mode, developer guide).
 *
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html
 */
export const updateStreamMode: Operation<"UpdateStreamMode"> = {
    members: {
        StreamARN: required(streamArnMember),
        StreamModeDetails: required(structure({ StreamMode: streamModeMember })),
    },
    streamName: streamInReference,
    run(input, { streams, now, change }) {
        const stream = streams.requireActive(input);
        const mode = input.StreamModeDetails.StreamMode;
        if (mode === stream.mode) return {};
        if (mode === "ON_DEMAND") requireOnDemandRoom(streams);
        countCall("UpdateStreamMode", stream, stream.modeUpdates, now);
        change(stream, "UPDATING", () => (stream.mode = mode));
        return {};
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html */
export const updateMaxRecordSize: Operation<"UpdateMaxRecordSize"> = {
    members: {
        MaxRecordSizeInKiB: required(integer({ min: RECORD_KIB_DEFAULT, max: RECORD_KIB_MAX })),
        StreamARN: required(streamArnMember),
    },
    streamName: streamInReference,
    run(input, { streams, change }) {
        const stream = streams.requireActive(input);
        change(stream, "UPDATING", () => (stream.recordKiBMax = input.MaxRecordSizeInKiB));
        return {};
    },
};

function requireHours(hours: number): number {
    if (hours < RETENTION_HOURS_DEFAULT) {
        throw invalidArgument(
            `Minimum allowed retention period is ${RETENTION_HOURS_DEFAULT} hours. ` +
                `Requested retention period (${hours} hours) is too short.`,
        );
    }
    if (hours > RETENTION_HOURS_MAX) {
        throw invalidArgument(
            `Maximum allowed retention period is ${RETENTION_HOURS_MAX} hours. ` +
                `Requested retention period (${hours} hours) is too long.`,
        );
    }
    return hours;
}

function requireKms({ EncryptionType, KeyId }: StreamEncryptionInput): void {
    if (EncryptionType !== "KMS") throw invalidArgument("The only valid value of EncryptionType is KMS.");
    if (!KEY_ID.test(KeyId))
        throw invalidArgument(`The KeyId ${KeyId} names no KMS key: expected its ID, alias or ARN.`);
}

function requireKey(keyId: string, region: string): void {
    const arn = (name: string) => `arn:${PARTITION}:kms:${region}:${ACCOUNT_ID}:${name}`;
    if (keyId === AWS_MANAGED_KEY || keyId === arn(AWS_MANAGED_KEY)) return;
    const name = keyId.startsWith("arn:") ? keyId : arn(keyId.startsWith("alias/") ? keyId : `key/${keyId}`);
    const message = name.includes(":alias/") ? `Alias ${name} is not found.` : `Key '${name}' does not exist`;
    throw new AwsError("KMSNotFoundException", message);
}
