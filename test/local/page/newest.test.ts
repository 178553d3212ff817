import { expect } from "chai";
import { Newest } from "../../../local/page/newest";

describe("the newest of what was added", () => {
    it("are as many as are kept, oldest first", () => {
        const newest = new Newest<number>(3);
        expect(newest.since(0)).to.deep.equal([]);
        for (let value = 0; value < 8; value += 1) newest.add(value);
        expect(newest.total).to.equal(8);
        expect(newest.since(0)).to.deep.equal([5, 6, 7]);
        expect(newest.since(7)).to.deep.equal([7]);
        expect(newest.since(8)).to.deep.equal([]);
        expect(newest.since(9)).to.deep.equal([]);
    });

    it("are cut to the last ones where fewer are wanted", () => {
        const newest = new Newest<string>(5);
        for (const value of ["a", "b", "c"]) newest.add(value);
        expect(newest.since(0, 2)).to.deep.equal(["b", "c"]);
        expect(newest.since(2, 2)).to.deep.equal(["c"]);
    });
});
