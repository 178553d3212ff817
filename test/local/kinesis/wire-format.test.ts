import { cbor, tagSymbol } from "@smithy/core/cbor";
import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { KinesisService } from "../../../local/kinesis/service";
import { failure, serviceRequest } from "./endpoint";

const CBOR = "application/x-amz-cbor-1.1";
const NOW = 1_787_036_486_712;

/** A map as Java's SDK writes it: of no length told, ended by a break. */
function map(members: Readonly<Record<string, Buffer>>): Buffer {
    const pairs = Object.entries(members).flatMap(([name, value]) => [text(name), value]);
    return Buffer.concat([Buffer.from([0xbf]), ...pairs, Buffer.from([0xff])]);
}

function text(value: string): Buffer {
    return withLength(0x60, Buffer.from(value));
}

function bytes(value: Buffer): Buffer {
    return withLength(0x40, value);
}

function withLength(major: number, content: Buffer): Buffer {
    const head = content.length < 24 ? [major + content.length] : [major + 24, content.length];
    return Buffer.concat([Buffer.from(head), content]);
}

/** The members of answers that the tests look at. */
interface Answer {
    ShardIterator?: string;
    StreamNames?: string[];
    StreamDescriptionSummary?: object;
    Records?: { Data: Uint8Array; PartitionKey: string; ApproximateArrivalTimestamp: object }[];
}

describe("Kinesis in CBOR, as SDKs for Java speak it", () => {
    let service: KinesisService;

    beforeEach(async () => {
        service = new KinesisService({ region: "us-east-1", clock: () => NOW });
        await service.call("CreateStream", { StreamName: "s", ShardCount: 1 });
    });

    async function send(operation: string, body: Buffer) {
        const request = { ...serviceRequest(operation, body), headers: { "content-type": CBOR } };
        const response = await service.handle(request);
        expect(response.headers).to.deep.equal({ "content-type": CBOR });
        const answer = Buffer.from(response.body);
        return answer.length === 0 ? undefined : (cbor.deserialize(answer) as Answer);
    }

    it("takes and gives binary data as such, and times in milliseconds", async () => {
        const data = Buffer.from([0, 255, 128, 10]);
        const input = map({ StreamName: text("s"), PartitionKey: text("ü"), Data: bytes(data) });
        const put = await send("PutRecord", input);
        expect(put).to.have.keys("ShardId", "SequenceNumber");
        expect(service.state("s")?.shards[0]?.recordsArrived).to.equal(1);

        // As captured: https://github.com/floci-io/floci/issues/2368
        const Timestamp = Buffer.from("c11b000001a013accc38", "hex");
        const start = { ShardId: text("0"), ShardIteratorType: text("AT_TIMESTAMP"), Timestamp };
        const iterator = await send("GetShardIterator", map({ StreamName: text("s"), ...start }));
        const ShardIterator = Buffer.from(String(iterator?.ShardIterator));
        const length = Buffer.from([0x78, ShardIterator.length]);
        const read = await send("GetRecords", map({ ShardIterator: Buffer.concat([length, ShardIterator]) }));
        const [record, ...others] = read?.Records ?? [];
        expect(others).to.deep.equal([]);
        expect(Buffer.from(record!.Data).equals(data)).to.equal(true);
        expect(record).to.include({ PartitionKey: "ü" });
        expect(record!.ApproximateArrivalTimestamp).to.include({ tag: 1, value: NOW, [tagSymbol]: true });
    });

    it("takes null for absent, and an empty body for an empty map", async () => {
        const body = map({ StreamName: text("s"), StreamARN: Buffer.from([0xf6]) });
        const described = await send("DescribeStreamSummary", body);
        expect(described?.StreamDescriptionSummary).to.include({ StreamName: "s", RetentionPeriodHours: 24 });
        expect((await send("ListStreams", Buffer.alloc(0)))?.StreamNames).to.deep.equal(["s"]);
    });

    it("answers nothing with nothing", async () => {
        const tags = map({ StreamName: text("s"), Tags: map({ a: text("b") }) });
        expect(await send("AddTagsToStream", tags)).to.equal(undefined);
    });

    for (const [named, body] of [
        ["is cut off", Buffer.from([0xbf, 0x61])],
        ["counts more than there is", Buffer.from([0x9a, 0x7f, 0xff, 0xff, 0xff])],
        ["is no map", Buffer.from([0x80])],
        ["is JSON", Buffer.from("{}")],
    ] as const) {
        it(`refuses a body that ${named}`, async () => {
            const error = await failure(send("ListStreams", body));
            expect(error).to.be.instanceOf(AwsError).and.include({ name: "SerializationException" });
        });
    }
});
