import { expect } from "chai";
import * as fc from "fast-check";
import { checkWireRecord, decodeWireRecord, encodeWireRecord } from "../wire-record";
import type { WireRecord } from "../wire-record";

const good: WireRecord = {
    username: "ada",
    id: "1",
    timestamp: "2026-11-23T06:00:00.000Z",
    message: "hello",
    source: "test",
};

function reasonOf(value: unknown): string {
    const result = checkWireRecord(value);
    return result.ok ? "a wire record" : result.reason;
}

describe("the wire record", () => {
    it("comes back from its bytes as it was, whatever the characters", () => {
        const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 });
        const record = fc.record({
            username: text,
            id: text,
            timestamp: fc
                .date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") })
                .map((date) => date.toISOString()),
            message: fc.string({ unit: "binary" }),
            source: text,
        });
        fc.assert(
            fc.property(record, (original) => {
                expect(decodeWireRecord(encodeWireRecord(original))).to.deep.equal({ ok: true, record: original });
            }),
        );
    });

    it("is written with its own fields only", () => {
        const bytes = encodeWireRecord({ ...good, secret: "field" } as WireRecord);
        expect(JSON.parse(Buffer.from(bytes).toString())).to.deep.equal(good);
    });

    it("is read with its own fields only", () => {
        expect(checkWireRecord({ ...good, more: 1 })).to.deep.equal({ ok: true, record: good });
    });

    const bytes: [string, Uint8Array, string][] = [
        ["no bytes", Buffer.alloc(0), "not JSON"],
        ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "not UTF-8"],
        [
            "a character cut in half",
            encodeWireRecord({ ...good, message: "日" }).filter((byte) => byte !== 0xa5),
            "not UTF-8",
        ],
        ["a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "not UTF-8"],
        ["JSON cut off", encodeWireRecord(good).subarray(0, -1), "not JSON"],
        ["two records in one", Buffer.concat([encodeWireRecord(good), encodeWireRecord(good)]), "not JSON"],
    ];
    for (const [edge, data, reason] of bytes) {
        it(`is not read from ${edge}`, () => expect(decodeWireRecord(data)).to.deep.equal({ ok: false, reason }));
    }

    for (const value of [null, true, 1, "text", [], [good]]) {
        it(`is not ${JSON.stringify(value)}`, () => expect(reasonOf(value)).to.equal("not a JSON object"));
    }

    for (const name of Object.keys(good)) {
        it(`needs its ${name}`, () => {
            expect(reasonOf({ ...good, [name]: undefined })).to.equal(`"${name}" is missing`);
            expect(reasonOf({ ...good, [name]: 1 })).to.equal(`"${name}" is not a string`);
            expect(reasonOf({ ...good, [name]: null })).to.equal(`"${name}" is not a string`);
            expect(reasonOf({ ...good, [name]: "\ud83d" })).to.equal(`"${name}" is not well-formed Unicode`);
            expect(reasonOf({ ...good, [name]: "" })).to.equal(
                name === "message" ? "a wire record" : `"${name}" is empty`,
            );
        });
    }

    it("has a username of at most 256 characters, each counted once", () => {
        expect(reasonOf({ ...good, username: "🔥".repeat(256) })).to.equal("a wire record");
        expect(reasonOf({ ...good, username: "🔥".repeat(257) })).to.equal('"username" has more than 256 characters');
    });

    it("has an id of at most 1,024 bytes", () => {
        expect(reasonOf({ ...good, id: `${"日".repeat(341)}x` })).to.equal("a wire record");
        expect(reasonOf({ ...good, id: `${"日".repeat(341)}xx` })).to.equal('"id" has more than 1024 bytes');
    });

    const times: [string, boolean][] = [
        ["2026-11-23T06:00:00Z", true],
        ["2026-11-23T06:00:00.123456789Z", true],
        ["2026-11-23T06:00:00.123+05:30", true],
        ["2024-02-29T23:59:59-11:00", true],
        ["2026-02-29T00:00:00Z", false],
        ["2026-02-30T00:00:00Z", false],
        ["2026-13-01T00:00:00Z", false],
        ["2026-11-23T25:00:00Z", false],
        ["2026-11-23T06:60:00Z", false],
        ["2026-11-23T06:00:00", false],
        ["2026-11-23", false],
        ["2026-11-23 06:00:00Z", false],
        ["Mon Nov 23 06:00:00 +0000 2026", false],
        ["1795478399", false],
        [" 2026-11-23T06:00:00Z", false],
        ["2026-11-23T06:00:00Z\n", false],
    ];
    for (const [timestamp, possible] of times) {
        it(`${possible ? "takes" : "refuses"} the time ${JSON.stringify(timestamp)}`, () => {
            const reason = '"timestamp" is not an ISO 8601 time with a time zone';
            expect(reasonOf({ ...good, timestamp })).to.equal(possible ? "a wire record" : reason);
        });
    }

    it("never throws, whatever the bytes or the value", () => {
        fc.assert(
            fc.property(fc.uint8Array(), fc.anything(), (data, value) => {
                expect(decodeWireRecord(data).ok).to.be.a("boolean");
                expect(checkWireRecord(value).ok).to.be.a("boolean");
            }),
        );
    });
});
