import { expect } from "chai";
import { STOP_GRACE_MS } from "../../../local/event-source-mapping/mapping";
import { READ_INTERVAL_MS } from "../../../local/event-source-mapping/shard-consumer";
import { FakeStream } from "./fake-stream";
import { createFixture, dataOf, drainAll, failingOn, joined, putAll, SHARD } from "./fixture";
import { VirtualClock } from "./virtual-clock";

describe("event source mapping", () => {
    describe("batches", () => {
        it("have the batch size at most, in the order of the shard", async () => {
            expect(joined(await drainAll({ batchSize: 3 }, () => null, "abcdefgh"))).to.deep.equal([
                "abc",
                "def",
                "gh",
            ]);
        });

        it("without a window go as soon as there is a record", async () => {
            const fixture = createFixture({}, () => null);
            fixture.mapping.start();
            await fixture.clock.advance(5500);
            const startMs = fixture.clock.now();
            putAll(fixture.stream, "a");
            await fixture.clock.runReady();
            expect(fixture.invokedAtMs).to.deep.equal([startMs]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("with a window wait for it, from the first record on", async () => {
            const fixture = createFixture({ maximumBatchingWindowInSeconds: 10 }, () => null);
            fixture.mapping.start();
            await fixture.clock.advance(5500);
            const startMs = fixture.clock.now();
            putAll(fixture.stream, "ab");
            await fixture.clock.advance(6000);
            putAll(fixture.stream, "c");
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture)).to.deep.equal(["abc"]);
            expect(fixture.invokedAtMs).to.deep.equal([startMs + 10_000]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("that are full do not wait for the window", async () => {
            const fixture = createFixture({ batchSize: 2, maximumBatchingWindowInSeconds: 300 }, () => null);
            putAll(fixture.stream, "abcd");
            fixture.mapping.start();
            await fixture.clock.advance(1000);
            expect(joined(fixture)).to.deep.equal(["ab", "cd"]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("of a closed shard do not wait for the window", async () => {
            const fixture = createFixture({ maximumBatchingWindowInSeconds: 300 }, () => null);
            putAll(fixture.stream, "ab");
            fixture.stream.addShard("shardId-000000000001", [SHARD]);
            fixture.mapping.start();
            await fixture.clock.advance(1000);
            expect(joined(fixture)).to.deep.equal(["ab"]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("of one shard run at once up to the parallelization factor, one per partition key", async () => {
            const release: (() => void)[] = [];
            const fixture = createFixture({ parallelizationFactor: 10, batchSize: 1 }, () => {
                return new Promise<void>((resolve) => release.push(resolve));
            });
            for (const key of "abcdefghijklmnopqrstuvwxyz") {
                fixture.stream.put(SHARD, key, `${key}1`);
                fixture.stream.put(SHARD, key, `${key}2`);
            }
            fixture.mapping.start();
            await fixture.clock.advance(0);
            const keys = fixture.batches.flat().map((text) => text.charAt(0));
            expect(new Set(keys).size).to.equal(keys.length);
            expect(keys.length).to.be.within(2, 10);
            const stopped = fixture.mapping.stop();
            release.forEach((each) => each());
            await fixture.clock.runUntil(stopped);
        });

        it("that run out of order move the checkpoint to the lowest unfinished record only", async () => {
            const held = new Map<string, () => void>();
            const fixture = createFixture({ parallelizationFactor: 10, batchSize: 1 }, (records) => {
                return new Promise<void>((resolve) => held.set(dataOf(records[0]!), resolve));
            });
            const first = fixture.stream.put(SHARD, "a", "first");
            const second = fixture.stream.put(SHARD, "b", "second");
            fixture.mapping.start();
            await fixture.clock.advance(0);
            const checkpoint = () => fixture.mapping.status().shards[0]?.checkpoint;
            held.get("second")?.();
            await fixture.clock.advance(0);
            expect(checkpoint()).to.be.undefined;
            held.get("first")?.();
            await fixture.clock.advance(0);
            expect(checkpoint()).to.equal(second).and.not.to.equal(first);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });
    });

    describe("drained()", () => {
        it("of an empty stream needs one read, not a wait", async () => {
            const fixture = createFixture({}, () => null);
            fixture.mapping.start();
            await fixture.clock.advance(5000);
            const startMs = fixture.clock.now();
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(fixture.clock.now() - startMs).to.be.at.most(READ_INTERVAL_MS);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("waits for the records of now, not for those that come later", async () => {
            const release: (() => void)[] = [];
            const fixture = createFixture({ batchSize: 1 }, () => {
                return new Promise<void>((resolve) => release.push(resolve));
            });
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            const drained = fixture.mapping.drained();
            await fixture.clock.advance(1000);
            putAll(fixture.stream, "b");
            await fixture.clock.advance(1000);
            release.shift()?.();
            await fixture.clock.runUntil(drained);
            expect(joined(fixture)).to.deep.equal(["a", "b"]);
            const stopped = fixture.mapping.stop();
            release.shift()?.();
            await fixture.clock.runUntil(stopped);
        });

        it("does not take the word of a read that began before", async () => {
            const clock = new VirtualClock();
            const stream = new FakeStream(clock);
            const release: (() => void)[] = [];
            const fixture = createFixture({}, () => null, { clock, stream });
            const getRecords = stream.getRecords.bind(stream);
            stream.getRecords = async (...input) => {
                const read = await getRecords(...input);
                await new Promise<void>((resolve) => release.push(resolve));
                return read;
            };
            fixture.mapping.start();
            await clock.advance(0);
            putAll(stream, "a");
            const drained = fixture.mapping.drained().then(() => joined(fixture));
            while (fixture.batches.length === 0) {
                release.splice(0).forEach((each) => each());
                await clock.advance(READ_INTERVAL_MS);
            }
            release.splice(0).forEach((each) => each());
            expect(await drained).to.deep.equal(["a"]);
            const stopped = fixture.mapping.stop();
            release.splice(0).forEach((each) => each());
            await clock.runUntil(stopped);
        });

        it("rejects when the mapping stops before, or does not run", async () => {
            const fixture = createFixture({}, failingOn("a"));
            const message = (promise: Promise<void>): Promise<string> =>
                promise.then(
                    () => "resolved",
                    (error: unknown) => (error as Error).message,
                );
            expect(await message(fixture.mapping.drained())).to.match(/is not running: its state is Disabled/);
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            const drained = message(fixture.mapping.drained());
            await fixture.clock.advance(1000);
            await fixture.clock.runUntil(fixture.mapping.stop());
            expect(await drained).to.match(/was stopped before the stream was drained/);
        });
    });

    describe("its end", () => {
        it("leaves no timer and no subscription", async () => {
            const fixture = createFixture(
                { parallelizationFactor: 3, maximumBatchingWindowInSeconds: 300 },
                () => null,
            );
            putAll(fixture.stream, "abc");
            fixture.mapping.start();
            await fixture.clock.advance(1000);
            await fixture.clock.runUntil(fixture.mapping.stop());
            expect([fixture.clock.pendingTimers, fixture.stream.listenerCount]).to.deep.equal([0, 0]);
            expect(fixture.batches).to.deep.equal([]);
            expect(fixture.mapping.status().state).to.equal("Disabled");
        });

        it("waits for an invocation that runs, and takes its result", async () => {
            const release: (() => void)[] = [];
            const fixture = createFixture({}, () => new Promise<void>((resolve) => release.push(resolve)));
            const sequenceNumber = fixture.stream.put(SHARD, "key", "a");
            fixture.mapping.start();
            await fixture.clock.advance(0);
            const stopped = fixture.mapping.stop();
            await fixture.clock.advance(STOP_GRACE_MS - 1);
            release.shift()?.();
            await stopped;
            expect(fixture.mapping.status().shards[0]?.checkpoint).to.equal(sequenceNumber);
            expect(fixture.clock.pendingTimers).to.equal(0);
        });

        it("gives up an invocation that takes too long", async () => {
            const fixture = createFixture({}, () => new Promise(() => undefined));
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            await fixture.clock.advance(0);
            const startMs = fixture.clock.now();
            await fixture.clock.runUntil(fixture.mapping.stop());
            expect(fixture.clock.now() - startMs).to.equal(STOP_GRACE_MS);
            expect(fixture.mapping.status().shards[0]?.checkpoint).to.be.undefined;
        });

        it("may come before it has begun, and only once", async () => {
            const fixture = createFixture({}, () => null);
            await fixture.clock.runUntil(fixture.mapping.stop());
            expect(() => fixture.mapping.start()).to.throw("was started before");
            expect(fixture.stream.calls).to.deep.equal([]);
        });
    });

    it("that is not enabled does nothing", async () => {
        const fixture = createFixture({ enabled: false }, () => null);
        putAll(fixture.stream, "a");
        fixture.mapping.start();
        await fixture.clock.advance(10_000);
        expect(fixture.mapping.status()).to.include({
            state: "Disabled",
            lastProcessingResult: "No records processed",
        });
        expect(fixture.stream.calls).to.deep.equal([]);
        await fixture.clock.runUntil(fixture.mapping.stop());
    });
});
