import { expect } from "chai";
import { failure, itLocally, serviceRequest, useKinesis, type KinesisUnderTest } from "../endpoint";

type Call = (client: KinesisUnderTest["client"], StreamName: string) => Promise<unknown>;

const FIRST_SHARD = "shardId-000000000000";
const ofAccount = /^Rate exceeded for account 000000000000\.$/;
const ofStream = /^Rate exceeded for stream \S+ under account 000000000000\.$/;

/** Calls that change nothing: they fail, or find everything as they want it. What fails counts as well. */
const rates: readonly [operation: string, perSecond: number, message: RegExp, call: Call][] = [
    ["AddTagsToStream", 5, ofStream, (client, StreamName) => client.addTagsToStream({ StreamName, Tags: { a: "b" } })],
    ["CreateStream", 5, ofStream, (client, StreamName) => client.createStream({ StreamName, ShardCount: 1 })],
    ["DeleteStream", 5, ofStream, (client) => client.deleteStream({ StreamName: "none" })],
    ["DescribeLimits", 1, ofAccount, (client) => client.describeLimits({})],
    ["DescribeStream", 10, ofStream, (client, StreamName) => client.describeStream({ StreamName })],
    ["DescribeStreamSummary", 20, ofStream, (client, StreamName) => client.describeStreamSummary({ StreamName })],
    ["ListStreams", 5, ofAccount, (client) => client.listStreams({})],
    ["ListTagsForStream", 5, ofStream, (client, StreamName) => client.listTagsForStream({ StreamName })],
    [
        "MergeShards",
        5,
        ofStream,
        (client, StreamName) =>
            client.mergeShards({ StreamName, ShardToMerge: FIRST_SHARD, AdjacentShardToMerge: FIRST_SHARD }),
    ],
    [
        "RemoveTagsFromStream",
        5,
        ofStream,
        (client, StreamName) => client.removeTagsFromStream({ StreamName, TagKeys: ["a"] }),
    ],
    [
        "SplitShard",
        5,
        ofStream,
        (client, StreamName) => client.splitShard({ StreamName, ShardToSplit: FIRST_SHARD, NewStartingHashKey: "0" }),
    ],
    [
        "UpdateShardCount",
        10,
        ofStream,
        (client, StreamName) =>
            client.updateShardCount({ StreamName, TargetShardCount: 100, ScalingType: "UNIFORM_SCALING" }),
    ],
    [
        "IncreaseStreamRetentionPeriod",
        5,
        ofStream,
        (client, StreamName) => client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 23 }),
    ],
    [
        "DecreaseStreamRetentionPeriod",
        5,
        ofStream,
        (client, StreamName) => client.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 23 }),
    ],
];
const perStream: readonly string[] = ["IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"];

describe("how often Kinesis operations may be called", () => {
    const kinesis = useKinesis();

    /** Whether the call was refused for coming too soon. */
    const isTooSoon = async (call: Promise<unknown>): Promise<Error | undefined> => {
        try {
            await call;
            return undefined;
        } catch (error) {
            const { name, message } = error as Error;
            const isRate = name === "LimitExceededException" && message.startsWith("Rate exceeded");
            return isRate ? (error as Error) : undefined;
        }
    };

    for (const [operation, perSecond, message, call] of rates) {
        const by = perStream.includes(operation) ? "stream" : "account";
        itLocally(`${operation}: ${perSecond} a second and ${by}`, async () => {
            const { clock } = kinesis.local;
            clock.advance(1000);
            const [stream, other] = [await kinesis.createStream(), await kinesis.createStream()];
            clock.advance(1000);
            for (let count = 0; count < perSecond; count += 1) {
                expect(await isTooSoon(call(kinesis.client, stream))).to.equal(undefined);
            }
            expect((await isTooSoon(call(kinesis.client, stream)))?.message).to.match(message);
            expect((await isTooSoon(call(kinesis.client, other))) === undefined).to.equal(by === "stream");
            clock.advance(1000 / perSecond);
            expect(await isTooSoon(call(kinesis.client, stream))).to.equal(undefined);
            expect((await isTooSoon(call(kinesis.client, stream)))?.message).to.match(message);
        });
    }

    itLocally("ListShards: 1000 a second and stream", async () => {
        const { service, clock } = kinesis.local;
        clock.advance(1000);
        const StreamName = await kinesis.createStream();
        // A thousand requests over HTTP would take seconds.
        const list = () => service.handle(serviceRequest("ListShards", JSON.stringify({ StreamName })));
        for (let count = 0; count < 1000; count += 1) await list();
        expect((await failure(list())).message).to.match(ofStream);
        clock.advance(1);
        await list();
    });

    itLocally("GetShardIterator: 5 a second and shard", async () => {
        kinesis.local.clock.advance(1000);
        const StreamName = await kinesis.createStream({ ShardCount: 2 });
        const iterator = (ShardId: string) =>
            kinesis.client.getShardIterator({ StreamName, ShardId, ShardIteratorType: "LATEST" });
        for (let count = 0; count < 5; count += 1) await iterator("0");
        const error = await failure(iterator("0"));
        expect(error.name).to.equal("ProvisionedThroughputExceededException");
        expect(error.message).to.equal(`Rate exceeded for Shard - 000000000000/${StreamName}/${FIRST_SHARD}`);
        await iterator("1");
        kinesis.local.clock.advance(200);
        await iterator("0");
    });

    itLocally("as often as it likes by a deployment in the same process", async () => {
        const { service } = kinesis.local;
        for (let count = 0; count < 10; count += 1) await service.call("DescribeLimits", {});
    });
});
