import { expect } from "chai";
import * as fc from "fast-check";
import { readDeliveries } from "../../consumer/delivery";
import {
    aggregate,
    ARRIVAL_SECONDS,
    bytesOf,
    kinesisEvent,
    kinesisRecord,
    sequenceNumber,
    SHARD,
    STREAM_ARN,
} from "./support/records";

describe("reading an event", () => {
    it("takes stream, shard, time and bytes from the record", () => {
        const event = { Records: [kinesisRecord(Buffer.from([0, 255]), 7, { partitionKey: "grace" })] };
        expect(readDeliveries(event)).to.deep.equal([
            {
                stream: "posts-stream",
                shard: SHARD,
                sequenceNumber: sequenceNumber(7),
                subSequenceNumber: 0,
                partitionKey: "grace",
                arrivalMs: ARRIVAL_SECONDS * 1000,
                data: Buffer.from([0, 255]),
            },
        ]);
    });

    it("takes the stream's name from the ARN of an enhanced fan-out consumer", () => {
        const arn = `${STREAM_ARN}/consumer/fast:1795400000`;
        expect(readDeliveries({ Records: [kinesisRecord(bytesOf(), 0, { arn })] })[0]?.stream).to.equal("posts-stream");
    });

    it("unpacks an aggregate into records of one sequence number", () => {
        const parts = ["ada", "grace"].map((partitionKey) => ({ partitionKey, data: Buffer.from(partitionKey) }));
        const read = readDeliveries(kinesisEvent([aggregate(parts), bytesOf()]));
        expect(read.map((each) => [each.sequenceNumber, each.subSequenceNumber, each.partitionKey])).to.deep.equal([
            [sequenceNumber(0), 0, "ada"],
            [sequenceNumber(0), 1, "grace"],
            [sequenceNumber(1), 0, "ada"],
        ]);
    });

    it("takes an event without records", () => {
        expect(readDeliveries({ Records: [] })).to.deep.equal([]);
    });

    const good = kinesisRecord(bytesOf(), 0);
    const withKinesis = (change: object) => ({ ...good, kinesis: { ...good.kinesis, ...change } });
    const refused: [string, unknown, string][] = [
        ["nothing", undefined, "no list `Records`"],
        ["null", null, "no list `Records`"],
        ["a text", "event", "no list `Records`"],
        ["an event of another service", { Records: [{ eventSource: "aws:s3", s3: {} }] }, "record 0 has no shard"],
        ["a record that is null", { Records: [null] }, "record 0 has no shard"],
        [
            "a second record without a stream",
            { Records: [good, { ...good, eventSourceARN: "arn" }] },
            "record 1 has no stream",
        ],
        ["a shard that leads out of its folder", { Records: [{ ...good, eventID: "../x:1" }] }, "no shard"],
        ["a sequence number that is none", { Records: [withKinesis({ sequenceNumber: "1e3" })] }, "sequenceNumber"],
        ["no partition key", { Records: [withKinesis({ partitionKey: undefined })] }, "partitionKey"],
        ["no data", { Records: [withKinesis({ data: null })] }, "data"],
        ["no arrival time", { Records: [withKinesis({ approximateArrivalTimestamp: undefined })] }, "ArrivalTimestamp"],
        [
            "an impossible arrival time",
            { Records: [withKinesis({ approximateArrivalTimestamp: 1e300 })] },
            "ArrivalTimestamp",
        ],
    ];
    for (const [edge, event, message] of refused) {
        it(`refuses ${edge}`, () => {
            expect(() => readDeliveries(event))
                .to.throw("Expected an event of a Kinesis stream")
                .with.property("message")
                .include(message);
        });
    }

    it("either reads or refuses a record of any shape", () => {
        fc.assert(
            fc.property(fc.array(fc.object({ key: fc.constantFrom("kinesis", "eventID", "data", "x") })), (records) => {
                try {
                    expect(readDeliveries({ Records: records })).to.have.length(records.length);
                } catch (error) {
                    expect(error).to.have.property("message").that.includes("Expected an event of a Kinesis stream");
                }
            }),
        );
    });
});
