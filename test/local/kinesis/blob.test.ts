import { expect } from "chai";
import fc from "fast-check";
import { base64Problem, decodedBytes } from "../../../local/kinesis/blob";

describe("base64 that stays text", () => {
    it("is fine, and as long as its bytes, for any bytes", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
                const text = Buffer.from(bytes).toString("base64");
                expect(base64Problem(text)).to.equal(undefined);
                expect(decodedBytes(text)).to.equal(bytes.length);
            }),
        );
    });

    it("is checked in all its pieces, also where one begins or ends", () => {
        const text = Buffer.alloc(150_000, 7).toString("base64");
        expect(base64Problem(text)).to.equal(undefined);
        for (const place of [0, 65_535, 65_536, 131_071, 131_072, text.length - 1]) {
            for (const wrong of ["-", "\n", "=", "!"]) {
                // One "=" at the very end is padding, and what is before it then has no stray bits.
                if (wrong === "=" && place === text.length - 1) continue;
                const broken = text.slice(0, place) + wrong + text.slice(place + 1);
                expect(base64Problem(broken), `${wrong} at ${place}`).to.match(/^Invalid/);
            }
        }
        const padded = `${text.slice(0, 65_534)}==${text.slice(65_536)}`;
        expect(base64Problem(padded)).to.match(/^Invalid/);
    });

    it("is canonical: a text is taken exactly if its bytes are written like it", () => {
        const character = fc.constantFrom(...Array.from("ABQgwEI+/=-_ \nzé"));
        fc.assert(
            fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
                const canonical = Buffer.from(text, "base64").toString("base64") === text;
                expect(base64Problem(text) === undefined).to.equal(canonical);
            }),
            { numRuns: 5000 },
        );
    });
});
