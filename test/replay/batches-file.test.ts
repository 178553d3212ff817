import { expect } from "chai";
import { UsageError } from "../../commandline/failure";
import { readBatches } from "../../replay/batches-file";

/** What Lambda sends to a queue: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html */
const message = {
    requestContext: {
        requestId: "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
        functionArn: "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 1,
    },
    version: "1.0",
    timestamp: "2019-11-14T00:38:06.021Z",
    KinesisBatchInfo: {
        shardId: "shardId-000000000001",
        startSequenceNumber: "49601189658422359378836298521827638475320189012309704722",
        endSequenceNumber: "49601189658422359378836298522902373528957594348623495186",
        approximateArrivalOfFirstRecord: "2019-11-14T00:38:04.835Z",
        approximateArrivalOfLastRecord: "2019-11-14T00:38:05.580Z",
        batchSize: 500,
        streamArn: "arn:aws:kinesis:us-east-2:123456789012:stream/mystream",
    },
};
const text = JSON.stringify(message);
const expected = {
    stream: "mystream",
    shardId: "shardId-000000000001",
    firstSequenceNumber: "49601189658422359378836298521827638475320189012309704722",
    first: 49601189658422359378836298521827638475320189012309704722n,
    last: 49601189658422359378836298522902373528957594348623495186n,
    records: 500,
    reason: "given up: RetryAttemptsExhausted",
};

describe("a file of batches that Lambda gave up", () => {
    for (const [form, file, count] of [
        ["one message", text, 1],
        ["a line for each message", `${text}\n\n${text}\r\n`, 2],
        ["a list", JSON.stringify([message, message]), 2],
        [
            "the answer of aws sqs receive-message",
            JSON.stringify({ Messages: [{ MessageId: "1", Body: text }] }, null, 4),
            1,
        ],
        ["an event of a queue", JSON.stringify({ Records: [{ body: text }, { body: text }] }), 2],
        [
            "a notification in a queue",
            JSON.stringify({ Body: JSON.stringify({ Type: "Notification", Message: text }) }),
            1,
        ],
    ] as const) {
        it(`may be ${form}`, () => {
            expect(readBatches(file)).to.deep.equal(Array.from({ length: count }, () => expected));
        });
    }

    for (const [what, file, problem] of [
        ["empty", "", "Expected `--batches` to name a batch at least, got none."],
        ["text", "hello\n", "line 1 is not JSON"],
        ["a message of something else", '{"Body":"{}"}', "it has no `KinesisBatchInfo`"],
        [
            "without a shard",
            JSON.stringify({ KinesisBatchInfo: { ...message.KinesisBatchInfo, shardId: 1 } }),
            "it has no `KinesisBatchInfo.shardId`",
        ],
    ] as const) {
        it(`that is ${what} is a mistake of the user`, () => {
            expect(() => readBatches(file)).to.throw(UsageError, problem);
        });
    }
});
