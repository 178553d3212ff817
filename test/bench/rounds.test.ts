import { expect } from "chai";
import { alternate, median } from "../../bench/rounds";

describe("rounds of a benchmark", () => {
    it("measure the sides by turns, each first once", async () => {
        const order: string[] = [];
        const side = (name: string) => async () => order.push(name);
        const results = await alternate(3, [side("a"), side("b"), side("c")]);
        expect(order.join("")).to.equal("abcbcacab");
        expect(results).to.deep.equal([
            [1, 6, 8],
            [2, 4, 9],
            [3, 5, 7],
        ]);
    });

    it("count by their median", () => {
        expect(median([3, 1, 2])).to.equal(2);
        expect(median([4, 1, 3, 2])).to.equal(2.5);
        expect(median([7])).to.equal(7);
        expect(median([])).to.be.NaN;
    });
});
