import { expect } from "chai";
import { costPerMillionPosts, itemUnits } from "../../bench/cost";

describe("what posts cost at list price", () => {
    it("is the sum of the stream, the function, its log and the writes, for a million of them", () => {
        // A tenth of a million in 100 seconds, through 500 invocations of 100 ms that write 1 KB of log each.
        const counts = {
            posts: 100_000,
            invocations: 500,
            functionMs: 50_000,
            logBytes: 500 * 1024,
            writeUnits: 103_000,
        };
        const conditions = { shards: 2, postsPerSecond: 1_000, memoryMb: 256, architecture: "arm64" } as const;
        const stream = 0.1 * 0.014 + (100 / 3_600) * 2 * 0.015;
        const lambda = 500 * 0.0000002 + 50 * 0.25 * 0.0000133334 + ((500 * 1024) / 1024 ** 3) * 0.5;
        const writes = 0.103 * 0.625;
        expect(costPerMillionPosts(counts, conditions)).to.be.closeTo((stream + lambda + writes) * 10, 1e-9);
        const onX86 = costPerMillionPosts(counts, { ...conditions, architecture: "x86_64" });
        expect(onX86 / costPerMillionPosts(counts, conditions)).to.be.above(1);
    });

    it("counts a write unit for each started KB of names and values", () => {
        expect(itemUnits({ Id: { S: "x".repeat(1_022) } })).to.equal(1);
        expect(itemUnits({ Id: { S: "x".repeat(1_023) } })).to.equal(2);
        expect(itemUnits({ Id: { S: "日".repeat(341) } })).to.equal(2);
    });
});
