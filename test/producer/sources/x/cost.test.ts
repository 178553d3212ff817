import { expect } from "chai";
import { estimatedCost } from "../../../../producer/sources/x/cost";

describe("what X bills", () => {
    it("is half a cent a post, up to the next cent", () => {
        expect([0, 1, 2, 3, 15, 1_000, 10_000].map(estimatedCost)).to.deep.equal([
            "about $0.00",
            "about $0.01",
            "about $0.01",
            "about $0.02",
            "about $0.08",
            "about $5.00",
            "about $50.00",
        ]);
    });
});
