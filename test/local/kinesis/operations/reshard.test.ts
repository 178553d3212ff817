import { expect } from "chai";
import { expectMessage, failure, itLocally, useKinesis } from "../endpoint";
import { isOpen, readShard, shardsOf, text } from "../reading";

const DAY_MS = 86_400_000;
const MIDDLE = "170141183460469231731687303715884105728";

describe("SplitShard, MergeShards and UpdateShardCount", () => {
    const kinesis = useKinesis();

    async function put(StreamName: string, content: string): Promise<{ ShardId?: string; SequenceNumber?: string }> {
        return kinesis.client.putRecord({ StreamName, PartitionKey: "key", Data: Buffer.from(content) });
    }

    it("split and merge keep the lineage, the ranges and the growth of sequence numbers", async () => {
        const stream = await kinesis.createStream();
        const first = await put(stream, "a");
        const ShardToSplit = "shardId-000000000000";
        await kinesis.client.splitShard({ StreamName: stream, ShardToSplit, NewStartingHashKey: MIDDLE });
        await kinesis.settled(stream);
        const second = await put(stream, "b");
        const [low, high] = (await shardsOf(kinesis, stream)).filter(isOpen);
        await kinesis.client.mergeShards({
            StreamName: stream,
            ShardToMerge: low!.ShardId,
            AdjacentShardToMerge: high!.ShardId,
        });
        await kinesis.settled(stream);
        const third = await put(stream, "c");

        const shards = await shardsOf(kinesis, stream);
        expect(
            shards.map((shard) => [shard.ShardId!.at(-1), shard.ParentShardId, shard.AdjacentParentShardId]),
        ).to.deep.equal([
            ["0", undefined, undefined],
            ["1", ShardToSplit, undefined],
            ["2", ShardToSplit, undefined],
            ["3", low!.ShardId, high!.ShardId],
        ]);
        expect(shards.map(isOpen)).to.deep.equal([false, false, false, true]);
        expect(shards[3]!.HashKeyRange).to.deep.equal(shards[0]!.HashKeyRange);
        const numbers = [first, second, third].map((record) => BigInt(record.SequenceNumber!));
        expect(numbers[0]! < numbers[1]! && numbers[1]! < numbers[2]!).to.equal(true);
        for (const shard of shards.slice(1)) {
            const parent = shards.find((other) => other.ShardId === shard.ParentShardId)!;
            const start = BigInt(shard.SequenceNumberRange!.StartingSequenceNumber!);
            expect(start > BigInt(parent.SequenceNumberRange!.EndingSequenceNumber!)).to.equal(true);
        }
        const records = await Promise.all(shards.map((shard) => readShard(kinesis, stream, shard.ShardId!)));
        expect(records.flat().map(text)).to.deep.equal(["a", "b", "c"]);
    });

    it("a shard that was split is not eligible again", async () => {
        const stream = await kinesis.createStream();
        const split = { StreamName: stream, ShardToSplit: "shardId-000000000000", NewStartingHashKey: MIDDLE };
        await kinesis.client.splitShard(split);
        await kinesis.settled(stream);
        const error = await failure(kinesis.client.splitShard(split));
        expect(error.name).to.equal("InvalidArgumentException");
        expectMessage(
            error,
            /^Shard shardId-000000000000 in stream \S+ under account \d{12} has already been merged or split, and thus is not eligible for merging or splitting\.$/,
        );
    });

    for (const [from, to] of [
        [4, 8],
        [4, 2],
        [5, 3],
        [3, 5],
        [4, 4],
    ] as const) {
        it(`UpdateShardCount from ${from} to ${to} leaves shards of one size, none with a third parent`, async () => {
            const stream = await kinesis.createStream({ ShardCount: from });
            const answer = await kinesis.client.updateShardCount({
                StreamName: stream,
                TargetShardCount: to,
                ScalingType: "UNIFORM_SCALING",
            });
            await kinesis.settled(stream);
            expect([answer.CurrentShardCount, answer.TargetShardCount]).to.deep.equal([from, to]);
            const shards = await shardsOf(kinesis, stream);
            const ranges = shards
                .filter(isOpen)
                .map((shard) => shard.HashKeyRange!)
                .sort((a, b) => (BigInt(a.StartingHashKey!) < BigInt(b.StartingHashKey!) ? -1 : 1));
            const size = 2n ** 128n / BigInt(to);
            expect(ranges.map((range) => range.StartingHashKey)).to.deep.equal(
                Array.from({ length: to }, (_, index) => String(size * BigInt(index))),
            );
            expect(ranges.at(-1)!.EndingHashKey).to.equal(String(2n ** 128n - 1n));
            // Every shard but the first ones covers exactly a part of its parents' ranges.
            for (const shard of shards.slice(from)) {
                const parents = shards.filter(
                    ({ ShardId }) => ShardId === shard.ParentShardId || ShardId === shard.AdjacentParentShardId,
                );
                const starts = parents.map((parent) => BigInt(parent.HashKeyRange!.StartingHashKey!));
                const ends = parents.map((parent) => BigInt(parent.HashKeyRange!.EndingHashKey!));
                expect(starts.some((start) => start <= BigInt(shard.HashKeyRange!.StartingHashKey!))).to.equal(true);
                expect(ends.some((end) => end >= BigInt(shard.HashKeyRange!.EndingHashKey!))).to.equal(true);
            }
        });
    }

    itLocally("UpdateShardCount works ten times a day", async () => {
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const update = { StreamName: stream, TargetShardCount: 2, ScalingType: "UNIFORM_SCALING" } as const;
        for (let call = 0; call < 10; call += 1) {
            await kinesis.client.updateShardCount(update);
            await kinesis.settled(stream);
        }
        expect((await failure(kinesis.client.updateShardCount(update))).name).to.equal("LimitExceededException");
        kinesis.local.clock.advance(DAY_MS);
        await kinesis.client.updateShardCount(update);
    });

    it("an on-demand stream is not to be resharded", async () => {
        const stream = await kinesis.createStream({ StreamModeDetails: { StreamMode: "ON_DEMAND" } });
        const error = await failure(
            kinesis.client.updateShardCount({
                StreamName: stream,
                TargetShardCount: 8,
                ScalingType: "UNIFORM_SCALING",
            }),
        );
        expect(error.name).to.equal("ValidationException");
    });

    itLocally("arrival times do not go back from parent to child, also if the clock does", async () => {
        const stream = await kinesis.createStream();
        await put(stream, "a");
        kinesis.local.clock.advance(-5000);
        await kinesis.client.splitShard({
            StreamName: stream,
            ShardToSplit: "shardId-000000000000",
            NewStartingHashKey: MIDDLE,
        });
        const { ShardId } = await put(stream, "b");
        const [before] = await readShard(kinesis, stream, "shardId-000000000000");
        const [after] = await readShard(kinesis, stream, ShardId!);
        expect(after!.ApproximateArrivalTimestamp).to.deep.equal(before!.ApproximateArrivalTimestamp);
    });

    itLocally("closed shards expire with the retention period, their children stay", async () => {
        const stream = await kinesis.createStream();
        await put(stream, "a");
        await kinesis.client.splitShard({
            StreamName: stream,
            ShardToSplit: "shardId-000000000000",
            NewStartingHashKey: MIDDLE,
        });
        kinesis.local.clock.advance(DAY_MS);
        expect(await shardsOf(kinesis, stream)).to.have.length(3);
        kinesis.local.clock.advance(1000);
        const shards = await shardsOf(kinesis, stream);
        expect(shards.map((shard) => shard.ShardId?.at(-1))).to.deep.equal(["1", "2"]);
        expect(shards[0]!.ParentShardId).to.equal("shardId-000000000000");
        const iterator = { StreamName: stream, ShardIteratorType: "TRIM_HORIZON" } as const;
        const gone = await failure(kinesis.client.getShardIterator({ ...iterator, ShardId: "shardId-000000000000" }));
        expect(gone.name).to.equal("ResourceNotFoundException");
        await kinesis.client.getShardIterator({ ...iterator, ShardId: "shardId-000000000002" });
    });
});
