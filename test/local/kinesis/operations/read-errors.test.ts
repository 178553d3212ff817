import { ACCOUNT, constraint, describeErrors } from "../error-cases";

describeErrors("errors of GetShardIterator and GetRecords", [
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
]);
