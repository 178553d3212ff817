import { expect } from "chai";
import { expectMessage, failure, itLocally, useKinesis, type KinesisUnderTest } from "../endpoint";
import { entries, isOpen, shardsOf } from "../reading";

type Client = KinesisUnderTest["client"];
type Call = (client: Client, StreamName: string, StreamARN: string) => Promise<unknown>;

const FIRST_SHARD = "shardId-000000000000";
const MIDDLE = "170141183460469231731687303715884105728";
const KEY = { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" } as const;

/** What changes a stream, and leaves it UPDATING; each can be done to a stream of one shard as it was created. */
const changes: Readonly<Record<string, Call>> = {
    SplitShard: (client, StreamName) =>
        client.splitShard({ StreamName, ShardToSplit: FIRST_SHARD, NewStartingHashKey: MIDDLE }),
    UpdateShardCount: (client, StreamName) =>
        client.updateShardCount({ StreamName, TargetShardCount: 2, ScalingType: "UNIFORM_SCALING" }),
    StartStreamEncryption: (client, StreamName) => client.startStreamEncryption({ StreamName, ...KEY }),
    StopStreamEncryption: (client, StreamName) => client.stopStreamEncryption({ StreamName, ...KEY }),
    IncreaseStreamRetentionPeriod: (client, StreamName) =>
        client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 }),
    UpdateStreamMode: (client, _StreamName, StreamARN) =>
        client.updateStreamMode({ StreamARN, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
};

describe("the life of a stream", () => {
    const kinesis = useKinesis();

    const describeStream = async (StreamName: string) =>
        (await kinesis.client.describeStream({ StreamName })).StreamDescription!;
    const status = async (StreamName: string) => (await describeStream(StreamName)).StreamStatus;
    const put = (StreamName: string) => kinesis.client.putRecords({ StreamName, Records: entries(1) });

    it("begins with CREATING, and takes no records then", async () => {
        const StreamName = kinesis.freshName();
        const { client } = kinesis;
        await client.createStream({ StreamName, ShardCount: 1 });
        expect(await status(StreamName)).to.equal("CREATING");
        const iterator = { StreamName, ShardId: FIRST_SHARD, ShardIteratorType: "TRIM_HORIZON" } as const;
        for (const call of [put(StreamName), client.getShardIterator(iterator)]) {
            expect((await failure(call)).name).to.equal("ResourceNotFoundException");
        }
        const error = await failure(client.deleteStream({ StreamName }));
        expect(error.name).to.equal("ResourceInUseException");
        expectMessage(error, /^Stream \S+ under account \d{12} not ACTIVE, instead in state CREATING$/);
        await kinesis.settled(StreamName);
        expect(await shardsOf(kinesis, StreamName)).to.have.length(1);
        await put(StreamName);
        await client.deleteStream({ StreamName });
    });

    for (const [name, call] of Object.entries(changes)) {
        it(`is UPDATING after ${name}: takes and gives records, and no other change`, async () => {
            const StreamName = await kinesis.createStream();
            const { StreamARN = "" } = await describeStream(StreamName);
            await call(kinesis.client, StreamName, StreamARN);
            expect(await status(StreamName)).to.equal("UPDATING");
            for (const [otherName, other] of Object.entries(changes)) {
                const error = await failure(other(kinesis.client, StreamName, StreamARN));
                expect(error.name, otherName).to.equal("ResourceInUseException");
            }
            await put(StreamName);
            const [shard] = await shardsOf(kinesis, StreamName);
            const { ShardIterator } = await kinesis.client.getShardIterator({
                StreamName,
                ShardId: shard!.ShardId,
                ShardIteratorType: "TRIM_HORIZON",
            });
            await kinesis.client.getRecords({ ShardIterator });
            await kinesis.settled(StreamName);
        });
    }

    it("has no shards to list while it is CREATING", async () => {
        const StreamName = kinesis.freshName();
        const { client } = kinesis;
        await client.createStream({ StreamName, ShardCount: 1 });
        expect((await describeStream(StreamName)).Shards).to.deep.equal([]);
        expect((await failure(client.listShards({ StreamName }))).name).to.equal("ResourceInUseException");
        await kinesis.settled(StreamName);
        await client.deleteStream({ StreamName });
    });

    it("is neither tagged nor deleted while it is UPDATING, nor tagged while it is DELETING", async () => {
        const StreamName = await kinesis.createStream();
        const tag = () => kinesis.client.addTagsToStream({ StreamName, Tags: { a: "b" } });
        await changes.SplitShard!(kinesis.client, StreamName, "");
        expect((await failure(tag())).name).to.equal("ResourceInUseException");
        expect((await failure(kinesis.client.deleteStream({ StreamName }))).name).to.equal("ResourceInUseException");
        await kinesis.settled(StreamName);
        await tag();
        await kinesis.client.deleteStream({ StreamName });
        expect((await failure(tag())).name).to.equal("ResourceInUseException");
    });

    it("has the shards of a split when it is ACTIVE again", async () => {
        const StreamName = await kinesis.createStream();
        await changes.SplitShard!(kinesis.client, StreamName, "");
        await kinesis.settled(StreamName);
        expect((await shardsOf(kinesis, StreamName)).map(isOpen)).to.deep.equal([false, true, true]);
    });

    it("ends with DELETING, in which its name is taken; a new stream of that name has nothing of it", async () => {
        const StreamName = await kinesis.createStream();
        const { client } = kinesis;
        await put(StreamName);
        await client.deleteStream({ StreamName });
        expect(await status(StreamName)).to.equal("DELETING");
        for (const call of [client.deleteStream({ StreamName }), client.createStream({ StreamName, ShardCount: 1 })]) {
            expect((await failure(call)).name).to.equal("ResourceInUseException");
        }
        await kinesis.gone(StreamName);
        expect((await failure(put(StreamName))).name).to.equal("ResourceNotFoundException");
        await client.createStream({ StreamName, ShardCount: 1 });
        await kinesis.settled(StreamName);
        await client.deleteStream({ StreamName });
    });

    itLocally("begins for five streams at once", async () => {
        const create = () => kinesis.client.createStream({ StreamName: kinesis.freshName(), ShardCount: 1 });
        kinesis.local.clock.advance(60_000);
        for (let count = 0; count < 5; count += 1) await create();
        expect((await failure(create())).name).to.equal("LimitExceededException");
        kinesis.local.clock.advance(60_000);
        await create();
    });

    itLocally("is ACTIVE at once where the stream is made in the same process, as by a deployment", async () => {
        const StreamName = kinesis.freshName();
        const { service } = kinesis.local;
        await service.call("CreateStream", { StreamName, ShardCount: 1 });
        await service.call("StartStreamEncryption", { StreamName, ...KEY });
        expect(service.state(StreamName)?.status).to.equal("ACTIVE");
        expect((await describeStream(StreamName)).EncryptionType).to.equal("KMS");
        await service.call("DeleteStream", { StreamName });
        expect(service.state(StreamName)).to.equal(undefined);
    });
});
