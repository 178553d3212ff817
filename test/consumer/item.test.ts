import { expect } from "chai";
import * as fc from "fast-check";
import { decodeItem, ITEM_BYTES_MAX, itemBytes, itemKey } from "../../consumer/item";
import { aggregate, bytesOf, item, post, sequenceNumber, version } from "./support/records";

/** What DynamoDB counts of `item()` besides its message: `Username` + `ada`, `Id` + `1`, `Timestamp` + 24, … */
const OTHER_BYTES = 8 + 3 + 2 + 1 + 9 + 24 + 7 + 6 + 4 + 14 + 56;

const decode = (data: Uint8Array) => decodeItem(data, version(0));

function reasonOf(data: Uint8Array): string {
    const result = decode(data);
    return result.ok ? "an item" : result.reason;
}

describe("decoding a record into an item", () => {
    it("maps the wire record's fields to the table's attributes", () => {
        expect(decode(bytesOf())).to.deep.equal({ ok: true, item: item(), isReplay: false });
    });

    it("keeps emoji, CJK, right-to-left and combining characters", () => {
        const message = "🔥👩‍👩‍👧‍👦 日本語 שלום é\u0000\ud83d\udd25";
        expect(decode(bytesOf({ message }))).to.deep.equal({
            ok: true,
            item: item({ Message: message }),
            isReplay: false,
        });
    });

    it("takes an empty message and a byte order mark", () => {
        const data = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytesOf({ message: "" })]);
        expect(decode(data)).to.deep.equal({ ok: true, item: item({ Message: "" }), isReplay: false });
    });

    it("leaves out fields that a wire record does not have", () => {
        const data = Buffer.from(JSON.stringify({ ...post(), __proto__: { x: 1 }, extra: "field" }));
        expect(decode(data)).to.deep.equal({ ok: true, item: item(), isReplay: false });
    });

    it("has the version that a replayed post had at first", () => {
        const original = sequenceNumber(-5);
        const marked = Buffer.from(JSON.stringify({ ...post(), replayOf: original }));
        expect(decode(marked)).to.deep.equal({ ok: true, item: item({ SequenceNumber: original }), isReplay: true });
    });

    it("has the place in its pack, unless it is the first", () => {
        const packed = decodeItem(bytesOf(), version(0, 3));
        expect(packed).to.deep.equal({ ok: true, item: item({ SubSequenceNumber: 3 }), isReplay: false });
        const marked = Buffer.from(JSON.stringify({ ...post(), replayOf: `${sequenceNumber(-5)}:2` }));
        const original = item({ SequenceNumber: sequenceNumber(-5), SubSequenceNumber: 2 });
        expect(decodeItem(marked, version(0, 3))).to.deep.equal({ ok: true, item: original, isReplay: true });
        expect(itemBytes(item({ SubSequenceNumber: 3 }))).to.equal(itemBytes(item()) + "SubSequenceNumber".length + 21);
    });

    for (const [what, fields] of [
        ["in the text of the message", { message: '","replayOf":"1' }],
        ["with a number", { replayOf: 1 }],
        ["with a text that is no sequence number", { replayOf: "01" }],
        ["inside another field", { more: { replayOf: "1" } }],
    ] as const) {
        it(`takes a mark ${what} for none`, () => {
            const result = decode(Buffer.from(JSON.stringify({ ...post(), ...fields })));
            expect(result).to.deep.include({ ok: true, isReplay: false });
        });
    }

    it("says when it expires, if it does", () => {
        const result = decodeItem(bytesOf(), version(0), 1_795_478_399);
        expect(result).to.deep.equal({ ok: true, item: item({ ExpiresAt: 1_795_478_399 }), isReplay: false });
        expect(itemBytes(item({ ExpiresAt: 1 }))).to.equal(itemBytes(item()) + "ExpiresAt".length + 21);
    });

    it("takes an item of exactly 400 KB", () => {
        const message = "x".repeat(ITEM_BYTES_MAX - OTHER_BYTES);
        expect(itemBytes(item({ Message: message }))).to.equal(ITEM_BYTES_MAX);
        expect(decode(bytesOf({ message })).ok).to.equal(true);
    });

    it("refuses an item of one byte more", () => {
        const message = "x".repeat(ITEM_BYTES_MAX - OTHER_BYTES + 1);
        expect(reasonOf(bytesOf({ message }))).to.equal(
            "the item has 409601 bytes, more than the 409600 that DynamoDB takes",
        );
    });

    it("counts bytes and not characters", () => {
        const message = "本".repeat(Math.ceil(ITEM_BYTES_MAX / 3));
        expect(reasonOf(bytesOf({ message }))).to.include("more than the 409600");
    });

    it("counts what is stored and not its longer form in JSON", () => {
        const message = "\u0001".repeat(ITEM_BYTES_MAX - OTHER_BYTES);
        expect(bytesOf({ message }).length).to.be.greaterThan(2_000_000);
        expect(decode(bytesOf({ message })).ok).to.equal(true);
    });

    const malformed: [string, Uint8Array, string][] = [
        ["no bytes", Buffer.alloc(0), "not JSON"],
        ["a character cut in half", Buffer.from("日").subarray(0, 2), "not UTF-8"],
        ["Latin-1", Buffer.from("é", "latin1"), "not UTF-8"],
        ["UTF-16", Buffer.from(JSON.stringify(post()), "utf16le"), "not JSON"],
        ["JSON cut off", bytesOf().subarray(0, -1), "not JSON"],
        ["a list", Buffer.from("[]"), "not a JSON object"],
        [
            "a damaged aggregate",
            aggregate([{ partitionKey: "a", data: bytesOf() }]).subarray(0, -1),
            "a damaged aggregate",
        ],
        ["an empty key", bytesOf({ username: "" }), '"username" is empty'],
    ];
    for (const [edge, data, reason] of malformed) {
        it(`refuses ${edge}`, () => expect(reasonOf(data)).to.include(reason));
    }

    it("never throws, whatever the bytes", () => {
        const bytes = fc.oneof(
            fc.uint8Array({ maxLength: 500 }),
            fc.json().map((json) => Buffer.from(json)),
        );
        fc.assert(
            fc.property(bytes, (data) => {
                expect(decode(data).ok).to.be.a("boolean");
            }),
        );
    });
});

describe("the key of an item", () => {
    it("is the same for the same two keys only, wherever the border between them is", () => {
        const pair = fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }));
        fc.assert(
            fc.property(pair, pair, ([a, b], [c, d]) => {
                const same = itemKey(item({ Username: a, Id: b })) === itemKey(item({ Username: c, Id: d }));
                expect(same).to.equal(a === c && b === d);
            }),
        );
        expect(itemKey(item({ Username: "1:a", Id: "b" }))).to.not.equal(itemKey(item({ Username: "1:", Id: "ab" })));
        expect(itemKey(item({ Username: "ab", Id: "c" }))).to.not.equal(itemKey(item({ Username: "a", Id: "bc" })));
    });
});
