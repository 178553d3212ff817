import { expect } from "chai";
import { backoffMs } from "../../producer/backoff";

describe("backoff", () => {
    it("doubles its longest delay with each attempt, up to 5 s", () => {
        const longest = [1, 2, 3, 4, 5, 6, 7, 2000].map((attempts) => backoffMs(attempts, () => 1));
        expect(longest).to.deep.equal([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
    });

    it("waits any time up to that", () => {
        expect(backoffMs(3, () => 0)).to.equal(0);
        expect(backoffMs(3, () => 0.5)).to.equal(500);
    });
});
