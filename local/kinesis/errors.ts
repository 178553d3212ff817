import { ACCOUNT_ID } from "../account";
import { AwsError } from "../aws-error";

/** The errors of Kinesis with AWS's own sentences. */

export function invalidArgument(message: string): AwsError {
    return new AwsError("InvalidArgumentException", message);
}

export function validationError(message: string): AwsError {
    return new AwsError("ValidationException", message);
}

export function serializationError(message: string): AwsError {
    return new AwsError("SerializationException", message);
}

export function limitExceeded(message: string): AwsError {
    return new AwsError("LimitExceededException", message);
}

export function streamNotFound(streamName: string): AwsError {
    return notFound(`Stream ${streamName} under account ${ACCOUNT_ID} not found.`);
}

export function streamExists(streamName: string): AwsError {
    return new AwsError("ResourceInUseException", `Stream ${streamName} under account ${ACCOUNT_ID} already exists.`);
}

/** What operations say that need an ACTIVE stream. */
export function streamNotActive(streamName: string, status: string): AwsError {
    return new AwsError(
        "ResourceInUseException",
        `Stream ${streamName} under account ${ACCOUNT_ID} not ACTIVE, instead in state ${status}`,
    );
}

/** What reads say of a shard that is not there; `shardId` is in its full form. */
export function shardDoesNotExist(shardId: string, streamName: string): AwsError {
    return notFound(`Shard ${shardId} in stream ${streamName} under account ${ACCOUNT_ID} does not exist`);
}

/** What resharding says of a shard that is not there, and everything of a text that is no shard ID. */
export function couldNotFindShard(shardId: string, streamName: string): AwsError {
    return notFound(`Could not find shard ${shardId} in stream ${streamName} under account ${ACCOUNT_ID}.`);
}

/** What a shard says that cannot take a record. */
export function rateExceeded(shardId: string, streamName: string): AwsError {
    return new AwsError(
        "ProvisionedThroughputExceededException",
        `Rate exceeded for shard ${shardId} in stream ${streamName} under account ${ACCOUNT_ID}.`,
    );
}

/**
 * What a shard says that is read too often, or too much of. The API reference has the sentence of writes for both; this is
 * what the service says: https://github.com/awslabs/amazon-kinesis-client/issues/1521
 */
export function readRateExceeded(shardId: string, streamName: string): AwsError {
    return new AwsError(
        "ProvisionedThroughputExceededException",
        `Rate exceeded for Shard - ${ACCOUNT_ID}/${streamName}/${shardId}`,
    );
}

/**
 * An operation is called more often than the account may.
 * Sources: https://github.com/boto/botocore/pull/821, https://github.com/Graylog2/graylog-plugin-integrations/issues/341
 * @param streamName undefined where the operation is about no stream
 */
export function callRateExceeded(streamName: string | undefined): AwsError {
    return limitExceeded(
        streamName === undefined
            ? `Rate exceeded for account ${ACCOUNT_ID}.`
            : `Rate exceeded for stream ${streamName} under account ${ACCOUNT_ID}.`,
    );
}

export function unknownOperation(): AwsError {
    return new AwsError("UnknownOperationException", "");
}

function notFound(message: string): AwsError {
    return new AwsError("ResourceNotFoundException", message);
}
