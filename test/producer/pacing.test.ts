import { expect } from "chai";
import fc from "fast-check";
import { outgoingPost, type Outgoing } from "../../producer/outgoing";
import { seededRandom } from "../../producer/sources/random";
import { StreamFault } from "../../producer/stream-fault";
import { MemoryStream, Shards, THROTTLED, byAuthor, chunksOf, post, start } from "./memory-stream";
import { VirtualTime } from "./virtual-time";

describe("a throttling stream", () => {
    const authors = (count: number, total: number) =>
        Array.from({ length: total }, (_, index) => post(`author${(index * 7919) % count}`, index));

    it("gives nearly all that it offers, with few records sent in vain", async () => {
        const time = new VirtualTime();
        const shards = new Shards(time, [1]);
        const stream = new MemoryStream(time, shards.respond);
        const run = start(chunksOf(authors(5000, 30_000)), stream.putRecords, time);
        await time.run(run.done);
        expect(run.account.sent).to.equal(30_000);
        // 29 s are the least that the shard allows.
        expect(time.now()).to.be.below(29_000 / 0.9);
        expect(run.account.retried).to.be.below(0.2 * 30_000);
    });

    it("does so also when it does not say which shard it is", async () => {
        const time = new VirtualTime();
        const shards = new Shards(time, [1]);
        const stream = new MemoryStream(time, (records) =>
            shards.respond(records, 0).map((rejection) => (rejection === undefined ? undefined : THROTTLED)),
        );
        const run = start(chunksOf(authors(5000, 30_000)), stream.putRecords, time);
        await time.run(run.done);
        expect(run.account.sent).to.equal(30_000);
        expect(time.now()).to.be.below(29_000 / 0.9);
        // What is not accepted is sent again, at most a few times on average: no storm.
        expect(run.account.retried).to.be.below(3 * 30_000);
    });

    /** 2,000 posts/s for ten seconds, three quarters of them for the one shard of four that takes 1,000. */
    async function* hotShard(time: VirtualTime, shards: Shards): AsyncGenerator<Outgoing[]> {
        const names = Array.from({ length: 40_000 }, (_, index) => `author${index}`);
        const hot = names.filter((name) => shards.of(name) === 0);
        const others = names.filter((name) => shards.of(name) !== 0);
        for (let turn = 0; turn < 500; turn += 1) {
            yield Array.from({ length: 40 }, (_, index) => {
                const pool = index % 4 < 3 ? hot : others;
                return outgoingPost(post(pool[(turn * 40 + index) % pool.length] ?? "", turn * 40 + index));
            });
            await time.sleep(20);
        }
    }

    it("holds up only what is for the shard that throttles", async () => {
        const time = new VirtualTime();
        const shards = new Shards(time, [0.25, 0.5, 0.75, 1]);
        const stream = new MemoryStream(time, shards.respond);
        const arrivedAt = new Map<string, number>();
        const waits = { hot: 0, others: 0 };
        async function* watched() {
            for await (const records of hotShard(time, shards)) {
                for (const { label } of records) arrivedAt.set(label, time.now());
                yield records;
            }
        }
        const run = start(watched(), stream.putRecords, time, {
            onAccepted: ({ partitionKey, label }) => {
                const waited = time.now() - (arrivedAt.get(label) ?? 0);
                const kind = shards.of(partitionKey) === 0 ? "hot" : "others";
                waits[kind] = Math.max(waits[kind], waited);
            },
        });
        await time.run(run.done);
        expect(run.account.sent).to.equal(20_000);
        // 100 ms to fill a request, and its round trip of 20 ms; one of them may have to go again as its shard is not known yet.
        expect(waits.others).to.be.below(500);
        expect(waits.hot).to.be.above(2_000);
        expect(shards.throttled.slice(1)).to.deep.equal([0, 0, 0]);
        // 15,000 for a shard that takes 1,000 a second.
        expect(time.now()).to.be.below(14_000 / 0.9);
        expect(run.account.retried).to.be.below(0.2 * 15_000);
    });

    it("is sent to at full speed again when it was resharded", async () => {
        const time = new VirtualTime();
        let shards = new Shards(time, [1]);
        const stream = new MemoryStream(time, (records, request) => shards.respond(records, request));
        const run = start(chunksOf(authors(5000, 40_000)), stream.putRecords, time);
        await time.runFor(5_000);
        expect(run.traffic.throttledShards).to.equal(1);
        const before = run.account.sent;
        expect(before).to.be.below(7_000);
        shards = new Shards(time, [0.25, 0.5, 0.75, 1], 10_000);
        await time.run(run.done);
        expect(run.account.sent).to.equal(40_000);
        // It takes a few seconds to believe in it.
        expect(time.now()).to.be.below(15_000);
        expect(run.traffic.throttledShards).to.equal(0);
    });

    it("holds each post once, each author's in order, when it also fails in other ways and is resharded", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 1500 }),
                fc.integer({ min: 0, max: 2 ** 32 - 1 }),
                fc.integer({ min: 20, max: 400 }),
                async (wrote, seed, recordsPerSecond) => {
                    const time = new VirtualTime();
                    const random = seededRandom(seed);
                    const posts = wrote.map((author, index) => post(`author${author}`, index));
                    let shards = new Shards(time, [random(), 1], recordsPerSecond);
                    const stream = new MemoryStream(
                        time,
                        (records) => {
                            if (random() < 0.05) shards = new Shards(time, [0.3, random(), 1], recordsPerSecond);
                            if (random() < 0.05) throw new StreamFault("a fault that passes", true);
                            return shards
                                .respond(records, 0)
                                .map((rejection) => rejection ?? (random() < 0.05 ? "InternalFailure" : undefined));
                        },
                        () => random() * 50,
                    );
                    const run = start(chunksOf(posts, 1 + Math.floor(random() * 300)), stream.putRecords, time);
                    await time.run(run.done);
                    expect(byAuthor(stream.accepted)).to.deep.equal(byAuthor(posts.map(outgoingPost)));
                    expect(run.account).to.include({ received: posts.length, sent: posts.length, notSent: 0 });
                    expect(time.pending).to.equal(0);
                },
            ),
            { numRuns: 40 },
        );
    });
});
