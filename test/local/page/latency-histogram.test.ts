import { expect } from "chai";
import { LATENCY_MS_MAX, LatencyHistogram, percentile } from "../../../local/page/latency-histogram";

describe("the latency histogram", () => {
    it("has no percentile where nothing was added in between", () => {
        const histogram = new LatencyHistogram();
        histogram.add(5);
        const before = histogram.read();
        expect(percentile(before, histogram.read(), 0.5)).to.equal(undefined);
    });

    it("finds percentiles of what was added in between, to about 9 %", () => {
        const histogram = new LatencyHistogram();
        for (let count = 0; count < 1_000; count += 1) histogram.add(1);
        const before = histogram.read();
        for (let milliseconds = 1; milliseconds <= 1_000; milliseconds += 1) histogram.add(milliseconds);
        for (const share of [0.1, 0.5, 0.99, 1]) {
            const found = percentile(before, histogram.read(), share)!;
            expect(found / (share * 1_000)).to.be.within(0.9, 1.1);
        }
    });

    it("leaves out what is no latency", () => {
        const histogram = new LatencyHistogram();
        for (const milliseconds of [NaN, -1, LATENCY_MS_MAX + 1, Infinity]) histogram.add(milliseconds);
        expect(percentile(undefined, histogram.read(), 0.5)).to.equal(undefined);
        for (const milliseconds of [0, LATENCY_MS_MAX]) histogram.add(milliseconds);
        expect(percentile(undefined, histogram.read(), 0)).to.equal(0);
        expect(percentile(undefined, histogram.read(), 1)).to.be.within(LATENCY_MS_MAX * 0.9, LATENCY_MS_MAX * 1.1);
    });
});
