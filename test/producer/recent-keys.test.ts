import { expect } from "chai";
import { RecentKeys } from "../../producer/recent-keys";

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

    it("cost no more when they are full", () => {
        const count = 100_000;
        const keys = new RecentKeys(count);
        const processorMs = (from: number) => {
            const before = process.cpuUsage();
            for (let index = from; index < from + count; index += 1) keys.add(`did:plc:${index}`);
            return process.cpuUsage(before).user / 1000;
        };
        const filling = processorMs(0);
        processorMs(count);
        const rounds = [2, 3, 4].map((round) => processorMs(round * count));
        // It was 180 times as much. What the machine does beside it can be counted as ours in one of the rounds, not in all.
        expect(Math.min(...rounds)).to.be.below(Math.max(filling, 20) * 20);
    });
});
