import { expect } from "chai";
import { itLocally, sendRaw, useKinesis } from "./endpoint";

/** Requests that the SDK would not send. */
interface RawCase {
    readonly name: string;
    readonly operation: string;
    readonly body: string;
    readonly code: string;
    readonly message: string | RegExp;
}

const cases: readonly RawCase[] = [
    {
        name: "an operation that is not known",
        operation: "PutResourcePolicy",
        body: "{}",
        code: "UnknownOperationException",
        message: "",
    },
    {
        name: "an operation named as something that every object has",
        operation: "constructor",
        body: "{}",
        code: "UnknownOperationException",
        message: "",
    },
    {
        name: "a body that is not JSON",
        operation: "ListStreams",
        body: "{",
        code: "SerializationException",
        message: /./,
    },
    {
        name: "a body that is a list",
        operation: "ListStreams",
        body: "[]",
        code: "SerializationException",
        message: /./,
    },
    {
        name: "nothing at all where members are required, null being nothing",
        operation: "PutRecord",
        body: '{"Data":null}',
        code: "ValidationException",
        message:
            "2 validation errors detected: " +
            "Value null at 'partitionKey' failed to satisfy constraint: Member must not be null; " +
            "Value null at 'data' failed to satisfy constraint: Member must not be null",
    },
    {
        name: "neither name nor ARN",
        operation: "DescribeStream",
        body: "{}",
        code: "InvalidArgumentException",
        message: "Either StreamName or StreamARN must be specified.",
    },
    {
        name: "null as a record",
        operation: "PutRecords",
        body: '{"StreamName":"s","Records":[null]}',
        code: "ValidationException",
        message:
            "1 validation error detected: " +
            "Value null at 'records.1.member' failed to satisfy constraint: Member must not be null",
    },
    {
        name: "a number for a string",
        operation: "DescribeStream",
        body: '{"StreamName":23}',
        code: "SerializationException",
        message: "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
    },
    {
        name: "a string for a number",
        operation: "DescribeStream",
        body: '{"StreamName":"s","Limit":"1"}',
        code: "SerializationException",
        message: "class java.lang.String can not be converted to an Integer",
    },
    {
        name: "a broken number",
        operation: "CreateStream",
        body: '{"StreamName":"s","ShardCount":1.5}',
        code: "SerializationException",
        message: "1.5 can not be converted to an Integer",
    },
    {
        name: "a structure for a string",
        operation: "DescribeStream",
        body: '{"StreamName":{}}',
        code: "SerializationException",
        message: "Start of structure or map found where not expected.",
    },
    {
        name: "a string for a list",
        operation: "PutRecords",
        body: '{"StreamName":"s","Records":"23"}',
        code: "SerializationException",
        message: "Expected list or null",
    },
    {
        name: "a string for a structure",
        operation: "PutRecords",
        body: '{"StreamName":"s","Records":["23"]}',
        code: "SerializationException",
        message: "Expected null",
    },
    {
        name: "a list for a map",
        operation: "AddTagsToStream",
        body: '{"StreamName":"s","Tags":[]}',
        code: "SerializationException",
        message: "Start of list found where not expected",
    },
    {
        name: "base64 of a length that base64 does not have",
        operation: "PutRecord",
        body: '{"StreamName":"s","PartitionKey":"k","Data":"23456"}',
        code: "SerializationException",
        message:
            "'23456' can not be converted to a Blob: " +
            "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
    },
    {
        name: "the URL-safe alphabet of base64",
        operation: "PutRecord",
        body: '{"StreamName":"s","PartitionKey":"k","Data":"ab-_"}',
        code: "SerializationException",
        message: "'ab-_' can not be converted to a Blob: Invalid Base64 character: '-'",
    },
    {
        name: "base64 with stray bits at its end",
        operation: "PutRecord",
        body: '{"StreamName":"s","PartitionKey":"k","Data":"+/+="}',
        code: "SerializationException",
        message: "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected",
    },
    {
        name: "a member that would otherwise be ignored",
        operation: "PutRecords",
        body: '{"StreamName":"s","Records":[{"Data":"","PartitionKey":"k"}],"DryRun":true}',
        code: "InvalidArgumentException",
        message: "The member DryRun of PutRecords is not supported by the embedded cloud.",
    },
    {
        name: "a tag without a value that a tag can have",
        operation: "AddTagsToStream",
        body: '{"StreamName":"s","Tags":{"a":1}}',
        code: "SerializationException",
        message: "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
    },
];

describe("the protocol of Kinesis, as bytes", () => {
    const kinesis = useKinesis();

    for (const { name, operation, body, code, message } of cases) {
        itLocally(`${name}: ${code}`, async () => {
            const answer = await sendRaw(kinesis, operation, body);
            expect(answer.status).to.equal(400);
            const error = answer.body as { __type: string; message: string };
            expect(error.__type).to.equal(code);
            if (typeof message === "string") expect(error.message).to.equal(message);
            else expect(error.message).to.match(message);
        });
    }

    itLocally("an answer without content has no body", async () => {
        const created = await sendRaw(kinesis, "CreateStream", '{"StreamName":"empty","ShardCount":1,"Tags":null}');
        expect(created).to.deep.equal({ status: 200, body: "" });
    });

    itLocally("times are seconds with a fraction", async () => {
        kinesis.local.clock.now = 1_800_000_000_123;
        await sendRaw(kinesis, "CreateStream", '{"StreamName":"times","ShardCount":1}');
        const { body } = await sendRaw(kinesis, "DescribeStreamSummary", '{"StreamName":"times"}');
        expect(body).to.have.nested.property("StreamDescriptionSummary.StreamCreationTimestamp", 1_800_000_000.123);
    });
});
