import { expect } from "chai";
import * as fc from "fast-check";
import { compareVersions, markOf, replayOf } from "../../consumer/version";
import { delivery, version } from "./support/records";

describe("the order of records", () => {
    it("is that of the numbers, up to 128 bits", () => {
        fc.assert(
            fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), fc.bigInt({ min: 0n, max: 2n ** 128n }), (a, b) => {
                const order = compareVersions(
                    delivery(0, { sequenceNumber: a.toString() }),
                    delivery(0, { sequenceNumber: b.toString() }),
                );
                expect(Math.sign(order)).to.equal(a < b ? -1 : a > b ? 1 : 0);
            }),
        );
    });

    it("puts the shorter number first, also where its text is greater", () => {
        const numbers = ["10", "9", "100", "99"];
        const sorted = numbers.map((number) => delivery(0, { sequenceNumber: number })).sort(compareVersions);
        expect(sorted.map((each) => each.sequenceNumber)).to.deep.equal(["9", "10", "99", "100"]);
    });

    it("goes by the place in an aggregate for one number", () => {
        const sorted = [delivery(1, { subSequenceNumber: 10 }), delivery(1, { subSequenceNumber: 9 })].sort(
            compareVersions,
        );
        expect(sorted.map((each) => each.subSequenceNumber)).to.deep.equal([9, 10]);
    });
});

describe("the mark of a replayed record", () => {
    const markOn = (mark: unknown) => replayOf(Buffer.from(JSON.stringify({ replayOf: mark })));

    it("is read as the version that it was made of", () => {
        const versions = fc.record({
            sequenceNumber: fc.bigInt({ min: 0n, max: 10n ** 129n - 1n }).map(String),
            subSequenceNumber: fc.nat(999_999_999),
        });
        fc.assert(
            fc.property(versions, (each) => {
                expect(markOn(markOf(each))).to.deep.equal(each);
            }),
        );
        expect(markOf(version(0))).to.equal(version(0).sequenceNumber);
    });

    for (const mark of ["", "01", "1:", "1:0", ":1", "1:2:3", "-1", "1".repeat(130), "1:1234567890", 7, null]) {
        it(`is not ${JSON.stringify(mark).slice(0, 20)}`, () => expect(markOn(mark)).to.equal(undefined));
    }

    it("is read with space around it", () => {
        expect(replayOf(Buffer.from('{ "replayOf": "7" }'))).to.deep.equal({
            sequenceNumber: "7",
            subSequenceNumber: 0,
        });
    });

    for (const text of ['{"replayOf":"7"', '["replayOf":"7"]', '"\\"replayOf\\":"', 'null "replayOf":', "\xff"]) {
        it(`is not in ${text}`, () => expect(replayOf(Buffer.from(text, "latin1"))).to.equal(undefined));
    }
});
