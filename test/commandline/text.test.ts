import { expect } from "chai";
import fc from "fast-check";
import { printable } from "../../commandline/text";

describe("text of others on a terminal", () => {
    it("stays as it is where nothing is wrong with it", () => {
        expect(printable("日本🔥 👨‍👩‍👧‍👦 שלום é")).to.equal("日本🔥 👨‍👩‍👧‍👦 שלום é");
    });

    it("is one line without control characters, whatever it was", () => {
        expect(printable("a\r\nb\nc\u001b[2J\u0007\u202ed\u009b\ud800")).to.equal(
            "a⏎b⏎c\ufffd[2J\ufffd\ufffdd\ufffd\ufffd",
        );
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (text) => {
                expect(printable(text)).to.not.match(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
            }),
        );
    });

    it("is cut between characters as a reader counts them", () => {
        expect(printable("abcdef", 6)).to.equal("abcdef");
        expect(printable("abcdefg", 6)).to.equal("abcde…");
        expect(printable("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2)).to.equal("👨‍👩‍👧‍👦…");
        expect(Array.from(printable("x".repeat(1_000_000), 80))).to.have.length(80);
    });
});
