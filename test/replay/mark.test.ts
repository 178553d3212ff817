import { expect } from "chai";
import * as fc from "fast-check";
import { replayOf } from "../../consumer/replayed";
import { markReplay } from "../../replay/mark";
import { decodeWireRecord, encodeWireRecord } from "../../wire-record";
import { bytesOf, post } from "../consumer/support/records";

describe("marking a post as replayed", () => {
    it("adds what the function reads, and leaves the post as it is, whatever is in it", () => {
        const text = fc.string({ unit: "grapheme" });
        fc.assert(
            fc.property(text, fc.bigInt({ min: 0n, max: 2n ** 186n }), (message, number) => {
                const record = post({ message });
                const marked = markReplay(encodeWireRecord(record), number.toString());
                expect(replayOf(marked)).to.equal(number.toString());
                expect(decodeWireRecord(marked)).to.deep.equal({ ok: true, record });
            }),
        );
    });

    it("changes no other byte", () => {
        const text =
            '\ufeff{ "id": "1", "username": "ada", "n": 1e400, "timestamp": "2026-01-01T00:00:00Z",\n"message":"}", "source":"s" }\n';
        expect(Buffer.from(markReplay(Buffer.from(text), "7")).toString()).to.equal(
            `${text.slice(0, -2)},"replayOf":"7"}\n`,
        );
    });

    it("keeps the first mark: the number that matters is the one of the first time", () => {
        const once = markReplay(bytesOf(), "7");
        expect(markReplay(once, "99")).to.equal(once);
    });

    it("replaces a member of that name that is no mark", () => {
        const data = Buffer.from(JSON.stringify({ ...post(), replayOf: 5 }));
        expect(replayOf(markReplay(data, "7"))).to.equal("7");
    });

    for (const [what, data] of [
        ["bytes that are not UTF-8", Buffer.from([0xff, 0x7d])],
        ["what is no post", Buffer.from("{}")],
        ["nothing", Buffer.alloc(0)],
    ] as const) {
        it(`leaves ${what} alone`, () => expect(markReplay(data, "7")).to.equal(data));
    }
});
