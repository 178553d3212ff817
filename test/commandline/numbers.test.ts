import { expect } from "chai";
import { formatAmount, formatCount, formatSeconds, perSecond } from "../../commandline/numbers";

describe("numbers", () => {
    it("have their thousands separated by commas", () => {
        expect([0, 999, 1000, 1234567].map(formatCount)).to.deep.equal(["0", "999", "1,000", "1,234,567"]);
    });

    it("come with a unit in the right number", () => {
        expect([
            formatAmount(1, "post"),
            formatAmount(0, "post"),
            formatAmount(2000, "batch", "batches"),
        ]).to.deep.equal(["1 post", "0 posts", "2,000 batches"]);
    });

    it("of seconds have about three digits", () => {
        expect([0.4211, 12.34, 345.6].map(formatSeconds)).to.deep.equal(["0.42 s", "12.3 s", "346 s"]);
    });

    it("per second are none before any time has passed", () => {
        expect([perSecond(5, 0), perSecond(5, 2), perSecond(1000, 3)]).to.deep.equal([0, 2.5, 333]);
    });
});
