import { expect } from "chai";
import fc from "fast-check";
import { Failure } from "../../commandline/failure";
import { REQUEST_BYTES_MAX, REQUEST_RECORDS_MAX } from "../../producer/batching";
import { outgoingPost, type Outgoing } from "../../producer/outgoing";
import type { PutRecords } from "../../producer/put-records";
import { REQUESTS_IN_FLIGHT_MAX, RETRY_MS_MAX } from "../../producer/sender";
import { seededRandom } from "../../producer/sources/random";
import { StreamFault } from "../../producer/stream-fault";
import { MemoryStream, THROTTLED, acceptAll, byAuthor, chunksOf, failureOf, idOf, post, start } from "./memory-stream";
import { VirtualTime } from "./virtual-time";

describe("sending", () => {
    it("sends every post exactly once, each author's in order, whatever records and requests fail", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 1500 }),
                fc.integer({ min: 0, max: 2 ** 32 - 1 }),
                fc.constantFrom(0, 0.05, 0.5),
                async (authors, seed, failing) => {
                    const time = new VirtualTime();
                    const random = seededRandom(seed);
                    const posts = authors.map((author, index) => post(`author${author}`, index));
                    const stream = new MemoryStream(
                        time,
                        (records) => {
                            if (random() < failing / 2) throw new StreamFault("a fault that passes", true);
                            return records.map(() => (random() < failing ? "InternalFailure" : undefined));
                        },
                        () => random() * 50,
                    );
                    const run = start(chunksOf(posts, 1 + Math.floor(random() * 300)), stream.putRecords, time);
                    await time.run(run.done);
                    expect(byAuthor(stream.accepted)).to.deep.equal(byAuthor(posts.map(outgoingPost)));
                    expect(run.account).to.include({ received: posts.length, sent: posts.length, notSent: 0 });
                },
            ),
            { numRuns: 60 },
        );
    });

    it("never has two records of one author in flight, nor one beside one that waits to be sent again", async () => {
        const time = new VirtualTime();
        const random = seededRandom(7);
        const posts = Array.from({ length: 2000 }, (_, index) => post(`author${Math.floor(random() * 40)}`, index));
        const last = new Map<string, number>();
        const stream = new MemoryStream(time, (records) =>
            records.map((record) => {
                const { partitionKey } = record;
                const id = Number(idOf(record));
                // Sent again before anything later: an author's identifiers never go back.
                expect(id).to.be.at.least(last.get(partitionKey) ?? -1);
                last.set(partitionKey, id);
                return random() < 0.4 ? THROTTLED : undefined;
            }),
        );
        await time.run(start(chunksOf(posts), stream.putRecords, time).done);
        for (const request of stream.requests) {
            expect(new Set(request.map(({ partitionKey }) => partitionKey)).size).to.equal(request.length);
        }
    });

    it("keeps requests within 500 records and 5 MiB with keys, and four in flight", async () => {
        const time = new VirtualTime();
        const random = seededRandom(3);
        const posts = Array.from({ length: 3000 }, (_, index) =>
            post(`author${index}`, index, "x".repeat(random() < 0.02 ? random() * 1_000_000 : random() * 300)),
        );
        const stream = new MemoryStream(time, acceptAll);
        await time.run(start(chunksOf(posts), stream.putRecords, time).done);
        expect(stream.accepted).to.have.length(3000);
        for (const request of stream.requests) {
            expect(request.length).to.be.within(1, REQUEST_RECORDS_MAX);
            const bytes = request.reduce((sum, { data, partitionKey }) => sum + data.length + partitionKey.length, 0);
            expect(bytes).to.be.at.most(REQUEST_BYTES_MAX);
        }
        expect(stream.inFlightMax).to.equal(REQUESTS_IN_FLIGHT_MAX);
    });

    it("asks the source for no more while 10,000 posts are held", async () => {
        const time = new VirtualTime();
        let given = 0;
        async function* endless(): AsyncGenerator<Outgoing[]> {
            for (;;) yield Array.from({ length: 100 }, () => outgoingPost(post(`author${given}`, given++)));
        }
        // Answers never; gives up when asked to.
        const putRecords: PutRecords = (_, abort) =>
            new Promise((_resolve, reject) => {
                abort.addEventListener("abort", () => reject(new StreamFault("the request was aborted", false)));
            });
        const run = start(endless(), putRecords, time);
        await time.settle();
        expect(given).to.equal(10_000);
        run.abort.abort();
        expect(await failureOf(time.run(run.done))).to.be.instanceOf(Failure);
    });

    it("lets a post wait 100 ms for company, and no longer", async () => {
        const time = new VirtualTime();
        let end: () => void = () => expect.fail("It has not come so far.");
        async function* slow(): AsyncGenerator<Outgoing[]> {
            yield [outgoingPost(post("a", 1))];
            await time.sleep(60);
            yield [outgoingPost(post("b", 2))];
            await new Promise<void>((resolve) => (end = resolve));
        }
        const sentAt: number[] = [];
        const putRecords: PutRecords = async () => {
            sentAt.push(time.now());
            return new Map();
        };
        const run = start(slow(), putRecords, time);
        await time.runFor(99);
        expect(sentAt).to.deep.equal([]);
        await time.runFor(1);
        expect(sentAt).to.deep.equal([100]);
        end();
        await time.run(run.done);
        expect(run.account.sent).to.equal(2);
    });

    it("refuses a post that the stream cannot take, by name, and sends the others", async () => {
        const time = new VirtualTime();
        const frame = Buffer.byteLength(JSON.stringify(post("a", 1))) + 1;
        const fits = post("a", 1, "x".repeat(1024 * 1024 - frame));
        const stream = new MemoryStream(time, acceptAll);
        const run = start(chunksOf([fits, post("a", 2, `${fits.message}x`), post("b", 3)]), stream.putRecords, time);
        await time.run(run.done);
        expect(stream.ids()).to.have.members(["1", "3"]);
        expect(run.account).to.include({ received: 3, sent: 2, refused: 1, notSent: 0 });
        expect(run.refusals.map(({ detail }) => detail)).to.deep.equal([
            "post 2 of a: 1,048,577 bytes, and the stream takes 1,048,576 bytes",
        ]);
    });

    it("counts what it sent again, and tells of it", async () => {
        const time = new VirtualTime();
        const stream = new MemoryStream(time, (records, request) =>
            records.map((_, index) => (request < 2 && index === 0 ? THROTTLED : undefined)),
        );
        const run = start(chunksOf([post("a", 1), post("b", 2)]), stream.putRecords, time);
        await time.run(run.done);
        expect(stream.ids()).to.deep.equal(["2", "1"]);
        expect(run.account).to.include({ sent: 2, retried: 2 });
        expect(run.troubles[0]).to.contain(THROTTLED);
    });

    it("gives up after two minutes of retries, and says how much was not sent", async () => {
        const time = new VirtualTime();
        const stream = new MemoryStream(time, (records) =>
            records.map(({ partitionKey }) => (partitionKey === "b" ? "InternalFailure" : undefined)),
        );
        const run = start(chunksOf([post("a", 1), post("b", 2), post("b", 3)]), stream.putRecords, time);
        const failure = await failureOf(time.run(run.done));
        expect(failure).to.be.instanceOf(Failure);
        expect(failure.message).to.match(/^Gave up after 120 s of retries: .*InternalFailure/);
        expect(time.now()).to.be.within(RETRY_MS_MAX, RETRY_MS_MAX + 6_000);
        expect(run.account).to.include({ received: 3, sent: 1, notSent: 2 });
        expect(stream.ids()).to.deep.equal(["1"]);
        expect(time.pending).to.equal(0);
    });

    it("does not give up because the machine has slept for hours", async () => {
        const time = new VirtualTime();
        let latencyMs = 3_600_000;
        const stream = new MemoryStream(
            time,
            (records, request) => {
                latencyMs = 10;
                if (request === 0) throw new StreamFault("a fault that passes", true);
                return acceptAll(records, request);
            },
            () => latencyMs,
        );
        const run = start(chunksOf([post("a", 1)]), stream.putRecords, time);
        await time.run(run.done);
        expect(run.account).to.include({ sent: 1, notSent: 0, retried: 1 });
    });

    it("stops the source and does not try again when the stream refuses for good", async () => {
        const time = new VirtualTime();
        const putRecords: PutRecords = async () => {
            throw new StreamFault("There is no stream `s`.", false);
        };
        const run = start(chunksOf([post("a", 1)]), putRecords, time);
        expect(await failureOf(time.run(run.done))).to.include({ message: "There is no stream `s`.", exitCode: 1 });
        expect(run.stop.signal.aborted).to.be.true;
        expect(run.account.notSent).to.equal(1);
        expect(time.pending).to.equal(0);
    });

    it("sends what a source gave before it failed, then fails as it did", async () => {
        const time = new VirtualTime();
        async function* failing(): AsyncGenerator<Outgoing[]> {
            yield [outgoingPost(post("a", 1))];
            throw new Failure("Reading failed.");
        }
        const stream = new MemoryStream(time, acceptAll);
        const run = start(failing(), stream.putRecords, time);
        expect((await failureOf(time.run(run.done))).message).to.equal("Reading failed.");
        expect(stream.ids()).to.deep.equal(["1"]);
    });

    it("shows since when the stream takes nothing, and nothing of that once all is sent", async () => {
        const time = new VirtualTime();
        let isOut = false;
        const stream = new MemoryStream(time, (records) => {
            if (isOut) throw new StreamFault("a fault that passes", true);
            return records.map(() => undefined);
        });
        async function* slow(): AsyncGenerator<Outgoing[]> {
            yield [outgoingPost(post("a", 1))];
            await time.sleep(1_000);
            isOut = true;
            yield [outgoingPost(post("a", 2))];
            await time.sleep(30_000);
            yield [outgoingPost(post("b", 3))];
        }
        const run = start(slow(), stream.putRecords, time);
        await time.runFor(500);
        expect(run.traffic).to.deep.include({ held: 0, lagMs: 120, waitingSinceMs: undefined });
        await time.runFor(40_000);
        expect(run.traffic).to.deep.include({ held: 2, lagMs: 120, waitingSinceMs: 1_000 });
        isOut = false;
        await time.run(run.done);
        expect(run.traffic.waitingSinceMs).to.be.undefined;
        expect(run.traffic.lagMs).to.be.above(10_000);
    });

    it("gives up at once when aborted, also while it waits to send again", async () => {
        const time = new VirtualTime();
        const stream = new MemoryStream(time, (records) => records.map(() => "InternalFailure"));
        const run = start(chunksOf([post("a", 1)]), stream.putRecords, time);
        await time.runFor(5_000);
        run.abort.abort();
        expect(await failureOf(time.run(run.done))).to.include({ exitCode: 130 });
        expect(time.now()).to.be.below(6_000);
        expect(time.pending).to.equal(0);
    });
});
