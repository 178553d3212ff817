import { expect } from "chai";
import type { ShardFilter } from "@aws-sdk/client-kinesis";
import { failure, itLocally, useKinesis } from "../endpoint";

const MIDDLE = "170141183460469231731687303715884105728";

describe("ListShards", () => {
    const kinesis = useKinesis();

    async function list(StreamName: string, ShardFilter?: ShardFilter): Promise<string> {
        const { Shards } = await kinesis.client.listShards({ StreamName, ShardFilter });
        return Shards!.map((shard) => shard.ShardId!.at(-1)).join("");
    }

    it("lists page by page, the token alone naming the stream and the filter", async () => {
        const stream = await kinesis.createStream({ ShardCount: 5 });
        const ShardFilter = { Type: "AFTER_SHARD_ID", ShardId: "shardId-000000000000" } as const;
        const { client } = kinesis;
        const first = await client.listShards({ StreamName: stream, MaxResults: 3, ShardFilter });
        expect(first.Shards!.map((shard) => shard.ShardId!.at(-1))).to.deep.equal(["1", "2", "3"]);
        const second = await client.listShards({ NextToken: first.NextToken, MaxResults: 3 });
        expect(second.Shards!.map((shard) => shard.ShardId!.at(-1))).to.deep.equal(["4"]);
        expect(second.NextToken).to.equal(undefined);
    });

    it("starts after the shard that is named", async () => {
        const stream = await kinesis.createStream({ ShardCount: 3 });
        const { Shards } = await kinesis.client.listShards({
            StreamName: stream,
            ExclusiveStartShardId: "shardId-000000000001",
        });
        expect(Shards!.map((shard) => shard.ShardId)).to.deep.equal(["shardId-000000000002"]);
    });

    itLocally("filters by what was open when", async () => {
        const stream = await kinesis.createStream();
        const { clock } = kinesis.local;
        const created = clock.now;
        clock.advance(10_000);
        await kinesis.client.splitShard({
            StreamName: stream,
            ShardToSplit: "shardId-0",
            NewStartingHashKey: MIDDLE,
        });
        await kinesis.settled(stream);
        const split = clock.now;
        clock.advance(10_000);
        expect(await list(stream)).to.equal("012");
        expect(await list(stream, { Type: "FROM_TRIM_HORIZON" })).to.equal("012");
        expect(await list(stream, { Type: "AT_TRIM_HORIZON" })).to.equal("0");
        expect(await list(stream, { Type: "AT_LATEST" })).to.equal("12");
        expect(await list(stream, { Type: "AT_TIMESTAMP", Timestamp: new Date(created + 5000) })).to.equal("0");
        expect(await list(stream, { Type: "AT_TIMESTAMP", Timestamp: new Date(split) })).to.equal("012");
        expect(await list(stream, { Type: "AT_TIMESTAMP", Timestamp: new Date(split + 1) })).to.equal("12");
        expect(await list(stream, { Type: "FROM_TIMESTAMP", Timestamp: new Date(split) })).to.equal("012");
        expect(await list(stream, { Type: "FROM_TIMESTAMP", Timestamp: new Date(split + 1) })).to.equal("12");
        expect(await list(stream, { Type: "AFTER_SHARD_ID", ShardId: "shardId-000000000001" })).to.equal("2");
        const error = await failure(list(stream, { Type: "AT_TIMESTAMP" }));
        expect(error.name).to.equal("InvalidArgumentException");
    });

    itLocally("lets a token expire after five minutes", async () => {
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const { NextToken } = await kinesis.client.listShards({ StreamName: stream, MaxResults: 1 });
        kinesis.local.clock.advance(300_000);
        await kinesis.client.listShards({ NextToken });
        kinesis.local.clock.advance(1);
        expect((await failure(kinesis.client.listShards({ NextToken }))).name).to.equal("ExpiredNextTokenException");
        const iterator = await kinesis.client.getShardIterator({
            StreamName: stream,
            ShardId: "shardId-0",
            ShardIteratorType: "LATEST",
        });
        const mistaken = await failure(kinesis.client.listShards({ NextToken: iterator.ShardIterator }));
        expect(mistaken.name).to.equal("InvalidArgumentException");
    });

    itLocally("does not go on in a later stream of that name", async () => {
        const { client } = kinesis;
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const { NextToken } = await client.listShards({ StreamName: stream, MaxResults: 1 });
        await client.deleteStream({ StreamName: stream });
        await kinesis.gone(stream);
        await client.createStream({ StreamName: stream, ShardCount: 2 });
        await kinesis.settled(stream);
        expect((await failure(client.listShards({ NextToken }))).name).to.equal("ResourceNotFoundException");
        const streams = await failure(client.listStreams({ NextToken }));
        expect(streams.name).to.equal("InvalidArgumentException");
    });

    it("tells streams of one name apart by their creation", async () => {
        const stream = await kinesis.createStream();
        const { StreamDescription } = await kinesis.client.describeStream({ StreamName: stream });
        const { StreamCreationTimestamp } = StreamDescription!;
        const { Shards } = await kinesis.client.listShards({ StreamName: stream, StreamCreationTimestamp });
        expect(Shards).to.have.length(1);
        const other = new Date(StreamCreationTimestamp!.getTime() - 60_000);
        const error = await failure(kinesis.client.listShards({ StreamName: stream, StreamCreationTimestamp: other }));
        expect(error.name).to.equal("ResourceNotFoundException");
    });
});
