import { expect } from "chai";
import * as fc from "fast-check";
import { replayOf, type Version } from "../../consumer/version";
import { markReplay } from "../../replay/mark";
import { decodeWireRecord, encodeWireRecord } from "../../wire-record";
import { bytesOf, post } from "../consumer/support/records";

const seventh: Version = { sequenceNumber: "7", subSequenceNumber: 0 };

describe("marking a record as replayed", () => {
    it("adds what the function reads, and leaves the post as it is, whatever is in it", () => {
        const text = fc.string({ unit: "grapheme" });
        fc.assert(
            fc.property(text, fc.bigInt({ min: 0n, max: 2n ** 186n }), fc.nat(10), (message, number, place) => {
                const record = post({ message });
                const version = { sequenceNumber: number.toString(), subSequenceNumber: place };
                const marked = markReplay(encodeWireRecord(record), version);
                expect(replayOf(marked)).to.deep.equal(version);
                expect(decodeWireRecord(marked)).to.deep.equal({ ok: true, record });
            }),
        );
    });

    it("marks whatever is a JSON object, as a later fix may make a post of it, and leaves all else alone", () => {
        const bytes = fc.oneof(
            fc.uint8Array({ maxLength: 50 }),
            fc.json().map((json) => Buffer.from(json)),
        );
        fc.assert(
            fc.property(bytes, (data) => {
                const marked = markReplay(data, seventh);
                expect(replayOf(marked)).to.deep.equal(marked === data ? undefined : seventh);
                if (marked === data) return;
                const { replayOf: mark, ...others } = JSON.parse(Buffer.from(marked).toString()) as object & {
                    replayOf: string;
                };
                expect(mark).to.equal("7");
                expect(others).to.deep.equal(JSON.parse(Buffer.from(data).toString()));
            }),
        );
        for (const text of ["{}", " { } ", '{"id":5}']) {
            expect(replayOf(markReplay(Buffer.from(text), seventh)), text).to.deep.equal(seventh);
        }
    });

    it("changes no other byte", () => {
        const text =
            '\ufeff{ "id": "1", "username": "ada", "n": 1e400, "timestamp": "2026-01-01T00:00:00Z",\n"message":"}", "source":"s" }\n';
        expect(Buffer.from(markReplay(Buffer.from(text), seventh)).toString()).to.equal(
            `${text.slice(0, -2)},"replayOf":"7"}\n`,
        );
    });

    it("keeps the first mark: the number that matters is the one of the first time", () => {
        const once = markReplay(bytesOf(), seventh);
        expect(markReplay(once, { sequenceNumber: "99", subSequenceNumber: 1 })).to.equal(once);
    });

    for (const mark of [5, "007", "x", {}]) {
        it(`replaces ${JSON.stringify(mark)}, which the function takes for none`, () => {
            const data = Buffer.from(JSON.stringify({ ...post(), replayOf: mark }));
            expect(replayOf(markReplay(data, seventh))).to.deep.equal(seventh);
        });
    }

    for (const [what, data] of [
        ["bytes that are not UTF-8", Buffer.from([0xff, 0x7d])],
        ["JSON that is no object", Buffer.from("[{}]")],
        ["nothing", Buffer.alloc(0)],
    ] as const) {
        it(`leaves ${what} alone`, () => expect(markReplay(data, seventh)).to.equal(data));
    }
});
