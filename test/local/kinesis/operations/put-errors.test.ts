import { ACCOUNT, constraint, describeErrors, MISSING, notFound } from "../error-cases";
import { entries } from "../reading";

describeErrors("errors of PutRecord and PutRecords", [
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
        name: "PutRecords with more problems than AWS lists",
        call: (client, StreamName) => client.putRecords({ StreamName, Records: entries(11, "") }),
        code: "ValidationException",
        message: /^10 validation errors detected: (Value '' at 'records\.\d+\.member\.partitionKey' [^;]*(; |$)){10}$/,
    },
]);
