import { expect } from "chai";
import type { StreamBatch } from "../../replay/batches-file";
import { Unreadable, type Loaded } from "../../replay/failed-record";
import { streamBundle, type ShardReader } from "../../replay/reread";
import { aggregate, bytesOf } from "../consumer/support/records";

const batch: StreamBatch = {
    stream: "posts",
    shardId: "shardId-000000000001",
    firstSequenceNumber: "10",
    first: 10n,
    last: 14n,
    records: 5,
    reason: "given up",
};

/** A shard with the records of these numbers, read two at a time; `isEmptyFirst` as Kinesis does between distant records. */
function shardWith(
    numbers: readonly number[],
    { isEmptyFirst = false, data = Buffer.from("x") } = {},
): ShardReader & { reads: number } {
    const shard = {
        reads: 0,
        startAt: async (_: string, from: string) => String(numbers.findIndex((each) => each >= Number(from))),
        read: async (iterator: string) => {
            shard.reads += 1;
            const at = Number(iterator);
            if (at < 0 || at >= numbers.length) return { records: [], next: undefined };
            if (isEmptyFirst && shard.reads === 1) return { records: [], next: iterator };
            const records = numbers.slice(at, at + 2).map((number) => ({
                sequenceNumber: String(number),
                partitionKey: "ada",
                data,
                arrivalMs: number,
            }));
            return { records, next: String(at + 2) };
        },
    };
    return shard;
}

async function load(shard: ShardReader, { stream = batch.stream } = {}): Promise<Loaded> {
    const loaded = await streamBundle({ ...batch, stream }, "posts", shard).load();
    if (loaded === undefined) throw new Error("A batch is never gone.");
    return loaded;
}

describe("a batch that is read from the stream again", () => {
    it("has the records from its first to its last one, and no more is read", async () => {
        const shard = shardWith([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], { isEmptyFirst: true });
        const { records, expired } = await load(shard);
        expect(records.map(({ sequenceNumber }) => sequenceNumber)).to.deep.equal(["10", "11", "12", "13", "14"]);
        expect(expired).to.equal(0);
        expect(shard.reads).to.equal(4);
    });

    it("has expired in part when the stream begins after its first record", async () => {
        const { records, expired } = await load(shardWith([12, 13, 14, 15]));
        expect([records.length, expired]).to.deep.equal([3, 2]);
    });

    it("has expired when the stream begins after it, is empty, or has lost the shard", async () => {
        for (const shard of [
            shardWith([15, 16]),
            shardWith([]),
            { ...shardWith([]), startAt: async () => undefined },
        ]) {
            const { records, expired } = await load(shard);
            expect([records.length, expired]).to.deep.equal([0, 5]);
        }
    });

    it("is unpacked where the Kinesis Producer Library packed it", async () => {
        const data = aggregate(["a", "b"].map((partitionKey) => ({ partitionKey, data: bytesOf() })));
        const { records } = await load(shardWith([10, 14], { data: Buffer.from(data) }));
        expect(records.map(({ partitionKey }) => partitionKey)).to.deep.equal(["a", "b", "a", "b"]);
        expect(records.map(({ subSequenceNumber }) => subSequenceNumber)).to.deep.equal([0, 1, 0, 1]);
    });

    it("of another stream is told, not sent", async () => {
        const error = await load(shardWith([]), { stream: "other" }).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(Unreadable);
        expect(error).to.have.property("message", "it is a batch of the stream other, and this stack has posts");
    });

    it("of a range that no batch has is told, not read to its end", async () => {
        const endless: ShardReader = {
            startAt: async () => "0",
            read: async () => ({
                records: Array.from({ length: 10_000 }, () => ({
                    sequenceNumber: "11",
                    partitionKey: "a",
                    data: Buffer.alloc(0),
                    arrivalMs: 0,
                })),
                next: "0",
            }),
        };
        const error: unknown = await load(endless).then(
            () => undefined,
            (thrown: unknown) => thrown,
        );
        expect(error).to.have.property("message", "it spans more than 100000 records");
    });
});
