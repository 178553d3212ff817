import { expect } from "chai";
import { expectMessage, failure, itLocally, useKinesis } from "../endpoint";
import { entries, read, readShard, text } from "../reading";

const SHARD = "shardId-000000000000";
const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

describe("GetRecords and GetShardIterator", () => {
    const kinesis = useKinesis();

    async function put(StreamName: string, ...contents: string[]): Promise<string[]> {
        const records = contents.map((content) => ({ PartitionKey: "k", Data: Buffer.from(content) }));
        const answer = await kinesis.client.putRecords({ StreamName, Records: records });
        return answer.Records!.map((record) => record.SequenceNumber!);
    }

    type Start = Omit<Parameters<typeof kinesis.client.getShardIterator>[0], "StreamName" | "ShardId">;
    async function iteratorOf(StreamName: string, start: Start, ShardId = SHARD): Promise<string> {
        return (await kinesis.client.getShardIterator({ StreamName, ShardId, ...start })).ShardIterator!;
    }

    async function readFrom(StreamName: string, start: Start): Promise<string[]> {
        return (await read(kinesis, await iteratorOf(StreamName, start))).Records!.map(text);
    }

    it("starts where each type of iterator says", async () => {
        const stream = await kinesis.createStream();
        const numbers = await put(stream, "a", "b", "c");
        const latest = await iteratorOf(stream, { ShardIteratorType: "LATEST" });
        await put(stream, "d");
        const [, second] = numbers;
        expect(await readFrom(stream, { ShardIteratorType: "TRIM_HORIZON" })).to.deep.equal(["a", "b", "c", "d"]);
        const at: Start = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: second };
        expect(await readFrom(stream, at)).to.deep.equal(["b", "c", "d"]);
        const after: Start = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: second };
        expect(await readFrom(stream, after)).to.deep.equal(["c", "d"]);
        expect((await read(kinesis, latest)).Records!.map(text)).to.deep.equal(["d"]);
        expect(await readFrom(stream, { ShardIteratorType: "LATEST" })).to.deep.equal([]);
    });

    it("takes the number of a shard for its ID", async () => {
        const stream = await kinesis.createStream();
        await put(stream, "a");
        for (const ShardId of ["0", "shardId-0", "shardId-00"]) {
            const start = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" }, ShardId);
            expect((await read(kinesis, start)).Records!.map(text)).to.deep.equal(["a"]);
        }
    });

    it("takes the shard's own starting sequence number for its beginning", async () => {
        const stream = await kinesis.createStream();
        const { Shards } = await kinesis.client.listShards({ StreamName: stream });
        await put(stream, "a");
        for (const ShardIteratorType of ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"] as const) {
            const StartingSequenceNumber = Shards![0]!.SequenceNumberRange!.StartingSequenceNumber;
            expect(await readFrom(stream, { ShardIteratorType, StartingSequenceNumber })).to.deep.equal(["a"]);
        }
    });

    itLocally("starts AT_TIMESTAMP with the first record of that millisecond", async () => {
        const stream = await kinesis.createStream();
        const { clock } = kinesis.local;
        await put(stream, "a");
        clock.advance(7);
        const Timestamp = new Date(clock.now);
        await put(stream, "b", "c");
        clock.advance(1);
        await put(stream, "d");
        expect(await readFrom(stream, { ShardIteratorType: "AT_TIMESTAMP", Timestamp })).to.deep.equal(["b", "c", "d"]);
        const later = new Date(Timestamp.getTime() + 1);
        expect(await readFrom(stream, { ShardIteratorType: "AT_TIMESTAMP", Timestamp: later })).to.deep.equal(["d"]);
        const start = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" });
        const { Records } = await read(kinesis, start);
        expect(Records![1]!.ApproximateArrivalTimestamp!.getTime()).to.equal(Timestamp.getTime());
    });

    it("does not take a number of another shard or another stream", async () => {
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const [number] = await put(stream, "a");
        const { Shards } = await kinesis.client.listShards({ StreamName: stream });
        const other = (
            await kinesis.client.putRecord({ StreamName: stream, PartitionKey: "k", Data: Buffer.from("x") })
        ).ShardId!;
        const foreign = Shards!.find((shard) => shard.ShardId !== other)!;
        const error = await failure(
            kinesis.client.getShardIterator({
                StreamName: stream,
                ShardId: foreign.ShardId,
                ShardIteratorType: "AT_SEQUENCE_NUMBER",
                StartingSequenceNumber: number,
            }),
        );
        expect(error.name).to.equal("InvalidArgumentException");
        expectMessage(
            error,
            `Invalid StartingSequenceNumber. It encodes ${other}, while it was used in a call to a shard with ` +
                foreign.ShardId!,
        );
    });

    itLocally("does not take a number of an earlier stream of that name, nor one that is yet to come", async () => {
        const stream = await kinesis.createStream();
        const { client, local } = kinesis;
        const numbers = await put(stream, "a", "b");
        await client.deleteStream({ StreamName: stream });
        await kinesis.gone(stream);
        local.clock.advance(1000);
        await client.createStream({ StreamName: stream, ShardCount: 1 });
        await kinesis.settled(stream);
        const [own] = await put(stream, "c");
        const cases = [
            [numbers[1]!, " is invalid because it did not come from this stream."],
            // The record index is at bit 80.
            [String(BigInt(own!) + (1n << 80n)), " is invalid."],
        ] as const;
        for (const [StartingSequenceNumber, end] of cases) {
            const start: Start = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber };
            const error = await failure(iteratorOf(stream, start));
            expect(error.name).to.equal("InvalidArgumentException");
            expect(error.message).to.equal(
                `StartingSequenceNumber ${StartingSequenceNumber} used in GetShardIterator on shard ${SHARD} in stream ` +
                    `${stream} under account 000000000000${end}`,
            );
        }
    });

    it("reads page by page, and says how far behind a page is", async () => {
        const stream = await kinesis.createStream();
        await put(stream, "a", "b", "c");
        const first = await read(kinesis, await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" }), 2);
        expect(first.Records!.map(text)).to.deep.equal(["a", "b"]);
        expect(first.MillisBehindLatest).to.be.greaterThan(0);
        const second = await read(kinesis, first.NextShardIterator!, 2);
        expect(second.Records!.map(text)).to.deep.equal(["c"]);
        expect(second.MillisBehindLatest).to.equal(0);
        // The same iterator again gives the same page.
        expect((await read(kinesis, first.NextShardIterator!, 2)).Records!.map(text)).to.deep.equal(["c"]);
        const third = await read(kinesis, second.NextShardIterator!);
        expect(third.Records).to.deep.equal([]);
        await put(stream, "d");
        expect((await read(kinesis, third.NextShardIterator!)).Records!.map(text)).to.deep.equal(["d"]);
    });

    itLocally("is never said to be at the tip while a record of the same millisecond is left", async () => {
        const stream = await kinesis.createStream();
        await put(stream, "a", "b");
        const ShardIterator = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" });
        const page = await kinesis.client.getRecords({ ShardIterator, Limit: 1 });
        expect(page.MillisBehindLatest).to.equal(1);
    });

    it("does not take an iterator of one stream for another's ARN", async () => {
        const streams = [await kinesis.createStream(), await kinesis.createStream()] as const;
        const ShardIterator = await iteratorOf(streams[0], { ShardIteratorType: "TRIM_HORIZON" });
        const { StreamDescription } = await kinesis.client.describeStream({ StreamName: streams[1] });
        const error = await failure(
            kinesis.client.getRecords({ ShardIterator, StreamARN: StreamDescription!.StreamARN }),
        );
        expect(error.name).to.equal("InvalidArgumentException");
    });

    itLocally("lets an iterator expire after five minutes, also one that it gave out itself", async () => {
        const stream = await kinesis.createStream();
        const { clock } = kinesis.local;
        const first = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" });
        clock.advance(300_000);
        const { NextShardIterator } = await kinesis.client.getRecords({ ShardIterator: first });
        clock.advance(1);
        const error = await failure(kinesis.client.getRecords({ ShardIterator: first }));
        expect(error.name).to.equal("ExpiredIteratorException");
        expect(error.message).to.match(
            /^Iterator expired\. The iterator was created at time \w{3} \w{3} \d{2} \d{2}:\d{2}:\d{2} UTC \d{4} while right now it is \w{3} \w{3} \d{2} \d{2}:\d{2}:\d{2} UTC \d{4} which is further in the future than the tolerated delay of 300000 milliseconds\.$/,
        );
        clock.advance(300_000);
        const next = await failure(kinesis.client.getRecords({ ShardIterator: NextShardIterator }));
        expect(next.name).to.equal("ExpiredIteratorException");
    });

    itLocally("allows five calls a second and shard", async () => {
        const stream = await kinesis.createStream({ ShardCount: 2 });
        const ShardIterator = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" });
        for (let call = 0; call < 5; call += 1) await kinesis.client.getRecords({ ShardIterator });
        const error = await failure(kinesis.client.getRecords({ ShardIterator }));
        expect(error.name).to.equal("ProvisionedThroughputExceededException");
        expect(error.message).to.equal(`Rate exceeded for Shard - 000000000000/${stream}/${SHARD}`);
        const other = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" }, "shardId-000000000001");
        await kinesis.client.getRecords({ ShardIterator: other });
        kinesis.local.clock.advance(1000);
        await kinesis.client.getRecords({ ShardIterator });
    });

    itLocally("returns 10 MiB at once, and nothing for the next five seconds", async () => {
        const stream = await kinesis.createStream();
        const { clock } = kinesis.local;
        for (let record = 0; record < 12; record += 1) {
            await kinesis.client.putRecord({ StreamName: stream, PartitionKey: "k", Data: Buffer.alloc(MIB - 1) });
            clock.advance(1000);
        }
        const ShardIterator = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" });
        const first = await kinesis.client.getRecords({ ShardIterator });
        expect(first.Records).to.have.length(10);
        expect(first.MillisBehindLatest).to.equal(3000);
        const next = { ShardIterator: first.NextShardIterator };
        clock.advance(4999);
        expect((await failure(kinesis.client.getRecords(next))).name).to.equal(
            "ProvisionedThroughputExceededException",
        );
        clock.advance(1);
        expect((await kinesis.client.getRecords(next)).Records).to.have.length(2);
    });

    itLocally("forgets records after the retention period, and goes on at the horizon", async () => {
        const stream = await kinesis.createStream();
        const { clock } = kinesis.local;
        const [first] = await put(stream, "old");
        clock.advance(HOUR_MS);
        await put(stream, "young");
        clock.advance(23 * HOUR_MS);
        const start: Start = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: first };
        const ShardIterator = await iteratorOf(stream, start);
        expect((await kinesis.client.getRecords({ ShardIterator })).Records!.map(text)).to.deep.equal(["old", "young"]);
        clock.advance(1);
        expect((await kinesis.client.getRecords({ ShardIterator })).Records!.map(text)).to.deep.equal(["young"]);
        expect(await readFrom(stream, start)).to.deep.equal(["young"]);
        clock.advance(24 * HOUR_MS);
        expect(await readFrom(stream, { ShardIteratorType: "TRIM_HORIZON" })).to.deep.equal([]);
        await put(stream, "new");
        expect(await readFrom(stream, { ShardIteratorType: "TRIM_HORIZON" })).to.deep.equal(["new"]);
    });

    itLocally("keeps what an increased retention period keeps, and drops what a decreased one does not", async () => {
        const stream = await kinesis.createStream();
        const { clock } = kinesis.local;
        await kinesis.client.increaseStreamRetentionPeriod({ StreamName: stream, RetentionPeriodHours: 48 });
        await kinesis.settled(stream);
        await put(stream, "a");
        clock.advance(40 * HOUR_MS);
        expect(await readFrom(stream, { ShardIteratorType: "TRIM_HORIZON" })).to.deep.equal(["a"]);
        await kinesis.client.decreaseStreamRetentionPeriod({ StreamName: stream, RetentionPeriodHours: 24 });
        await kinesis.settled(stream);
        expect(await readFrom(stream, { ShardIteratorType: "TRIM_HORIZON" })).to.deep.equal([]);
        expect(kinesis.local.service.state(stream)!.retainedBytes).to.equal(0);
    });

    it("ends at the end of a closed shard, and names the shards that follow", async () => {
        const stream = await kinesis.createStream();
        await put(stream, "a");
        const before = await iteratorOf(stream, { ShardIteratorType: "LATEST" });
        await kinesis.client.splitShard({
            StreamName: stream,
            ShardToSplit: SHARD,
            NewStartingHashKey: "170141183460469231731687303715884105728",
        });
        await kinesis.settled(stream);
        const records = await readShard(kinesis, stream, SHARD);
        expect(records.map(text)).to.deep.equal(["a"]);
        const { Shards } = await kinesis.client.listShards({ StreamName: stream });
        const ending = Shards![0]!.SequenceNumberRange!.EndingSequenceNumber;
        for (const ShardIteratorType of ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"] as const) {
            expect(await readFrom(stream, { ShardIteratorType, StartingSequenceNumber: ending })).to.deep.equal([]);
        }
        const end = await read(kinesis, before);
        expect(end.NextShardIterator ?? null).to.equal(null);
        expect(end.ChildShards).to.deep.equal([
            {
                ShardId: "shardId-000000000001",
                ParentShards: [SHARD],
                HashKeyRange: {
                    StartingHashKey: "0",
                    EndingHashKey: "170141183460469231731687303715884105727",
                },
            },
            {
                ShardId: "shardId-000000000002",
                ParentShards: [SHARD],
                HashKeyRange: {
                    StartingHashKey: "170141183460469231731687303715884105728",
                    EndingHashKey: "340282366920938463463374607431768211455",
                },
            },
        ]);
    });

    itLocally("reads a stream from its start if the iterator is of an earlier one of that name", async () => {
        const { client } = kinesis;
        const stream = await kinesis.createStream();
        await put(stream, "a", "b");
        const ShardIterator = await iteratorOf(stream, { ShardIteratorType: "LATEST" });
        await client.deleteStream({ StreamName: stream });
        const gone = await failure(client.getRecords({ ShardIterator }));
        expect(gone.name).to.equal("ResourceNotFoundException");
        expect(gone.message).to.equal(`Shard ${SHARD} in stream ${stream} under account 000000000000 does not exist`);
        await kinesis.gone(stream);
        await client.createStream({ StreamName: stream, ShardCount: 1 });
        await kinesis.settled(stream);
        await put(stream, "c", "d", "e");
        expect((await client.getRecords({ ShardIterator })).Records!.map(text)).to.deep.equal(["c", "d", "e"]);
    });

    it("returns at most as many records as asked for", async () => {
        const stream = await kinesis.createStream();
        await kinesis.client.putRecords({ StreamName: stream, Records: entries(20) });
        const start = await iteratorOf(stream, { ShardIteratorType: "TRIM_HORIZON" });
        expect((await read(kinesis, start, 7)).Records).to.have.length(7);
    });
});
