import { expect } from "chai";
import { expectMessage, failure, useKinesis, type KinesisUnderTest } from "../endpoint";
import { entries } from "../reading";

/** What fails, how it is called, and what AWS says to it. `{stream}` stands for the stream's name. */
interface ErrorCase {
    readonly name: string;
    readonly call: (client: KinesisUnderTest["client"], StreamName: string) => Promise<unknown>;
    readonly code: string;
    readonly message: string | RegExp;
}

const ACCOUNT = "\\d{12}";
const LONG = "a".repeat(129);
const MISSING = "kinesis-suite-no-such-stream";
const notFound = new RegExp(`^Stream ${MISSING} under account ${ACCOUNT} not found\\.$`);
const constraint = (value: string, place: string, sentence: string) =>
    `1 validation error detected: Value ${value} at '${place}' failed to satisfy constraint: ${sentence}`;

const cases: readonly ErrorCase[] = [
    {
        name: "PutRecords with a 501st record",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: entries(501) }),
        code: "ValidationException",
        message: /at 'records' failed to satisfy constraint: Member must have length less than or equal to 500$/,
    },
    {
        name: "PutRecords without records",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: [] }),
        code: "ValidationException",
        message: constraint("'[]'", "records", "Member must have length greater than or equal to 1"),
    },
    {
        name: "PutRecords with an empty partition key in the second record",
        call: (client, StreamName) =>
            client.putRecords({ StreamName, Records: [...entries(1), { PartitionKey: "", Data: Buffer.from("x") }] }),
        code: "ValidationException",
        message: constraint(
            "''",
            "records.2.member.partitionKey",
            "Member must have length greater than or equal to 1",
        ),
    },
    {
        name: "PutRecords with a partition key of 257 characters",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: entries(1, "🔥".repeat(257)) }),
        code: "ValidationException",
        message: /at 'records\.1\.member\.partitionKey' failed .* less than or equal to 256$/,
    },
    {
        name: "PutRecords with a record of 1 MiB and one byte, its key included",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: entries(1, "k", 1024 * 1024) }),
        code: "InvalidArgumentException",
        message: /1048576 bytes/,
    },
    {
        name: "PutRecords of more than 10 MiB",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: entries(11, "k", 1024 * 1024 - 1) }),
        code: "InvalidArgumentException",
        message: /Records size exceeds 10 MB limit/,
    },
    {
        name: "PutRecords to a stream that is not there",
        call: (client) => client.putRecords({ StreamName: MISSING, Records: entries(1) }),
        code: "ResourceNotFoundException",
        message: notFound,
    },
    {
        name: "PutRecord with a stream name that no stream can have",
        call: (client) => client.putRecord({ StreamName: "no spaces", PartitionKey: "k", Data: Buffer.from("x") }),
        code: "ValidationException",
        message: constraint(
            "'no spaces'",
            "streamName",
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
    },
    {
        name: "PutRecord with an explicit hash key of 2^128",
        call: (client, StreamName) =>
            client.putRecord({
                StreamName,
                PartitionKey: "k",
                Data: Buffer.from("x"),
                ExplicitHashKey: "340282366920938463463374607431768211456",
            }),
        code: "InvalidArgumentException",
        message:
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. " +
            "Specified value was 340282366920938463463374607431768211456",
    },
    {
        name: "PutRecord with an explicit hash key that is no number",
        call: (client, StreamName) =>
            client.putRecord({ StreamName, PartitionKey: "k", Data: Buffer.from("x"), ExplicitHashKey: "07" }),
        code: "ValidationException",
        message: constraint(
            "'07'",
            "explicitHashKey",
            "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})",
        ),
    },
    {
        name: "PutRecord after a sequence number that is none",
        call: (client, StreamName) =>
            client.putRecord({
                StreamName,
                PartitionKey: "k",
                Data: Buffer.from("x"),
                SequenceNumberForOrdering: "10",
            }),
        code: "InvalidArgumentException",
        message: new RegExp(
            `^ExclusiveMinimumSequenceNumber \\d+ used in PutRecord on stream {stream} under account ${ACCOUNT} is invalid\\.$`,
        ),
    },
    {
        name: "GetShardIterator of a shard that is not there",
        call: (client, StreamName) =>
            client.getShardIterator({ StreamName, ShardId: "shardId-5", ShardIteratorType: "LATEST" }),
        code: "ResourceNotFoundException",
        message: new RegExp(`^Shard shardId-000000000005 in stream {stream} under account ${ACCOUNT} does not exist$`),
    },
    {
        name: "GetShardIterator of what is no shard ID",
        call: (client, StreamName) =>
            client.getShardIterator({ StreamName, ShardId: "ABKLFD8", ShardIteratorType: "LATEST" }),
        code: "ResourceNotFoundException",
        message: new RegExp(`^Could not find shard ABKLFD8 in stream {stream} under account ${ACCOUNT}\\.$`),
    },
    {
        name: "GetShardIterator AT_SEQUENCE_NUMBER without a number",
        call: (client, StreamName) =>
            client.getShardIterator({
                StreamName,
                ShardId: "shardId-000000000000",
                ShardIteratorType: "AT_SEQUENCE_NUMBER",
            }),
        code: "InvalidArgumentException",
        message:
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or " +
            "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. " +
            "Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber.",
    },
    {
        name: "GetShardIterator TRIM_HORIZON with a number",
        call: (client, StreamName) =>
            client.getShardIterator({
                StreamName,
                ShardId: "shardId-000000000000",
                ShardIteratorType: "TRIM_HORIZON",
                StartingSequenceNumber: "5",
            }),
        code: "InvalidArgumentException",
        message: /Request specified TRIM_HORIZON and also a StartingSequenceNumber\.$/,
    },
    {
        name: "GetShardIterator AT_TIMESTAMP without a time",
        call: (client, StreamName) =>
            client.getShardIterator({ StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "AT_TIMESTAMP" }),
        code: "InvalidArgumentException",
        message:
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. " +
            "Current request has no timestamp parameter.",
    },
    {
        name: "GetShardIterator AT_TIMESTAMP in the future",
        call: (client, StreamName) =>
            client.getShardIterator({
                StreamName,
                ShardId: "shardId-000000000000",
                ShardIteratorType: "AT_TIMESTAMP",
                Timestamp: new Date("2100-01-01T00:00:00Z"),
            }),
        code: "InvalidArgumentException",
        message:
            /^The timestampInMillis parameter cannot be greater than the currentTimestampInMillis\. timestampInMillis: 4102444800000, currentTimestampInMillis: \d+$/,
    },
    {
        name: "GetRecords with a text that is no iterator",
        call: (client) => client.getRecords({ ShardIterator: "AAAAAAAAAAE=" }),
        code: "InvalidArgumentException",
        message: /^Invalid ShardIterator\.$/,
    },
    {
        name: "GetRecords of 10,001 records",
        call: (client) => client.getRecords({ ShardIterator: "AAAAAAAAAAE=", Limit: 10_001 }),
        code: "ValidationException",
        message: constraint("'10001'", "limit", "Member must have value less than or equal to 10000"),
    },
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
        name: "SplitShard at the second key of the shard",
        call: (client, StreamName) =>
            client.splitShard({ StreamName, ShardToSplit: "shardId-000000000000", NewStartingHashKey: "1" }),
        code: "InvalidArgumentException",
        message: new RegExp(
            "^NewStartingHashKey 1 used in SplitShard\\(\\) on shard shardId-000000000000 in stream {stream} " +
                `under account ${ACCOUNT} is not both greater than one plus the shard's StartingHashKey 0 and ` +
                "less than the shard's EndingHashKey 113427455640312821154458202477256070484\\.$",
        ),
    },
    {
        name: "SplitShard at the last key of the shard",
        call: (client, StreamName) =>
            client.splitShard({
                StreamName,
                ShardToSplit: "shardId-000000000000",
                NewStartingHashKey: "113427455640312821154458202477256070484",
            }),
        code: "InvalidArgumentException",
        message: /is not both greater than one plus the shard's StartingHashKey 0 and less than/,
    },
    {
        name: "SplitShard of a shard that is not there",
        call: (client, StreamName) =>
            client.splitShard({ StreamName, ShardToSplit: "shardId-5", NewStartingHashKey: "2" }),
        code: "ResourceNotFoundException",
        message: new RegExp(
            `^Could not find shard shardId-000000000005 in stream {stream} under account ${ACCOUNT}\\.$`,
        ),
    },
    {
        name: "MergeShards of shards that are not neighbours",
        call: (client, StreamName) =>
            client.mergeShards({
                StreamName,
                ShardToMerge: "shardId-000000000000",
                AdjacentShardToMerge: "shardId-000000000002",
            }),
        code: "InvalidArgumentException",
        message: new RegExp(
            "^Shards shardId-000000000000 and shardId-000000000002 in stream {stream} under account " +
                `${ACCOUNT} are not an adjacent pair of shards eligible for merging$`,
        ),
    },
    {
        name: "MergeShards in the wrong order",
        call: (client, StreamName) =>
            client.mergeShards({
                StreamName,
                ShardToMerge: "shardId-000000000001",
                AdjacentShardToMerge: "shardId-000000000000",
            }),
        code: "InvalidArgumentException",
        message: /are not an adjacent pair of shards eligible for merging$/,
    },
    {
        name: "UpdateShardCount to more than twice the shards",
        call: (client, StreamName) =>
            client.updateShardCount({ StreamName, TargetShardCount: 7, ScalingType: "UNIFORM_SCALING" }),
        code: "LimitExceededException",
        message: /^UpdateShardCount cannot scale up over double your current open shard count\. /,
    },
    {
        name: "UpdateShardCount to less than half the shards",
        call: (client, StreamName) =>
            client.updateShardCount({ StreamName, TargetShardCount: 1, ScalingType: "UNIFORM_SCALING" }),
        code: "LimitExceededException",
        message: /^UpdateShardCount cannot scale down below half your current open shard count\. /,
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
        name: "AddTagsToStream without tags",
        call: (client, StreamName) => client.addTagsToStream({ StreamName, Tags: {} }),
        code: "ValidationException",
        message: constraint("'{}'", "tags", "Member must have length greater than or equal to 1"),
    },
    {
        name: "AddTagsToStream with a 51st tag",
        call: (client, StreamName) =>
            client.addTagsToStream({
                StreamName,
                Tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag${index}`, ""])),
            }),
        code: "InvalidArgumentException",
        message: new RegExp(
            `^Failed to add tags to stream {stream} under account ${ACCOUNT} because a given stream cannot have more ` +
                "than 50 tags associated with it\\.$",
        ),
    },
    {
        name: "AddTagsToStream with a character that no tag has",
        call: (client, StreamName) => client.addTagsToStream({ StreamName, Tags: { "a;b": "" } }),
        code: "InvalidArgumentException",
        message: /invalid characters/,
    },
    {
        name: "AddTagsToStream with a key that is reserved for AWS",
        call: (client, StreamName) => client.addTagsToStream({ StreamName, Tags: { "aws:a": "b" } }),
        code: "InvalidArgumentException",
        message: /aws:/,
    },
    {
        name: "CreateStream with a character that no tag has",
        call: (client) => client.createStream({ StreamName: `${MISSING}-tagged`, ShardCount: 1, Tags: { a: "b;c" } }),
        code: "InvalidArgumentException",
        message: /invalid characters/,
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
        name: "PutRecords with more problems than AWS lists",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: entries(11, "") }),
        code: "ValidationException",
        message: /^10 validation errors detected: (Value '' at 'records\.\d+\.member\.partitionKey' [^;]*(; |$)){10}$/,
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
];

describe("errors of the Kinesis operations", () => {
    const kinesis = useKinesis();
    let stream = "";
    before(async function () {
        this.timeout(300_000);
        stream = await kinesis.createStream({ ShardCount: 3 });
    });

    for (const { name, call, code, message } of cases) {
        it(`${name}: ${code}`, async () => {
            const error = await failure(call(kinesis.client, stream)).catch(async (accepted: unknown) => {
                // Other cases count on a stream that is as it was created.
                stream = await kinesis.createStream({ ShardCount: 3 });
                throw accepted;
            });
            expect(error.name).to.equal(code);
            const expected = typeof message === "string" ? message : message.source.replaceAll("{stream}", stream);
            expectMessage(error, typeof message === "string" ? message : new RegExp(expected));
        });
    }
});
