import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { IDLE_READ_INTERVAL_MS, READ_INTERVAL_MS } from "../../../local/event-source-mapping/shard-consumer";
import { FakeStream } from "./fake-stream";
import { createFixture, dataOf, drain, joined, putAll, SHARD, STREAM_ARN } from "./fixture";
import { VirtualClock } from "./virtual-clock";

describe("event source mapping and its stream", () => {
    describe("reading", () => {
        it("is paced to five calls a second per shard, however many records wake it", async () => {
            const fixture = createFixture({}, () => null);
            fixture.mapping.start();
            for (let times = 0; times < 100; times += 1) {
                putAll(fixture.stream, "a");
                await fixture.clock.advance(10);
            }
            const times = fixture.stream.callsOf("getRecords").map(({ atMs }) => atMs);
            expect(times).to.have.lengthOf(5);
            times
                .slice(1)
                .forEach((atMs, index) => expect(atMs - (times[index] ?? 0)).to.be.at.least(READ_INTERVAL_MS));
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("of an idle stream is once a second", async () => {
            const fixture = createFixture({}, () => null);
            fixture.mapping.start();
            await fixture.clock.advance(60 * IDLE_READ_INTERVAL_MS - 1);
            expect(fixture.stream.callsOf("getRecords")).to.have.lengthOf(60);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("goes on when the machine's clock is set back", async () => {
            const fixture = createFixture({}, () => null);
            fixture.mapping.start();
            await fixture.clock.advance(500);
            fixture.clock.setBack(3_600_000);
            putAll(fixture.stream, "a");
            await fixture.clock.advance(2 * IDLE_READ_INTERVAL_MS);
            expect(joined(fixture)).to.deep.equal(["a"]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("that is throttled backs off, and loses nothing", async () => {
            const fixture = createFixture({}, () => null);
            const error = new AwsError("ProvisionedThroughputExceededException", "Rate exceeded for shard");
            fixture.stream.failNext("getRecords", error, 4);
            putAll(fixture.stream, "abc");
            await drain(fixture);
            expect(joined(fixture)).to.deep.equal(["abc"]);
            expect(fixture.mapping.status().counters.readThrottles).to.equal(4);
            expect(fixture.stream.callsOf("getShardIterator")).to.have.lengthOf(1);
            expect(fixture.problems).to.deep.equal([]);
        });

        it("goes on after the last record read when the iterator has expired", async () => {
            const fixture = createFixture({}, () => null);
            const last = fixture.stream.put(SHARD, "key", "a");
            fixture.mapping.start();
            await fixture.clock.runUntil(fixture.mapping.drained());
            fixture.stream.failNext("getRecords", new AwsError("ExpiredIteratorException", "Iterator expired"));
            putAll(fixture.stream, "b");
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture)).to.deep.equal(["a", "b"]);
            expect(fixture.stream.callsOf("getShardIterator").map(({ position }) => position)).to.deep.equal([
                { type: "TRIM_HORIZON" },
                { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: last },
            ]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("goes on from where it began when a LATEST iterator has expired unused", async () => {
            const fixture = createFixture({ startingPosition: "LATEST" }, () => null);
            const error = new AwsError("ProvisionedThroughputExceededException", "Rate exceeded for shard");
            fixture.stream.failNext("getRecords", error, 1);
            fixture.stream.failNext("getRecords", new AwsError("ExpiredIteratorException", "Iterator expired"));
            fixture.mapping.start();
            await fixture.clock.advance(50);
            putAll(fixture.stream, "a");
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture)).to.deep.equal(["a"]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("that is denied is the mapping's problem, until it is allowed", async () => {
            const fixture = createFixture({}, () => null);
            fixture.stream.failNext(
                "getRecords",
                new AwsError("AccessDeniedException", "User: … is not authorized"),
                3,
            );
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            await fixture.clock.runReady();
            expect(fixture.mapping.status().lastProcessingResult).to.equal(
                `PROBLEM: Cannot access stream ${STREAM_ARN}. Please ensure the role can perform the GetRecords, ` +
                    "GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM. " +
                    "(User: … is not authorized)",
            );
            expect(fixture.problems).to.have.lengthOf(1);
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(fixture.mapping.status().lastProcessingResult).to.equal("OK");
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("may be denied from the beginning", async () => {
            const fixture = createFixture({}, () => null);
            fixture.stream.failNext(
                "listShards",
                new AwsError("AccessDeniedException", "User: … is not authorized"),
                3,
            );
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            await fixture.clock.runReady();
            expect(fixture.problems[0]).to.match(/^PROBLEM: Cannot access stream/);
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture)).to.deep.equal(["a"]);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });

        it("stops while too much is unfinished", async () => {
            const release: (() => void)[] = [];
            const fixture = createFixture({ batchSize: 10_000 }, () => {
                return new Promise<void>((resolve) => release.push(resolve));
            });
            fixture.stream.pageSize = 10_000;
            for (let index = 0; index < 50_000; index += 1) {
                fixture.stream.put(SHARD, "key", "");
            }
            fixture.mapping.start();
            await fixture.clock.advance(10_000);
            expect(fixture.mapping.status().shards[0]?.buffered).to.equal(20_000);
            expect(fixture.mapping.status().shards[0]?.iteratorAgeMs).to.equal(10_000);
            const drained = fixture.mapping.drained();
            const pump = async (): Promise<void> => {
                while (fixture.batches.flat().length < 50_000) {
                    release.splice(0).forEach((each) => each());
                    await fixture.clock.advance(READ_INTERVAL_MS);
                }
                release.splice(0).forEach((each) => each());
            };
            await pump();
            await fixture.clock.runUntil(drained);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });
    });

    describe("starting positions", () => {
        it("TRIM_HORIZON is the oldest record, LATEST the next one", async () => {
            for (const [startingPosition, expected] of [
                ["TRIM_HORIZON", "ab"],
                ["LATEST", "b"],
            ] as const) {
                const fixture = createFixture({ startingPosition }, () => null);
                putAll(fixture.stream, "a");
                fixture.mapping.start();
                await fixture.clock.advance(1000);
                putAll(fixture.stream, "b");
                await fixture.clock.runUntil(fixture.mapping.drained());
                expect(joined(fixture).join("")).to.equal(expected);
                await fixture.clock.runUntil(fixture.mapping.stop());
            }
        });

        it("AT_TIMESTAMP is the first record at that time or later", async () => {
            const clock = new VirtualClock();
            const inputs = { startingPosition: "AT_TIMESTAMP", startingPositionTimestamp: "2026-11-23T06:00:00Z" };
            const fixture = createFixture(inputs, () => null, { clock });
            fixture.stream.put(SHARD, "key", "before", 1);
            putAll(fixture.stream, "ab");
            await drain(fixture);
            expect(joined(fixture)).to.deep.equal(["ab"]);
        });

        it("LATEST waits for no shard that is closed already, and misses no record of those that come later", async () => {
            const clock = new VirtualClock();
            const stream = new FakeStream(clock, ["shardId-000000000000"]);
            putAll(stream, "a");
            stream.addShard("shardId-000000000001", [SHARD]);
            const fixture = createFixture({ startingPosition: "LATEST" }, () => null, { clock, stream });
            fixture.mapping.start();
            await clock.advance(1000);
            putAll(stream, "b", "shardId-000000000001");
            stream.addShard("shardId-000000000002", ["shardId-000000000001"]);
            putAll(stream, "c", "shardId-000000000002");
            await clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture)).to.deep.equal(["b", "c"]);
            await clock.runUntil(fixture.mapping.stop());
        });
    });

    describe("resharding", () => {
        it("has children read only when their parents are finished", async () => {
            const clock = new VirtualClock();
            const stream = new FakeStream(clock, ["parent-1", "parent-2"]);
            let failures = 5;
            const fixture = createFixture(
                { batchSize: 1 },
                (records) => {
                    if (dataOf(records[0]!) === "1" && failures > 0) {
                        failures -= 1;
                        throw new Error("not yet");
                    }
                },
                { clock, stream },
            );
            fixture.mapping.start();
            await clock.advance(100);
            putAll(stream, "1", "parent-1");
            putAll(stream, "2", "parent-2");
            stream.addShard("merged", ["parent-1", "parent-2"]);
            putAll(stream, "3", "merged");
            stream.addShard("left", ["merged"]);
            stream.addShard("right", ["merged"]);
            putAll(stream, "4", "left");
            putAll(stream, "4", "right");
            await clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture).join("").replaceAll(/1/g, "")).to.equal("2344");
            expect(joined(fixture).indexOf("3")).to.be.above(joined(fixture).lastIndexOf("1"));
            expect(fixture.mapping.status().shards.map(({ shardId }) => shardId)).to.deep.equal(["left", "right"]);
            await clock.runUntil(fixture.mapping.stop());
        });

        it("before the mapping begins is read in the order of the lineage", async () => {
            const clock = new VirtualClock();
            const stream = new FakeStream(clock, ["parent"]);
            putAll(stream, "a", "parent");
            stream.addShard("child", ["parent"]);
            putAll(stream, "b", "child");
            const fixture = createFixture({}, () => null, { clock, stream });
            await drain(fixture);
            expect(joined(fixture)).to.deep.equal(["a", "b"]);
        });

        it("whose parents the stream has forgotten leaves the children as they are", async () => {
            const clock = new VirtualClock();
            const stream = new FakeStream(clock, ["parent"]);
            stream.addShard("child", ["parent"]);
            stream.removeShard("parent");
            putAll(stream, "b", "child");
            const fixture = createFixture({}, () => null, { clock, stream });
            await drain(fixture);
            expect(joined(fixture)).to.deep.equal(["b"]);
        });

        it("whose parent the stream forgets while it is read goes on with the children", async () => {
            const clock = new VirtualClock();
            const stream = new FakeStream(clock, ["parent"]);
            const fixture = createFixture({}, () => null, { clock, stream });
            fixture.mapping.start();
            await clock.advance(100);
            stream.addShard("child", ["parent"]);
            stream.removeShard("parent");
            putAll(stream, "b", "child");
            await clock.runUntil(fixture.mapping.drained());
            expect(joined(fixture)).to.deep.equal(["b"]);
            expect(fixture.mapping.status().lastProcessingResult).to.equal("OK");
            await clock.runUntil(fixture.mapping.stop());
        });
    });
});
