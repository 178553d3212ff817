import { expect } from "chai";
import { failure, itLocally, useKinesis } from "../endpoint";
import { entries, readShard, shardsOf, text } from "../reading";

const MIB = 1024 * 1024;

describe("PutRecords and PutRecord", () => {
    const kinesis = useKinesis();

    it("stores what it was given, byte for byte", async () => {
        const stream = await kinesis.createStream();
        const contents = ["", "a", "ab", "abc", "日本🔥", "\0\uffff"];
        const put = await kinesis.client.putRecords({
            StreamName: stream,
            Records: contents.map((content) => ({ PartitionKey: "日本🔥", Data: Buffer.from(content, "utf8") })),
        });
        expect(put.FailedRecordCount).to.equal(0);
        const records = await readShard(kinesis, stream, "shardId-000000000000");
        expect(records.map(text)).to.deep.equal(contents);
        expect(records.map((record) => record.PartitionKey)).to.deep.equal(contents.map(() => "日本🔥"));
        expect(records.map((record) => record.SequenceNumber)).to.deep.equal(
            put.Records!.map((record) => record.SequenceNumber),
        );
    });

    it("gives numbers of 56 digits that grow within a shard, over both operations", async () => {
        const stream = await kinesis.createStream();
        const first = await kinesis.client.putRecords({ StreamName: stream, Records: entries(3) });
        const second = await kinesis.client.putRecord({
            StreamName: stream,
            PartitionKey: "key",
            Data: Buffer.from("x"),
            SequenceNumberForOrdering: first.Records!.at(-1)!.SequenceNumber,
        });
        const numbers = [...first.Records!, second].map((record) => record.SequenceNumber!);
        for (const number of numbers) expect(number).to.match(/^\d{56}$/);
        const sorted = [...numbers].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
        expect(numbers).to.deep.equal(sorted);
        expect(new Set(numbers).size).to.equal(4);
    });

    it("routes by the MD5 of the partition key, unless a hash key is given", async () => {
        const stream = await kinesis.createStream({ ShardCount: 3 });
        // md5("a") is 0cc1…, md5("b") is 92eb…, md5("1") is c4ca….
        const keys = ["a", "b", "1"];
        const byKey = await kinesis.client.putRecords({
            StreamName: stream,
            Records: keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from("x") })),
        });
        expect(byKey.Records!.map((record) => record.ShardId)).to.deep.equal([
            "shardId-000000000000",
            "shardId-000000000001",
            "shardId-000000000002",
        ]);
        const hashKeys = [
            "0",
            "113427455640312821154458202477256070484",
            "113427455640312821154458202477256070485",
            "226854911280625642308916404954512140970",
            "340282366920938463463374607431768211455",
        ];
        const byHash = await kinesis.client.putRecords({
            StreamName: stream,
            Records: hashKeys.map((ExplicitHashKey) => ({
                PartitionKey: "a",
                Data: Buffer.from("x"),
                ExplicitHashKey,
            })),
        });
        expect(byHash.Records!.map((record) => record.ShardId?.at(-1))).to.deep.equal(["0", "0", "1", "2", "2"]);
    });

    it("takes a record of exactly 1 MiB, its key included", async () => {
        const stream = await kinesis.createStream();
        const put = await kinesis.client.putRecord({
            StreamName: stream,
            PartitionKey: "kk",
            Data: Buffer.alloc(MIB - 2),
        });
        expect(put.ShardId).to.equal("shardId-000000000000");
    });

    it("takes a stream by its ARN", async () => {
        const stream = await kinesis.createStream();
        const { StreamDescription } = await kinesis.client.describeStream({ StreamName: stream });
        const StreamARN = StreamDescription!.StreamARN;
        const put = await kinesis.client.putRecords({ StreamARN, Records: entries(1) });
        expect(put.FailedRecordCount).to.equal(0);
        await kinesis.client.putRecord({ StreamARN, StreamName: stream, PartitionKey: "k", Data: Buffer.from("x") });
        expect(await readShard(kinesis, stream, "shardId-000000000000")).to.have.length(2);
    });

    it("says that the stream is encrypted, and its records", async () => {
        const stream = await kinesis.createStream();
        await kinesis.client.putRecord({ StreamName: stream, PartitionKey: "k", Data: Buffer.from("plain") });
        await kinesis.client.startStreamEncryption({
            StreamName: stream,
            EncryptionType: "KMS",
            KeyId: "alias/aws/kinesis",
        });
        await kinesis.settled(stream);
        const put = await kinesis.client.putRecords({ StreamName: stream, Records: entries(1) });
        expect(put.EncryptionType).to.equal("KMS");
        const records = await readShard(kinesis, stream, "shardId-000000000000");
        expect(records.map((record) => record.EncryptionType ?? "NONE")).to.deep.equal(["NONE", "KMS"]);
    });

    itLocally("refuses the 1,001st record of a second, record by record, and no other shard's", async () => {
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const { client } = kinesis;
        const first = await client.putRecords({ StreamName: stream, Records: entries(500, "a") });
        const second = await client.putRecords({ StreamName: stream, Records: entries(499, "a") });
        expect([first.FailedRecordCount, second.FailedRecordCount]).to.deep.equal([0, 0]);
        const mixed = await client.putRecords({
            StreamName: stream,
            Records: [...entries(2, "a"), ...entries(1, "b"), ...entries(1, "a")],
        });
        expect(mixed.FailedRecordCount).to.equal(2);
        expect(mixed.Records!.map((record) => record.ErrorCode)).to.deep.equal([
            undefined,
            "ProvisionedThroughputExceededException",
            undefined,
            "ProvisionedThroughputExceededException",
        ]);
        expect(mixed.Records![1]).to.deep.equal({
            ErrorCode: "ProvisionedThroughputExceededException",
            ErrorMessage:
                `Rate exceeded for shard shardId-000000000000 in stream ${stream} ` + "under account 000000000000.",
        });
        expect(mixed.Records![2]!.ShardId).to.equal("shardId-000000000001");
        // A token comes back every millisecond.
        kinesis.local.clock.advance(3);
        const later = await client.putRecords({ StreamName: stream, Records: entries(4, "a") });
        expect(later.FailedRecordCount).to.equal(1);
        // Only what was accepted is there.
        const records = await readShard(kinesis, stream, "shardId-000000000000");
        expect(records).to.have.length(1003);
    });

    itLocally("refuses what exceeds 1 MiB in a second", async () => {
        const stream = await kinesis.createStream();
        const half = { PartitionKey: "k", Data: Buffer.alloc(MIB / 2 - 1) };
        const put = await kinesis.client.putRecords({ StreamName: stream, Records: [half, half, half] });
        expect(put.FailedRecordCount).to.equal(1);
        const error = await failure(kinesis.client.putRecord({ StreamName: stream, ...half }));
        expect(error.name).to.equal("ProvisionedThroughputExceededException");
        expect(error.message).to.match(/^Rate exceeded for shard shardId-000000000000 in stream /);
        kinesis.local.clock.advance(500);
        await kinesis.client.putRecord({ StreamName: stream, ...half });
    });

    itLocally("takes a larger record where the stream allows it, and then waits for the shard to recover", async () => {
        const stream = await kinesis.createStream({ ShardCount: 1, MaxRecordSizeInKiB: 4096 });
        const large = { StreamName: stream, PartitionKey: "k", Data: Buffer.alloc(4 * MIB - 1) };
        await kinesis.client.putRecord(large);
        kinesis.local.clock.advance(2999);
        const small = { StreamName: stream, PartitionKey: "k", Data: Buffer.alloc(1) };
        expect((await failure(kinesis.client.putRecord(small))).name).to.equal(
            "ProvisionedThroughputExceededException",
        );
        kinesis.local.clock.advance(2);
        await kinesis.client.putRecord(small);
    });

    it("leaves nothing of a request behind that has one record which no stream takes", async () => {
        const stream = await kinesis.createStream();
        const Records = [...entries(1), { PartitionKey: "k", Data: Buffer.alloc(MIB) }];
        await failure(kinesis.client.putRecords({ StreamName: stream, Records }));
        expect(await readShard(kinesis, stream, "shardId-000000000000")).to.deep.equal([]);
    });

    itLocally("does not put after a number that is yet to come", async () => {
        const stream = await kinesis.createStream();
        const record = { StreamName: stream, PartitionKey: "k", Data: Buffer.from("x") };
        const { SequenceNumber } = await kinesis.client.putRecord(record);
        kinesis.local.clock.advance(-2000);
        const early = { ...record, SequenceNumberForOrdering: SequenceNumber };
        expect((await failure(kinesis.client.putRecord(early))).name).to.equal("InvalidArgumentException");
        kinesis.local.clock.advance(2000);
        await kinesis.client.putRecord(early);
    });

    it("spreads an on-demand stream over four shards", async () => {
        const stream = await kinesis.createStream({ StreamModeDetails: { StreamMode: "ON_DEMAND" } });
        expect(await shardsOf(kinesis, stream)).to.have.length(4);
        const put = await kinesis.client.putRecords({
            StreamName: stream,
            Records: Array.from({ length: 64 }, (_, index) => ({
                PartitionKey: String(index),
                Data: Buffer.from("x"),
            })),
        });
        expect(new Set(put.Records!.map((record) => record.ShardId)).size).to.equal(4);
    });
});
