import { expect } from "chai";
import { expectMessage, failure, itLocally, useKinesis } from "../endpoint";

const DAY_MS = 86_400_000;

/** ListStreams may be called five times a second. */
const LIST_INTERVAL_MS = 200;

describe("streams: create, describe, list, change, delete", () => {
    const kinesis = useKinesis();

    it("describes a provisioned stream", async () => {
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const { StreamDescription: description } = await kinesis.client.describeStream({ StreamName: stream });
        expect(description).to.deep.include({
            StreamName: stream,
            StreamStatus: "ACTIVE",
            StreamModeDetails: { StreamMode: "PROVISIONED" },
            RetentionPeriodHours: 24,
            EncryptionType: "NONE",
            HasMoreShards: false,
            EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        });
        expect(description!.StreamARN).to.match(new RegExp(`^arn:aws:kinesis:[a-z0-9-]+:\\d{12}:stream/${stream}$`));
        expect(description!.StreamCreationTimestamp).to.be.instanceOf(Date);
        expect(description!.Shards!.map((shard) => shard.HashKeyRange)).to.deep.equal([
            { StartingHashKey: "0", EndingHashKey: "170141183460469231731687303715884105727" },
            {
                StartingHashKey: "170141183460469231731687303715884105728",
                EndingHashKey: "340282366920938463463374607431768211455",
            },
        ]);
    });

    it("describes shards page by page", async () => {
        const stream = await kinesis.createStream({ ShardCount: 3 });
        const first = await kinesis.client.describeStream({ StreamName: stream, Limit: 2 });
        expect(first.StreamDescription!.Shards).to.have.length(2);
        expect(first.StreamDescription!.HasMoreShards).to.equal(true);
        const rest = await kinesis.client.describeStream({
            StreamName: stream,
            ExclusiveStartShardId: first.StreamDescription!.Shards!.at(-1)!.ShardId,
        });
        expect(rest.StreamDescription!.Shards!.map((shard) => shard.ShardId)).to.deep.equal(["shardId-000000000002"]);
        expect(rest.StreamDescription!.HasMoreShards).to.equal(false);
    });

    it("summarizes an on-demand stream, by ARN, with its encryption", async () => {
        const stream = await kinesis.createStream({
            StreamModeDetails: { StreamMode: "ON_DEMAND" },
            Tags: { purpose: "test" },
        });
        const described = await kinesis.client.describeStreamSummary({ StreamName: stream });
        const StreamARN = described.StreamDescriptionSummary!.StreamARN;
        await kinesis.client.startStreamEncryption({ StreamARN, EncryptionType: "KMS", KeyId: "alias/aws/kinesis" });
        await kinesis.settled(stream);
        const encrypted = await kinesis.client.describeStreamSummary({ StreamARN });
        expect(encrypted.StreamDescriptionSummary).to.deep.include({
            StreamName: stream,
            StreamModeDetails: { StreamMode: "ON_DEMAND" },
            OpenShardCount: 4,
            ConsumerCount: 0,
            MaxRecordSizeInKiB: 1024,
            EncryptionType: "KMS",
            KeyId: "alias/aws/kinesis",
        });
        await kinesis.client.stopStreamEncryption({ StreamARN, EncryptionType: "KMS", KeyId: "alias/aws/kinesis" });
        await kinesis.settled(stream);
        const plain = await kinesis.client.describeStreamSummary({ StreamARN });
        expect(plain.StreamDescriptionSummary!.EncryptionType).to.equal("NONE");
        const { Tags } = await kinesis.client.listTagsForStream({ StreamName: stream });
        expect(Tags).to.deep.equal([{ Key: "purpose", Value: "test" }]);
    });

    it("creates and changes the stream's mode and record size", async () => {
        const stream = await kinesis.createStream({ ShardCount: 1, MaxRecordSizeInKiB: 2048 });
        const { StreamDescriptionSummary: created } = await kinesis.client.describeStreamSummary({
            StreamName: stream,
        });
        expect(created!.MaxRecordSizeInKiB).to.equal(2048);
        const StreamARN = created!.StreamARN!;
        await kinesis.client.updateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: 4096 });
        await kinesis.settled(stream);
        await kinesis.client.updateStreamMode({ StreamARN, StreamModeDetails: { StreamMode: "ON_DEMAND" } });
        await kinesis.settled(stream);
        const { StreamDescriptionSummary: changed } = await kinesis.client.describeStreamSummary({ StreamARN });
        expect(changed!.MaxRecordSizeInKiB).to.equal(4096);
        expect(changed!.StreamModeDetails).to.deep.equal({ StreamMode: "ON_DEMAND" });
    });

    it("wants a shard count for a provisioned stream, and none for an on-demand one", async () => {
        const StreamName = kinesis.freshName();
        const bare = await failure(kinesis.client.createStream({ StreamName }));
        expect(bare.name).to.equal("ValidationException");
        const both = await failure(
            kinesis.client.createStream({
                StreamName,
                ShardCount: 2,
                StreamModeDetails: { StreamMode: "ON_DEMAND" },
            }),
        );
        expect(both.name).to.equal("ValidationException");
    });

    it("deletes a stream with everything in it", async () => {
        const stream = await kinesis.createStream();
        await kinesis.client.putRecord({ StreamName: stream, PartitionKey: "k", Data: Buffer.from("x") });
        await kinesis.client.deleteStream({ StreamName: stream, EnforceConsumerDeletion: true });
        await kinesis.gone(stream);
        const error = await failure(kinesis.client.listShards({ StreamName: stream }));
        expect(error.name).to.equal("ResourceNotFoundException");
    });

    it("lists streams in the order of their names, page by page", async () => {
        const streams = [await kinesis.createStream(), await kinesis.createStream()].sort();
        const listed: string[] = [];
        const nextPage = async (NextToken?: string) => {
            await kinesis.pause(LIST_INTERVAL_MS);
            return kinesis.client.listStreams({ Limit: 1, NextToken });
        };
        let page = await nextPage();
        for (;;) {
            expect(page.StreamNames!.length).to.be.at.most(1);
            expect(page.StreamSummaries!.map((summary) => summary.StreamName)).to.deep.equal(page.StreamNames);
            listed.push(...page.StreamNames!);
            if (page.HasMoreStreams !== true) break;
            page = await nextPage(page.NextToken);
        }
        await kinesis.pause(LIST_INTERVAL_MS);
        expect(listed).to.include.members(streams);
        expect(listed).to.deep.equal([...listed].sort());
        const after = await kinesis.client.listStreams({ ExclusiveStartStreamName: streams[0] });
        expect(after.StreamNames).to.include(streams[1]);
        expect(after.StreamNames).not.to.include(streams[0]);
    });

    it("adds, changes, lists and removes tags, of the stream and of the resource", async () => {
        const StreamName = await kinesis.createStream();
        const { client } = kinesis;
        await client.addTagsToStream({ StreamName, Tags: { b: "1", a: "ü0 _./=+-@", c: "" } });
        await client.addTagsToStream({ StreamName, Tags: { b: "2" } });
        const first = await client.listTagsForStream({ StreamName, Limit: 2 });
        expect(first).to.deep.include({
            Tags: [
                { Key: "a", Value: "ü0 _./=+-@" },
                { Key: "b", Value: "2" },
            ],
            HasMoreTags: true,
        });
        const rest = await client.listTagsForStream({ StreamName, ExclusiveStartTagKey: "b" });
        expect(rest).to.deep.include({ Tags: [{ Key: "c", Value: "" }], HasMoreTags: false });
        const { StreamDescriptionSummary } = await client.describeStreamSummary({ StreamName });
        const ResourceARN = StreamDescriptionSummary!.StreamARN;
        await client.tagResource({ ResourceARN, Tags: { d: "3" } });
        await client.removeTagsFromStream({ StreamName, TagKeys: ["a", "never there"] });
        await client.untagResource({ ResourceARN, TagKeys: ["b"] });
        const { Tags } = await client.listTagsForResource({ ResourceARN });
        expect(Tags).to.deep.equal([
            { Key: "c", Value: "" },
            { Key: "d", Value: "3" },
        ]);
    });

    it("counts the account's shards", async () => {
        const before = await kinesis.client.describeLimits({});
        await kinesis.createStream({ ShardCount: 2 });
        await kinesis.pause(1000);
        const after = await kinesis.client.describeLimits({});
        expect(after.OpenShardCount! - before.OpenShardCount!).to.equal(2);
        expect(after.ShardLimit).to.be.at.least(after.OpenShardCount!);
    });

    it("changes the retention period one way by each operation", async () => {
        const StreamName = await kinesis.createStream();
        await kinesis.client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 25 });
        await kinesis.settled(StreamName);
        const { StreamDescription } = await kinesis.client.describeStream({ StreamName });
        expect(StreamDescription!.RetentionPeriodHours).to.equal(25);
        const error = await failure(
            kinesis.client.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 24 }),
        );
        expect(error.name).to.equal("InvalidArgumentException");
        expectMessage(
            error,
            `Requested retention period (24 hours) for stream ${StreamName} can not be shorter than existing ` +
                "retention period (25 hours). Use DecreaseRetentionPeriod API.",
        );
    });

    itLocally("changes its mode twice a day; asking for the mode that it has is no change", async () => {
        const StreamName = await kinesis.createStream();
        const StreamARN = (await kinesis.client.describeStream({ StreamName })).StreamDescription!.StreamARN;
        const update = (StreamMode: "PROVISIONED" | "ON_DEMAND") =>
            kinesis.client.updateStreamMode({ StreamARN, StreamModeDetails: { StreamMode } });
        for (const mode of ["ON_DEMAND", "ON_DEMAND", "PROVISIONED", "PROVISIONED"] as const) {
            await update(mode);
            await kinesis.settled(StreamName);
        }
        expect((await failure(update("ON_DEMAND"))).name).to.equal("LimitExceededException");
        kinesis.local.clock.advance(DAY_MS);
        await update("ON_DEMAND");
    });

    itLocally("starts and stops its encryption 25 times a day", async () => {
        const change = {
            StreamName: await kinesis.createStream(),
            EncryptionType: "KMS",
            KeyId: "alias/aws/kinesis",
        } as const;
        const { client } = kinesis;
        for (let call = 0; call < 25; call += 1) {
            await client.startStreamEncryption(change);
            await kinesis.settled(change.StreamName);
            await client.stopStreamEncryption(change);
            await kinesis.settled(change.StreamName);
        }
        expect((await failure(client.startStreamEncryption(change))).name).to.equal("LimitExceededException");
        expect((await failure(client.stopStreamEncryption(change))).name).to.equal("LimitExceededException");
        kinesis.local.clock.advance(DAY_MS);
        await client.startStreamEncryption(change);
    });

    itLocally("allows 20,000 shards, by creation and by splits", async () => {
        kinesis.local.clock.advance(1000);
        const { OpenShardCount, ShardLimit } = await kinesis.client.describeLimits({});
        expect(ShardLimit).to.equal(20_000);
        const large = await kinesis.createStream({ ShardCount: 10_000 });
        const stream = await kinesis.createStream({ ShardCount: 10_000 - OpenShardCount! });
        const more = await failure(kinesis.client.createStream({ StreamName: kinesis.freshName(), ShardCount: 1 }));
        expect(more.name).to.equal("LimitExceededException");
        expect(more.message).to.match(
            /^This request would exceed the shard limit for the account 000000000000 in us-east-1\. Current shard count for the account: 20000\. Limit: 20000\. Number of additional shards that would have resulted from this request: 1\. /,
        );
        const ShardToSplit = "shardId-0";
        const split = await failure(
            kinesis.client.splitShard({ StreamName: stream, ShardToSplit, NewStartingHashKey: "1000" }),
        );
        expect(split.name).to.equal("LimitExceededException");
        for (const StreamName of [large, stream]) {
            await kinesis.client.deleteStream({ StreamName });
            await kinesis.gone(StreamName);
        }
    });

    itLocally("allows 50 on-demand streams", async () => {
        const StreamModeDetails = { StreamMode: "ON_DEMAND" } as const;
        kinesis.local.clock.advance(1000);
        const { OnDemandStreamCount } = await kinesis.client.describeLimits({});
        for (let count = OnDemandStreamCount!; count < 50; count += 1) {
            await kinesis.createStream({ StreamModeDetails });
        }
        const error = await failure(
            kinesis.client.createStream({ StreamName: kinesis.freshName(), StreamModeDetails }),
        );
        expect(error.name).to.equal("LimitExceededException");
        const stream = await kinesis.createStream({ ShardCount: 1 });
        const { StreamDescription } = await kinesis.client.describeStream({ StreamName: stream });
        const StreamARN = StreamDescription!.StreamARN;
        const change = await failure(kinesis.client.updateStreamMode({ StreamARN, StreamModeDetails }));
        expect(change.name).to.equal("LimitExceededException");
    });
});
