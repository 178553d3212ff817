import { expect } from "chai";
import { kinesisStreamReader, type KinesisCalls } from "../../../local/event-source-mapping/stream-reader";
import { KinesisService } from "../../../local/kinesis/service";
import { STREAM_ARN } from "./fixture";

describe("stream reader on Kinesis", () => {
    let kinesis: KinesisService & KinesisCalls;

    beforeEach(async () => {
        kinesis = new KinesisService({ region: "eu-central-1" });
        await kinesis.call("CreateStream", { StreamName: "posts", ShardCount: 1 });
    });

    afterEach(() => kinesis.close());

    it("reads records from every kind of position, to the end of a closed shard", async () => {
        const reader = kinesisStreamReader(kinesis, STREAM_ARN);
        const Data = Buffer.from("one").toString("base64");
        const { SequenceNumber, ShardId } = await kinesis.call("PutRecord", {
            StreamName: "posts",
            Data,
            PartitionKey: "k",
        });
        const read = async (position: Parameters<typeof reader.getShardIterator>[1]) =>
            reader.getRecords(await reader.getShardIterator(ShardId, position), 100);
        const [first] = (await read({ type: "TRIM_HORIZON" })).records;
        expect(first).to.include({ SequenceNumber, PartitionKey: "k", Data });
        expect((await read({ type: "AT_TIMESTAMP", timestampSeconds: 0 })).records).to.have.lengthOf(1);
        expect((await read({ type: "LATEST" })).records).to.deep.equal([]);
        const after = await read({ type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: SequenceNumber });
        expect(after).to.deep.include({ records: [], millisBehindLatest: 0 });
        expect(after.nextIterator).to.be.a("string");
    });

    it("lists shards with their lineage, and the retention period", async () => {
        const reader = kinesisStreamReader(kinesis, STREAM_ARN);
        const [parent] = await reader.listShards();
        await kinesis.call("SplitShard", {
            StreamName: "posts",
            ShardToSplit: parent!.shardId,
            NewStartingHashKey: "170141183460469231731687303715884105728",
        });
        const shards = await reader.listShards();
        expect(shards.map(({ closed, parentShardIds }) => ({ closed, parentShardIds }))).to.deep.equal([
            { closed: true, parentShardIds: [] },
            { closed: false, parentShardIds: [parent!.shardId] },
            { closed: false, parentShardIds: [parent!.shardId] },
        ]);
        const end = await reader.getRecords(
            await reader.getShardIterator(parent!.shardId, { type: "TRIM_HORIZON" }),
            10,
        );
        expect(end.nextIterator).to.be.undefined;
        expect(await reader.retentionMs()).to.equal(24 * 60 * 60 * 1000);
    });

    it("is woken by records", async () => {
        const reader = kinesisStreamReader(kinesis, STREAM_ARN);
        const woken = new Promise<void>((resolve) => {
            const unsubscribe = reader.onRecords(() => {
                unsubscribe();
                resolve();
            });
        });
        await kinesis.call("PutRecord", { StreamName: "posts", Data: "AAAA", PartitionKey: "k" });
        await woken;
    });
});
