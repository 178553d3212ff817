import { expect } from "chai";
import fc from "fast-check";
import { Failure } from "../../commandline/failure";
import { Account } from "../../producer/account";
import { REQUEST_BYTES_MAX, REQUEST_RECORDS_MAX, type OutgoingRecord } from "../../producer/batching";
import { REQUESTS_IN_FLIGHT_MAX, RETRY_MS_MAX, sendAll, type Sending } from "../../producer/sender";
import type { Refusal } from "../../producer/sources/source";
import { StreamFault, type PutRecords } from "../../producer/stream-fault";
import { seededRandom } from "../../producer/sources/random";
import type { WireRecord } from "../../wire-record";
import { VirtualTime } from "./virtual-time";

function post(username: string, id: number, message = ""): WireRecord {
    return { username, id: String(id), timestamp: "2026-11-23T06:00:00.000Z", message, source: "sample" };
}

async function* chunksOf(posts: readonly WireRecord[], size = 100): AsyncGenerator<WireRecord[]> {
    for (let start = 0; start < posts.length; start += size) yield posts.slice(start, start + size);
}

/** A stream in memory that does to each request what the test says. Responses take some virtual time. */
class MemoryStream {
    readonly accepted: OutgoingRecord[] = [];
    readonly requests: (readonly OutgoingRecord[])[] = [];
    inFlight = 0;
    inFlightMax = 0;

    constructor(
        private readonly time: VirtualTime,
        private readonly respond: (records: readonly OutgoingRecord[], request: number) => (string | undefined)[],
        private readonly latencyMs: () => number = () => 10,
    ) {}

    readonly putRecords: PutRecords = async (records) => {
        const request = this.requests.length;
        this.requests.push(records);
        this.inFlight += 1;
        this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
        // Half of the way there, half of it back: what is in flight at a time can arrive in another order.
        await this.time.sleep(this.latencyMs());
        try {
            const errorCodes = this.respond(records, request);
            this.accepted.push(...records.filter((_, index) => errorCodes[index] === undefined));
            await this.time.sleep(this.latencyMs());
            return errorCodes;
        } finally {
            this.inFlight -= 1;
        }
    };

    ids(): string[] {
        return this.accepted.map(({ id }) => id);
    }
}

const acceptAll = (records: readonly unknown[]) => records.map(() => undefined);

interface Run {
    account: Account;
    refusals: Refusal[];
    troubles: string[];
    abort: AbortController;
    stop: AbortController;
    done: Promise<void>;
}

function start(chunks: Sending["chunks"], putRecords: PutRecords, time: VirtualTime): Run {
    const run = {
        account: new Account(),
        refusals: [] as Refusal[],
        troubles: [] as string[],
        abort: new AbortController(),
        stop: new AbortController(),
    };
    const done = sendAll({
        chunks,
        putRecords,
        account: run.account,
        surroundings: time.surroundings(seededRandom(1)),
        abort: run.abort.signal,
        stopSource: () => run.stop.abort(),
        onRefused: (refusal) => run.refusals.push(refusal),
        onTrouble: (trouble) => run.troubles.push(trouble),
    });
    return { ...run, done };
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
    try {
        await promise;
    } catch (error) {
        return error as Error;
    }
    throw new Error("It did not fail.");
}

/** The identifiers of each author, in order. */
function byAuthor(posts: Iterable<{ id: string; username?: string; partitionKey?: string }>): Map<string, string[]> {
    const ids = new Map<string, string[]>();
    for (const { id, username, partitionKey } of posts) {
        const author = username ?? partitionKey ?? "";
        ids.set(author, [...(ids.get(author) ?? []), id]);
    }
    return ids;
}

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
                    expect(byAuthor(stream.accepted)).to.deep.equal(byAuthor(posts));
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
            records.map(({ partitionKey, id }) => {
                // Sent again before anything later: an author's identifiers never go back.
                expect(Number(id)).to.be.at.least(last.get(partitionKey) ?? -1);
                last.set(partitionKey, Number(id));
                return random() < 0.4 ? "ProvisionedThroughputExceededException" : undefined;
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
        async function* endless(): AsyncGenerator<WireRecord[]> {
            for (;;) yield Array.from({ length: 100 }, () => post(`author${given}`, given++));
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
        async function* slow(): AsyncGenerator<WireRecord[]> {
            yield [post("a", 1)];
            await time.sleep(60);
            yield [post("b", 2)];
            await new Promise<void>((resolve) => (end = resolve));
        }
        const sentAt: number[] = [];
        const putRecords: PutRecords = async (records) => {
            sentAt.push(time.now());
            return acceptAll(records);
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
            records.map((_, index) =>
                request < 2 && index === 0 ? "ProvisionedThroughputExceededException" : undefined,
            ),
        );
        const run = start(chunksOf([post("a", 1), post("b", 2)]), stream.putRecords, time);
        await time.run(run.done);
        expect(stream.ids()).to.deep.equal(["2", "1"]);
        expect(run.account).to.include({ sent: 2, retried: 2 });
        expect(run.troubles[0]).to.contain("ProvisionedThroughputExceededException");
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
        async function* failing(): AsyncGenerator<WireRecord[]> {
            yield [post("a", 1)];
            throw new Failure("Reading failed.");
        }
        const stream = new MemoryStream(time, acceptAll);
        const run = start(failing(), stream.putRecords, time);
        expect((await failureOf(time.run(run.done))).message).to.equal("Reading failed.");
        expect(stream.ids()).to.deep.equal(["1"]);
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

    it("gets nearly all of what a throttling stream offers", async () => {
        const time = new VirtualTime();
        // One shard: 1,000 records a second, a second's worth at once.
        let tokens = 1000;
        let filledAt = 0;
        const stream = new MemoryStream(time, (records) => {
            tokens = Math.min(1000, tokens + time.now() - filledAt);
            filledAt = time.now();
            return records.map(() => (tokens >= 1 ? void (tokens -= 1) : "ProvisionedThroughputExceededException"));
        });
        const posts = Array.from({ length: 30_000 }, (_, index) => post(`author${index % 5000}`, index));
        const run = start(chunksOf(posts), stream.putRecords, time);
        await time.run(run.done);
        expect(run.account.sent).to.equal(30_000);
        // 29 s are the least that the stream allows.
        expect(time.now()).to.be.below(29_000 / 0.9);
        // What is not accepted is sent again, at most a few times on average: no storm.
        expect(run.account.retried).to.be.below(3 * 30_000);
    });
});
