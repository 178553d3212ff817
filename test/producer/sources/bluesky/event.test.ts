import { expect } from "chai";
import fc from "fast-check";
import { readBlueskyPost, readEvent, type PostCreated } from "../../../../producer/sources/bluesky/event";
import { checkWireRecord } from "../../../../wire-record";
import { TIME_US, event, post } from "./jetstream-server";

function created(record: unknown): PostCreated {
    const read = readEvent(event({ record }));
    if (read.kind !== "post") throw new Error(`It is ${read.kind}.`);
    return read;
}

describe("an event of Jetstream", () => {
    it("tells of a new post", () => {
        expect(readEvent(event({ record: { text: "hi" } }))).to.deep.equal({
            kind: "post",
            timeUs: TIME_US,
            did: "did:plc:ada",
            recordKey: "3kaaa",
            record: { text: "hi" },
        });
    });

    for (const [what, text] of [
        ["an edit", event({ operation: "update" })],
        ["a removal", JSON.stringify({ ...JSON.parse(event({ operation: "delete", record: undefined })) })],
        ["a like", event({ collection: "app.bsky.feed.like" })],
        ["a change of handle", JSON.stringify({ did: "did:plc:a", time_us: TIME_US, kind: "identity", identity: {} })],
        ["a removed account", JSON.stringify({ did: "did:plc:a", time_us: TIME_US, kind: "account", account: {} })],
        ["a kind of later times", JSON.stringify({ time_us: TIME_US, kind: "sync", sync: {} })],
    ] as const) {
        it(`is no new post when it is ${what}, and still tells the time`, () => {
            expect(readEvent(text)).to.deep.equal({ kind: "other", timeUs: TIME_US });
        });
    }

    const base = JSON.parse(event()) as Record<string, unknown>;
    const commit = base.commit as Record<string, unknown>;
    for (const [what, value, reason] of [
        ["no object", [], '"kind" is missing'],
        ["null", null, '"kind" is missing'],
        ["without kind", { ...base, kind: undefined }, '"kind" is missing'],
        ["without time", { ...base, time_us: undefined }, '"time_us" is not a time in microseconds'],
        ["of a time in milliseconds", { ...base, time_us: TIME_US / 1000 }, '"time_us" is not a time in microseconds'],
        ["of a time past all numbers", { ...base, time_us: 1e300 }, '"time_us" is not a time in microseconds'],
        ["of a time in text", { ...base, time_us: String(TIME_US) }, '"time_us" is not a time in microseconds'],
        ["without commit", { ...base, commit: null }, '"commit" is missing'],
        ["without DID", { ...base, did: undefined }, '"did" is not a DID'],
        ["of a handle", { ...base, did: "ada.example" }, '"did" is not a DID'],
        ["without record key", { ...base, commit: { ...commit, rkey: "" } }, '"rkey" is missing'],
        ["without record", { ...base, commit: { ...commit, record: undefined } }, '"record" is missing'],
    ] as const) {
        it(`is refused when it is ${what}`, () => {
            expect(readEvent(JSON.stringify(value))).to.deep.equal({ kind: "invalid", reason });
        });
    }

    it("is refused when it is not JSON, or cut", () => {
        expect(readEvent("")).to.deep.equal({ kind: "invalid", reason: "not JSON" });
        expect(readEvent(event().slice(0, -1))).to.deep.equal({ kind: "invalid", reason: "not JSON" });
    });

    it("never throws, and what it makes is a wire record, whatever comes", () => {
        const anything = fc.record(
            {
                did: fc.oneof(fc.constant("did:plc:a"), fc.jsonValue()),
                time_us: fc.oneof(fc.constant(TIME_US), fc.jsonValue(), fc.maxSafeInteger()),
                kind: fc.oneof(fc.constant("commit"), fc.jsonValue()),
                commit: fc.oneof(
                    fc.jsonValue(),
                    fc.record({
                        operation: fc.constant("create"),
                        collection: fc.constant("app.bsky.feed.post"),
                        rkey: fc.oneof(fc.constant("3k"), fc.jsonValue()),
                        record: fc.oneof(
                            fc.jsonValue(),
                            fc.record({
                                text: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
                                createdAt: fc.oneof(
                                    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
                                    fc.jsonValue(),
                                ),
                            }),
                        ),
                    }),
                ),
            },
            { requiredKeys: [] },
        );
        fc.assert(
            fc.property(anything, (value) => {
                const read = readEvent(JSON.stringify(value));
                if (read.kind !== "post") return;
                const made = readBlueskyPost(read);
                if (made.ok) expect(checkWireRecord(made.record)).to.deep.equal({ ok: true, record: made.record });
            }),
            { numRuns: 2_000 },
        );
    });
});

describe("a post of Bluesky", () => {
    it("becomes a wire record", () => {
        expect(readBlueskyPost(created(post("日本🔥\n", "2026-05-28T20:00:00.123456+02:00")))).to.deep.equal({
            ok: true,
            isTimeReplaced: false,
            record: {
                username: "did:plc:ada",
                id: "3kaaa",
                timestamp: "2026-05-28T18:00:00.123Z",
                message: "日本🔥\n",
                source: "bluesky",
            },
        });
    });

    it("may be without text, as one of a picture", () => {
        expect(readBlueskyPost(created(post("")))).to.deep.include({ ok: true });
    });

    it("keeps the date of an older post that was brought along", () => {
        const made = readBlueskyPost(created(post("", "2009-01-15T08:00:00Z")));
        expect(made).to.deep.include({ ok: true, isTimeReplaced: false });
        expect(made.ok && made.record.timestamp).to.equal("2009-01-15T08:00:00.000Z");
    });

    const seenAt = new Date(TIME_US / 1000).toISOString();
    for (const createdAt of [
        undefined,
        null,
        12,
        "",
        "yesterday",
        "2026-05-28",
        "2026-05-28T18:00:00",
        "2026-05-28 18:00:00Z",
        "2026-02-30T18:00:00Z",
        "2026-05-28T25:00:00Z",
        "9999-99-99T99:99:99Z",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2099-01-01T00:00:00Z",
        new Date(TIME_US / 1000 + 5 * 60_000 + 1).toISOString(),
    ]) {
        it(`has the time at which Jetstream saw it when its own is ${JSON.stringify(createdAt)}`, () => {
            const made = readBlueskyPost(created({ text: "", createdAt }));
            expect(made).to.deep.include({ ok: true, isTimeReplaced: true });
            expect(made.ok && made.record.timestamp).to.equal(seenAt);
        });
    }

    it("keeps a time that is a little ahead, as clocks are", () => {
        const createdAt = new Date(TIME_US / 1000 + 5 * 60_000).toISOString();
        expect(readBlueskyPost(created(post("", createdAt)))).to.deep.include({ isTimeReplaced: false });
    });

    it("is refused when it has no text, or one that is no Unicode", () => {
        expect(readBlueskyPost(created({}))).to.deep.equal({ ok: false, reason: '"text" is missing' });
        expect(readBlueskyPost(created({ text: 1 }))).to.deep.equal({ ok: false, reason: '"text" is not a string' });
        expect(readBlueskyPost(created({ text: "\ud800" }))).to.deep.equal({
            ok: false,
            reason: '"text" is not well-formed Unicode',
        });
    });
});
