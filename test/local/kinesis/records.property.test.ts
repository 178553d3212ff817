import { expect } from "chai";
import fc from "fast-check";
import type { GetRecordsOutput, KinesisRecord } from "../../../local/kinesis/api";
import { AwsError } from "../../../local/aws-error";
import { KinesisService } from "../../../local/kinesis/service";
import { TestClock } from "./endpoint";

/** What may happen to a stream; numbers are taken modulo what there is. */
type Action =
    | { kind: "put"; keys: string[] }
    | { kind: "burst"; key: string; count: number }
    | { kind: "split"; shard: number; at: number }
    | { kind: "merge"; shard: number }
    | { kind: "scale"; target: number }
    | { kind: "wait"; milliseconds: number };

const key = fc.constantFrom("a", "b", "c", "d", "e", "日本", "🔥");
const action: fc.Arbitrary<Action> = fc.oneof(
    {
        weight: 5,
        arbitrary: fc.record({
            kind: fc.constant("put" as const),
            keys: fc.array(key, { minLength: 1, maxLength: 20 }),
        }),
    },
    {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("burst" as const), key, count: fc.integer({ min: 200, max: 500 }) }),
    },
    {
        weight: 2,
        arbitrary: fc.record({
            kind: fc.constant("split" as const),
            shard: fc.nat(),
            at: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("merge" as const), shard: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("scale" as const), target: fc.nat() }) },
    {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("wait" as const), milliseconds: fc.integer({ min: -5, max: 2000 }) }),
    },
);

/** A stream, and what was accepted for each partition key in the order of acceptance. */
class Run {
    readonly clock = new TestClock();
    readonly kinesis = new KinesisService({ region: "us-east-1", clock: () => this.clock.now });
    readonly accepted = new Map<string, string[]>();
    #counter = 0;

    async start(): Promise<void> {
        await this.kinesis.call("CreateStream", { StreamName: "s", ShardCount: 2 });
    }

    async apply(action: Action): Promise<void> {
        switch (action.kind) {
            case "put":
                return this.#put(action.keys);
            case "burst":
                return this.#put(new Array<string>(action.count).fill(action.key));
            case "split":
                return this.#split(action.shard, action.at);
            case "merge":
                return this.#merge(action.shard);
            case "scale":
                return this.#scale(action.target);
            case "wait":
                this.clock.advance(action.milliseconds);
        }
    }

    /** Every shard from its horizon to its tip, parents before children. */
    async readAll(): Promise<KinesisRecord[]> {
        const records: KinesisRecord[] = [];
        const { Shards } = await this.kinesis.call("ListShards", { StreamName: "s" });
        for (const { ShardId } of Shards) {
            let iterator: string | undefined = (
                await this.kinesis.call("GetShardIterator", {
                    StreamName: "s",
                    ShardId,
                    ShardIteratorType: "TRIM_HORIZON",
                })
            ).ShardIterator;
            while (iterator !== undefined) {
                this.clock.advance(200);
                const answer: GetRecordsOutput = await this.kinesis.call("GetRecords", {
                    ShardIterator: iterator,
                    Limit: 97,
                });
                records.push(...answer.Records);
                const atTip = answer.MillisBehindLatest === 0 && answer.Records.length === 0;
                iterator = atTip ? undefined : answer.NextShardIterator;
            }
        }
        return records;
    }

    async #put(keys: string[]): Promise<void> {
        const contents = keys.map(() => String((this.#counter += 1)));
        const { Records } = await this.kinesis.call("PutRecords", {
            StreamName: "s",
            Records: keys.map((PartitionKey, index) => ({
                PartitionKey,
                Data: Buffer.from(contents[index]!).toString("base64"),
            })),
        });
        Records.forEach((record, index) => {
            if (record.ErrorCode !== undefined) return;
            const ofKey = this.accepted.get(keys[index]!) ?? [];
            ofKey.push(contents[index]!);
            this.accepted.set(keys[index]!, ofKey);
        });
    }

    async #openShards() {
        const { Shards } = await this.kinesis.call("ListShards", {
            StreamName: "s",
            ShardFilter: { Type: "AT_LATEST" },
        });
        return Shards.sort((a, b) =>
            BigInt(a.HashKeyRange.StartingHashKey) < BigInt(b.HashKeyRange.StartingHashKey) ? -1 : 1,
        );
    }

    async #split(number: number, at: number): Promise<void> {
        const shards = await this.#openShards();
        if (shards.length >= 16) return;
        const shard = shards[number % shards.length]!;
        const start = BigInt(shard.HashKeyRange.StartingHashKey);
        const width = BigInt(shard.HashKeyRange.EndingHashKey) - start;
        const NewStartingHashKey = String(start + (width * BigInt(Math.floor(at * 1000))) / 1000n);
        await this.kinesis.call("SplitShard", { StreamName: "s", ShardToSplit: shard.ShardId, NewStartingHashKey });
    }

    async #merge(number: number): Promise<void> {
        const shards = await this.#openShards();
        if (shards.length < 2) return;
        const index = number % (shards.length - 1);
        await this.kinesis.call("MergeShards", {
            StreamName: "s",
            ShardToMerge: shards[index]!.ShardId,
            AdjacentShardToMerge: shards[index + 1]!.ShardId,
        });
    }

    async #scale(number: number): Promise<void> {
        const current = (await this.#openShards()).length;
        const least = Math.ceil(current / 2);
        const TargetShardCount = least + (number % (current * 2 - least + 1));
        await this.kinesis
            .call("UpdateShardCount", { StreamName: "s", TargetShardCount, ScalingType: "UNIFORM_SCALING" })
            .catch((error: unknown) => {
                // Ten times a day.
                if (!(error instanceof AwsError) || error.code !== "LimitExceededException") throw error;
            });
    }
}

describe("records of a stream that is resharded while it is written", () => {
    it("come back exactly once, in the order of each partition key, with growing sequence numbers", async function () {
        await fc.assert(
            fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
                const run = new Run();
                await run.start();
                for (const each of actions) await run.apply(each);
                const read = new Map<string, KinesisRecord[]>();
                for (const record of await run.readAll()) {
                    const ofKey = read.get(record.PartitionKey) ?? [];
                    ofKey.push(record);
                    read.set(record.PartitionKey, ofKey);
                }
                const contents = Array.from(read, ([partitionKey, records]) => {
                    const texts = records.map((record) => Buffer.from(record.Data, "base64").toString());
                    return [partitionKey, texts] as const;
                });
                expect(new Map(contents)).to.deep.equal(run.accepted);
                for (const records of read.values()) {
                    const numbers = records.map((record) => BigInt(record.SequenceNumber));
                    expect(numbers.every((number, index) => index === 0 || number > numbers[index - 1]!)).to.equal(
                        true,
                    );
                    const times = records.map((record) => record.ApproximateArrivalTimestamp);
                    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
                }
            }),
            { numRuns: 150 },
        );
    });
});
