import { ACCOUNT, describeErrors, MISSING, notFound } from "../error-cases";

const LONG = "a".repeat(129);

describeErrors("errors of operations on streams", [
    {
        name: "CreateStream under a name that is taken",
        call: (client, StreamName) => client.createStream({ StreamName, ShardCount: 1 }),
        code: "ResourceInUseException",
        message: new RegExp(`^Stream {stream} under account ${ACCOUNT} already exists\\.$`),
    },
    {
        name: "CreateStream with a name of 129 characters and without shards",
        call: (client) => client.createStream({ StreamName: LONG, ShardCount: 0 }),
        code: "ValidationException",
        message:
            "2 validation errors detected: " +
            "Value '0' at 'shardCount' failed to satisfy constraint: " +
            "Member must have value greater than or equal to 1; " +
            `Value '${LONG}' at 'streamName' failed to satisfy constraint: ` +
            "Member must have length less than or equal to 128",
    },
    {
        name: "CreateStream beyond the account's shards",
        call: (client) => client.createStream({ StreamName: `${MISSING}-large`, ShardCount: 100_000 }),
        code: "LimitExceededException",
        message: new RegExp(`^This request would exceed the shard limit for the account ${ACCOUNT} in [a-z0-9-]+\\. `),
    },
    {
        name: "DeleteStream of a stream that is not there",
        call: (client) => client.deleteStream({ StreamName: MISSING }),
        code: "ResourceNotFoundException",
        message: notFound,
    },
    {
        name: "DescribeStream of a stream that is not there",
        call: (client) => client.describeStream({ StreamName: MISSING }),
        code: "ResourceNotFoundException",
        message: notFound,
    },
    {
        name: "IncreaseStreamRetentionPeriod to 23 hours",
        call: (client, StreamName) => client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 23 }),
        code: "InvalidArgumentException",
        message: "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.",
    },
    {
        name: "IncreaseStreamRetentionPeriod beyond a year",
        call: (client, StreamName) => client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 8761 }),
        code: "InvalidArgumentException",
        message: "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.",
    },
    {
        name: "DecreaseStreamRetentionPeriod to more than it is",
        call: (client, StreamName) => client.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 25 }),
        code: "InvalidArgumentException",
        message: new RegExp(
            "^Requested retention period \\(25 hours\\) for stream {stream} can not be longer than existing " +
                "retention period \\(24 hours\\)\\. Use IncreaseRetentionPeriod API\\.$",
        ),
    },
    {
        name: "ListShards with both a name and a token",
        call: (client, StreamName) => client.listShards({ StreamName, NextToken: "AAAA" }),
        code: "InvalidArgumentException",
        message: "NextToken and StreamName cannot be provided together.",
    },
    {
        name: "ListShards with a filter that is not known",
        call: (client, StreamName) => client.listShards({ StreamName, ShardFilter: { Type: "OPEN" as "AT_LATEST" } }),
        code: "ValidationException",
        message: /^1 validation error detected: Value 'OPEN' at 'shardFilter\.type' failed .* enum value set: \[.*\]$/,
    },
    {
        name: "StartStreamEncryption without encryption",
        call: (client, StreamName) =>
            client.startStreamEncryption({ StreamName, EncryptionType: "NONE", KeyId: "alias/aws/kinesis" }),
        code: "InvalidArgumentException",
        message: /KMS/,
    },
    {
        name: "StartStreamEncryption with an alias that does not say so",
        call: (client, StreamName) =>
            client.startStreamEncryption({ StreamName, EncryptionType: "KMS", KeyId: "aws/kinesis" }),
        code: "InvalidArgumentException",
        message: /KeyId/,
    },
    {
        name: "StartStreamEncryption with an alias that is not there",
        call: (client, StreamName) =>
            client.startStreamEncryption({ StreamName, EncryptionType: "KMS", KeyId: `alias/${MISSING}` }),
        code: "KMSNotFoundException",
        message: new RegExp(`^Alias arn:aws:kms:[a-z0-9-]+:${ACCOUNT}:alias/${MISSING} is not found\\.$`),
    },
    {
        name: "StartStreamEncryption with a key that is not there",
        call: (client, StreamName) =>
            client.startStreamEncryption({
                StreamName,
                EncryptionType: "KMS",
                KeyId: "1234abcd-12ab-34cd-56ef-1234567890ab",
            }),
        code: "KMSNotFoundException",
        message: /^Key 'arn:aws:kms:[a-z0-9-]+:\d{12}:key\/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist$/,
    },
    {
        name: "a StreamARN of another region",
        call: (client, StreamName) =>
            client.describeStream({ StreamARN: `arn:aws:kinesis:eu-west-3:000000000000:stream/${StreamName}` }),
        code: "ResourceNotFoundException",
        message: new RegExp(`^Stream {stream} under account ${ACCOUNT} not found\\.$`),
    },
    {
        name: "StreamARN and StreamName of different streams",
        call: (client, StreamName) =>
            client.describeStream({
                StreamName,
                StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${MISSING}`,
            }),
        code: "InvalidArgumentException",
        message: /./,
    },
    {
        name: "a StreamARN that is none",
        call: (client) => client.describeStream({ StreamARN: "arn:aws:sqs:us-east-1:000000000000:queue" }),
        code: "ValidationException",
        message: /at 'streamARN' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
    },
]);
