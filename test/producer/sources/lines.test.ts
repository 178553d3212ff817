import { expect } from "chai";
import fc from "fast-check";
import { LineSplitter, type Line } from "../../../producer/sources/lines";

/** The lines of an input that arrives in these pieces. */
function split(pieces: readonly (string | Uint8Array)[], lineBytesMax?: number): Line[] {
    const splitter = new LineSplitter(lineBytesMax);
    const lines: Line[] = [];
    for (const piece of pieces) lines.push(...splitter.push(Buffer.from(piece)));
    return [...lines, ...splitter.end()];
}

const texts = (lines: readonly Line[]) => lines.map((line) => (line.ok ? line.text : line.reason));

describe("splitting into lines", () => {
    it("gives the same lines however the bytes are cut, also within a character", () => {
        const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\ufeff]/g, ""));
        fc.assert(
            fc.property(fc.array(line), fc.array(fc.nat()), fc.boolean(), (wanted, cuts, isClosed) => {
                const bytes = Buffer.from(wanted.join("\n") + (isClosed ? "\n" : ""));
                const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
                const pieces = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
                // A last line without a line feed and without a character is no line.
                const last = isClosed || wanted.at(-1) !== "" ? wanted : wanted.slice(0, -1);
                expect(texts(split(pieces))).to.deep.equal(isClosed && wanted.length === 0 ? [""] : last);
            }),
        );
    });

    it("takes a carriage return before the line feed for part of the line's end", () => {
        expect(texts(split(["a\r\nb\r", "\nc\rd\n"]))).to.deep.equal(["a", "b", "c\rd"]);
    });

    it("leaves out a byte order mark, also where files were joined and where it is cut", () => {
        const mark = Buffer.from("\ufeff");
        expect(texts(split([mark.subarray(0, 1), mark.subarray(1), "a\n", mark, "b"]))).to.deep.equal(["a", "b"]);
    });

    it("numbers lines from 1, blank ones too", () => {
        expect(split(["a\n\n", "b"]).map(({ number }) => number)).to.deep.equal([1, 2, 3]);
    });

    it("reports what is not UTF-8, by its line, and goes on", () => {
        const lines = split(["a\n", Buffer.from([0x22, 0xff, 0x22]), "\nb\n", Buffer.from([0xf0, 0x9f])]);
        expect(texts(lines)).to.deep.equal(["a", "not UTF-8", "b", "not UTF-8"]);
    });

    it("takes a line of the longest length, reports one that is a byte longer, and goes on", () => {
        expect(texts(split(["12345\n", "123", "456", "789\nx\n"], 5))).to.deep.equal([
            "12345",
            "longer than 5 bytes",
            "x",
        ]);
        expect(texts(split(["123456"], 5))).to.deep.equal(["longer than 5 bytes"]);
    });
});
