import { expect } from "chai";
import { RecentKeys } from "../../../../producer/sources/bluesky/recent-keys";

describe("recent keys", () => {
    it("know a key that came before", () => {
        const keys = new RecentKeys(3);
        expect(["a", "b", "a", "b", "c"].map((key) => keys.add(key))).to.deep.equal([true, true, false, false, true]);
    });

    it("forget the oldest, and only that, beyond their number", () => {
        const keys = new RecentKeys(3);
        for (const key of ["a", "b", "c", "d"]) keys.add(key);
        expect(["b", "c", "d"].map((key) => keys.add(key))).to.deep.equal([false, false, false]);
        expect(keys.add("a")).to.be.true;
    });
});
