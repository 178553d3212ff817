import { expect } from "chai";
import { SEED_MAX, samplePosts, sampleSource } from "../../../producer/sources/sample";
import { AUTHORS_COUNT } from "../../../producer/sources/sample-authors";
import { MESSAGE_LENGTH_MAX } from "../../../producer/sources/sample-text";
import { seededRandom } from "../../../producer/sources/random";
import type { SourceContext } from "../../../producer/sources/source";
import { checkWireRecord, decodeWireRecord, encodeWireRecord, type WireRecord } from "../../../wire-record";

const at = (time: string) => () => new Date(time);
const now = at("2026-11-23T06:00:00.000Z");
const posts = (count: number, seed = 1) => Array.from(samplePosts({ seed, count, now }));

describe("the generator of random numbers", () => {
    it("gives the numbers of mulberry32", () => {
        const random = seededRandom(12345);
        // From the reference implementation.
        expect(Array.from({ length: 3 }, () => Math.round(random() * 2 ** 32))).to.deep.equal([
            4207900869, 1317490944, 2079646450,
        ]);
    });
});

describe("sample posts", () => {
    const many = posts(50_000);

    it("are the same again for a seed, but for their time", () => {
        const later = Array.from(samplePosts({ seed: 1, count: 200, now: at("2027-01-01T00:00:00.000Z") }));
        const timeless = (all: readonly WireRecord[]) => all.map((post) => ({ ...post, timestamp: "" }));
        expect(timeless(later)).to.deep.equal(timeless(many.slice(0, 200)));
        expect(later[0]?.timestamp).to.equal("2027-01-01T00:00:00.000Z");
    });

    it("are others for another seed, with no identifier in common", () => {
        const ids = new Set(many.map(({ id }) => id));
        const others = posts(1000, 2);
        expect(others.filter(({ id }) => ids.has(id))).to.deep.equal([]);
        expect(others.map(({ message }) => message)).to.not.deep.equal(
            many.slice(0, 1000).map(({ message }) => message),
        );
    });

    it("never have an identifier twice, and sort by it", () => {
        expect(new Set(many.map(({ id }) => id)).size).to.equal(many.length);
        const ids = many.map(({ id }) => id);
        expect([...ids].sort()).to.deep.equal(ids);
        expect(posts(1, SEED_MAX)[0]?.id).to.have.length(many[0]!.id.length);
    });

    it("are wire records, and stay what they are on the wire", () => {
        for (const post of many.slice(0, 5000)) {
            expect(checkWireRecord(post)).to.deep.equal({ ok: true, record: post });
            expect(decodeWireRecord(encodeWireRecord(post))).to.deep.equal({ ok: true, record: post });
        }
    });

    it("are 150 to 250 characters long on average, 4,000 at most, most of them short", () => {
        const lengths = many.map(({ message }) => message.length).sort((left, right) => left - right);
        expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).to.be.within(150, 250);
        expect(lengths.at(-1)).to.be.within(3900, MESSAGE_LENGTH_MAX);
        expect(lengths[0]).to.be.below(10);
        expect(lengths[Math.floor(lengths.length * 0.95)]).to.be.at.most(280);
    });

    it("are of authors with a skewed distribution", () => {
        const counts = new Map<string, number>();
        for (const { username } of many) counts.set(username, (counts.get(username) ?? 0) + 1);
        const sorted = [...counts.values()].sort((left, right) => right - left);
        const top = sorted.slice(0, AUTHORS_COUNT / 20).reduce((sum, count) => sum + count, 0);
        expect(top / many.length).to.be.above(0.3);
        // An author's posts go one at a time: see Outbox.
        expect(sorted[0]! / many.length).to.be.below(0.002);
    });

    for (const [name, pattern] of [
        ["emoji", /\p{Emoji_Presentation}/u],
        ["sequences joined by zero-width joiners", /\p{Emoji}\u200d/u],
        ["skin tones", /\p{Emoji_Modifier}/u],
        ["flags", /\p{Regional_Indicator}{2}/u],
        ["Chinese and Japanese", /\p{Script=Han}/u],
        ["Arabic", /\p{Script=Arabic}/u],
        ["Hebrew", /\p{Script=Hebrew}/u],
        ["combining characters", /\p{L}\p{M}/u],
        ["quotes", /["'`]/],
        ["backslashes", /\\/],
        ["line breaks", /\n/],
        ["markup", /<script>/],
        ["control characters", /\p{Cc}/u],
    ] as const) {
        it(`have ${name}`, () => {
            expect(many.slice(0, 1000).filter(({ message }) => pattern.test(message))).to.not.be.empty;
        });
    }

    it("are made one at a time", () => {
        const first = samplePosts({ seed: 1, count: 1_000_000_000, now }).next();
        expect(first.value).to.have.property("username");
    });
});

describe("the sample source", () => {
    /** A source whose waiting moves the clock. */
    function clocked(stop = new AbortController()): SourceContext & { time: number } {
        const context = {
            time: 0,
            stop: stop.signal,
            refuse: () => expect.fail("It refused a post."),
            drop: () => expect.fail("It dropped a post."),
            notice: () => undefined,
            random: () => 0.5,
            giveUp: stop.signal,
            // The clock is set to and fro: it says when a post was made, not when one is due.
            now: () => new Date(Math.random() * 1e12),
            elapsedMs: () => context.time,
            wait: async (milliseconds: number) => void (context.time += milliseconds),
        };
        return context;
    }

    it("gives all its posts, and says how many", async () => {
        const source = await sampleSource.open({ posts: 1000, rate: undefined, seed: 7 }, clocked());
        expect(source.total).to.equal(1000);
        let count = 0;
        for await (const chunk of source.chunks) count += chunk.length;
        expect(count).to.equal(1000);
    });

    for (const rate of [0.5, 10, 1_000, 50_000]) {
        it(`keeps to ${rate} posts per second`, async () => {
            const context = clocked();
            const total = Math.ceil(rate * 3);
            const source = await sampleSource.open({ posts: total, rate, seed: 7 }, context);
            let count = 0;
            for await (const chunk of source.chunks) {
                count += chunk.length;
                // At most what is due, and what is due within the next 20 ms, or one post.
                expect(count).to.be.at.most(1 + rate * (context.time / 1000 + 0.02) + 256);
            }
            expect(count).to.equal(total);
            expect(context.time / 1000).to.be.within((total - 256) / rate - 0.02, total / rate);
        });
    }

    it("ends when it is stopped", async () => {
        const stop = new AbortController();
        const source = await sampleSource.open({ posts: 1_000_000, rate: undefined, seed: 7 }, clocked(stop));
        let chunks = 0;
        for await (const chunk of source.chunks) {
            expect(chunk).to.not.be.empty;
            chunks += 1;
            stop.abort();
        }
        expect(chunks).to.equal(1);
    });

    it("makes other posts every time without a seed", async () => {
        const ids = new Set<string>();
        for (let run = 0; run < 3; run += 1) {
            const { chunks } = await sampleSource.open({ posts: 1, rate: undefined, seed: undefined }, clocked());
            for await (const chunk of chunks) ids.add(chunk[0]!.id);
        }
        expect(ids.size).to.equal(3);
    });
});
