import { expect } from "chai";
import { CallRate, ReadLimit, WriteLimit } from "../../../local/kinesis/throughput";

const MIB = 1024 * 1024;

function takeMany(limit: WriteLimit, count: number, now: number): number {
    return Array.from({ length: count }, () => limit.take(1, now)).filter(Boolean).length;
}

describe("what a shard takes in", () => {
    it("1,000 records at once, and then one a millisecond", () => {
        const limit = new WriteLimit(0);
        expect(takeMany(limit, 1500, 0)).to.equal(1000);
        expect(takeMany(limit, 1500, 10)).to.equal(10);
        expect(takeMany(limit, 1500, 60_000)).to.equal(1000);
    });

    it("goes on after the clock was set back", () => {
        const limit = new WriteLimit(1_000_000);
        takeMany(limit, 1000, 1_000_000);
        expect(takeMany(limit, 10, 0)).to.equal(0);
        expect(takeMany(limit, 10, 5)).to.equal(5);
    });

    it("1 MiB a second", () => {
        const limit = new WriteLimit(0);
        expect(limit.take(MIB, 0)).to.equal(true);
        expect(limit.take(1, 0)).to.equal(false);
        expect(limit.take(MIB, 999)).to.equal(false);
        expect(limit.take(MIB, 1000)).to.equal(true);
    });
});

describe("how often something is done", () => {
    it("is as often as in a second at once, and then evenly", () => {
        const rate = new CallRate(5);
        const taken = (now: number) => Array.from({ length: 9 }, () => rate.take(now)).filter(Boolean).length;
        expect([0, 0, 199, 200, 700, 60_000].map(taken)).to.deep.equal([5, 0, 0, 1, 2, 5]);
    });

    it("goes on after the clock was set back", () => {
        const rate = new CallRate(1);
        expect([1_000_000, 1_000_000, 0, 999, 1000].map((now) => rate.take(now))).to.deep.equal([
            true,
            false,
            false,
            false,
            true,
        ]);
    });
});

describe("what a shard gives out", () => {
    it("five calls in a second that begins with the first of them", () => {
        const limit = new ReadLimit();
        expect([0, 1, 2, 3, 999].map((now) => limit.take(now))).to.deep.equal([true, true, true, true, true]);
        expect(limit.take(999)).to.equal(false);
        expect(limit.take(1000)).to.equal(true);
    });

    it("2 MiB a second, more at once being paid for with the time after it", () => {
        const limit = new ReadLimit();
        const read = (now: number, bytes: number) => {
            const taken = limit.take(now);
            if (taken) limit.charge(bytes);
            return taken;
        };
        expect(read(0, MIB)).to.equal(true);
        expect(read(100, 2 * MIB)).to.equal(true);
        expect(read(1499, 0)).to.equal(false);
        expect(read(1500, 10 * MIB)).to.equal(true);
        expect(read(6499, 0)).to.equal(false);
        expect(read(6500, 0)).to.equal(true);
    });
});
