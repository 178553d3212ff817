import { expect } from "chai";
import fc from "fast-check";
import { EXPIRED, QUEUE_FULL } from "../../producer/account";
import { outgoingPost, type Outgoing } from "../../producer/outgoing";
import type { PutRecords } from "../../producer/put-records";
import { LIVE_HELD_RECORDS_MAX } from "../../producer/sender";
import { seededRandom } from "../../producer/sources/random";
import { StreamFault } from "../../producer/stream-fault";
import { MemoryStream, acceptAll, byAuthor, chunksOf, idOf, post, start } from "./memory-stream";
import { VirtualTime } from "./virtual-time";

describe("sending what cannot wait", () => {
    const outage: PutRecords = async () => {
        throw new StreamFault("a fault that passes", true);
    };

    it("reads on while nothing is sent, drops what is over the limit, and counts it", async () => {
        const time = new VirtualTime();
        let given = 0;
        const chunk = 5_000;
        async function* live(): AsyncGenerator<Outgoing[]> {
            while (given < LIVE_HELD_RECORDS_MAX + 3 * chunk) {
                yield Array.from({ length: chunk }, () => outgoingPost(post(`author${given}`, given++)));
                await time.sleep(1);
            }
        }
        let isOut = true;
        const stream = new MemoryStream(time, acceptAll);
        const putRecords: PutRecords = (records, abort) =>
            isOut ? outage(records, abort) : stream.putRecords(records, abort);
        const run = start(live(), putRecords, time, { isLive: true, outlastsOutages: true });
        await time.runFor(1_000);
        expect(given).to.equal(LIVE_HELD_RECORDS_MAX + 3 * chunk);
        expect(run.traffic.held).to.equal(LIVE_HELD_RECORDS_MAX);
        isOut = false;
        await time.run(run.done);
        expect(run.account).to.include({
            received: given,
            sent: LIVE_HELD_RECORDS_MAX,
            dropped: 3 * chunk,
            lost: 3 * chunk,
            notSent: 0,
        });
        expect(run.account.toJson(1, false)).to.contain(`"droppedByReason":{"${QUEUE_FULL}":${3 * chunk}}`);
        // The first that came, each once: what came when there was no room is what was left out.
        expect(
            stream
                .ids()
                .map(Number)
                .sort((left, right) => left - right)
                .at(-1),
        ).to.equal(LIVE_HELD_RECORDS_MAX - 1);
        expect(new Set(stream.ids()).size).to.equal(LIVE_HELD_RECORDS_MAX);
    });

    it("does not give up in an outage of an hour, and sends what has not expired by its end", async () => {
        const time = new VirtualTime();
        async function* live(): AsyncGenerator<Outgoing[]> {
            for (let minute = 0; minute < 60; minute += 1) {
                yield [outgoingPost(post("author", minute))];
                await time.sleep(60_000);
            }
        }
        const stream = new MemoryStream(time, acceptAll);
        const putRecords: PutRecords = (records, abort) =>
            time.now() < 45.5 * 60_000 ? outage(records, abort) : stream.putRecords(records, abort);
        const run = start(live(), putRecords, time, { isLive: true, recordTtlMs: 300_000, outlastsOutages: true });
        await time.run(run.done);
        // Those of minutes 41 to 45 are less than five minutes old when the stream is back.
        expect(stream.ids().map(Number)).to.deep.equal(Array.from({ length: 19 }, (_, index) => index + 41));
        expect(run.account).to.include({ received: 60, sent: 19, dropped: 41, notSent: 0 });
        expect(run.account.toJson(1, false)).to.contain(`"${EXPIRED}":41`);
        // At most one attempt every few seconds: no storm.
        expect(run.requests.length).to.be.below(60 * 60);
    });

    it("drops a post that has waited too long for its author's turn, and goes on with the next", async () => {
        const time = new VirtualTime();
        const stream = new MemoryStream(time, acceptAll, () => 400);
        const posts = Array.from({ length: 5 }, (_, index) => post("author", index));
        const run = start(chunksOf(posts), stream.putRecords, time, { recordTtlMs: 1_000 });
        await time.run(run.done);
        // A round trip takes 800 ms: the third would have gone after 1,600.
        expect(stream.ids()).to.deep.equal(["0", "1"]);
        expect(run.account).to.include({ sent: 2, dropped: 3, lost: 3 });
    });

    it("sends each post at most once, each author's in order, and accounts for every one, whatever fails", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 1000 }),
                fc.integer({ min: 0, max: 2 ** 32 - 1 }),
                fc.integer({ min: 100, max: 3_000 }),
                async (authors, seed, recordTtlMs) => {
                    const time = new VirtualTime();
                    const random = seededRandom(seed);
                    const posts = authors.map((author, index) => post(`author${author}`, index));
                    const stream = new MemoryStream(
                        time,
                        (records) => {
                            if (random() < 0.2) throw new StreamFault("a fault that passes", true);
                            return records.map(() => (random() < 0.3 ? "InternalFailure" : undefined));
                        },
                        () => random() * 100,
                    );
                    const run = start(chunksOf(posts, 1 + Math.floor(random() * 300)), stream.putRecords, time, {
                        isLive: true,
                        recordTtlMs,
                        outlastsOutages: true,
                    });
                    await time.run(run.done);
                    const { received, sent, dropped, notSent } = run.account;
                    expect([received, sent, notSent]).to.deep.equal([posts.length, stream.accepted.length, 0]);
                    expect(sent + dropped).to.equal(received);
                    for (const ids of byAuthor(stream.accepted).values()) {
                        // Ascending, and none twice.
                        const numbers = ids.map(Number);
                        expect(numbers).to.deep.equal([...new Set(numbers)].sort((left, right) => left - right));
                    }
                    expect(run.traffic).to.include({ held: 0, inFlight: 0 });
                    expect(stream.accepted.map(idOf)).to.have.length(sent);
                },
            ),
            { numRuns: 60 },
        );
    });
});
