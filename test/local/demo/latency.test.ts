import { expect } from "chai";
import { Latencies } from "../../../local/demo/latency";

describe("latency percentiles", () => {
    it("are 0 where nothing was measured", () => {
        expect(new Latencies().percentile(0.99)).to.equal(0);
    });

    it("are values that were measured, by the nearest rank", () => {
        const latencies = new Latencies();
        for (let milliseconds = 100; milliseconds >= 1; milliseconds -= 1) latencies.add(milliseconds);
        expect(latencies.percentile(0.5)).to.equal(50);
        expect(latencies.percentile(0.99)).to.equal(99);
        expect(latencies.percentile(1)).to.equal(100);
        expect(latencies.percentile(0)).to.equal(1);
    });
});
