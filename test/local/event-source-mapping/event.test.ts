import { expect } from "chai";
import { batchLength, bufferRecord, eventPayload, PAYLOAD_BYTES_MAX } from "../../../local/event-source-mapping/event";
import { failureKey } from "../../../local/event-source-mapping/failure-record";
import { ROLE_ARN, SHARD, STREAM_ARN } from "./fixture";

const SOURCE = { shardId: SHARD, eventSourceArn: STREAM_ARN, region: "eu-central-1", roleArn: ROLE_ARN };

function record(partitionKey: string, dataBytes: number) {
    return bufferRecord(
        {
            SequenceNumber: "49590338271490256608559692538361571095921575989136588898",
            PartitionKey: partitionKey,
            Data: Buffer.alloc(dataBytes, "x").toString("base64"),
            ApproximateArrivalTimestamp: 1795413600.987,
        },
        SOURCE,
        0,
    );
}

describe("event", () => {
    it("has the shape that AWS documents, with any partition key", () => {
        const buffered = record('quote " 日本🔥', 3);
        expect(JSON.parse(eventPayload([buffered]))).to.deep.equal({
            Records: [
                {
                    kinesis: {
                        kinesisSchemaVersion: "1.0",
                        partitionKey: 'quote " 日本🔥',
                        sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
                        data: "eHh4",
                        approximateArrivalTimestamp: 1795413600.987,
                    },
                    eventSource: "aws:kinesis",
                    eventVersion: "1.0",
                    eventID: `${SHARD}:49590338271490256608559692538361571095921575989136588898`,
                    eventName: "aws:kinesis:record",
                    invokeIdentityArn: ROLE_ARN,
                    awsRegion: "eu-central-1",
                    eventSourceARN: STREAM_ARN,
                },
            ],
        });
        expect(buffered.bytes).to.equal(Buffer.byteLength(buffered.json));
        expect(buffered.arrivalMs).to.equal(1795413600987);
    });

    it("is cut before it is over 6 MB", () => {
        const megabyte = Array.from({ length: 10 }, () => record("key", 1024 * 1024));
        const length = batchLength(megabyte, 100);
        expect(length).to.equal(4);
        expect(Buffer.byteLength(eventPayload(megabyte.slice(0, length)))).to.be.at.most(PAYLOAD_BYTES_MAX);
        expect(Buffer.byteLength(eventPayload(megabyte.slice(0, length + 1)))).to.be.above(PAYLOAD_BYTES_MAX);
    });

    it("takes the whole 6 MB", () => {
        const [first, second] = [record("key", 3_000_000), record("key", 0)];
        const room = PAYLOAD_BYTES_MAX - Buffer.byteLength(eventPayload([first, second]));
        const fitting = { ...second, json: " ".repeat(second.bytes + room), bytes: second.bytes + room };
        expect(Buffer.byteLength(eventPayload([first, fitting]))).to.equal(PAYLOAD_BYTES_MAX);
        expect(batchLength([first, fitting], 100)).to.equal(2);
        expect(batchLength([first, { ...fitting, bytes: fitting.bytes + 1 }], 100)).to.equal(1);
    });

    it("has one record at least, and the batch size at most", () => {
        expect(batchLength([record("key", 7_000_000), record("key", 1)], 100)).to.equal(1);
        expect(batchLength([record("key", 1), record("key", 1), record("key", 1)], 2)).to.equal(2);
        expect(batchLength([], 2)).to.equal(0);
    });
});

describe("key of an object in the on-failure bucket", () => {
    it("is AWS's, in UTC", () => {
        const key = failureKey("mapping", SHARD, Date.parse("2026-01-02T03:04:05.678Z"), "random");
        expect(key).to.equal(`aws/lambda/mapping/${SHARD}/2026/01/02/2026-01-02T03.04.05-random`);
    });
});
