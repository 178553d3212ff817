import { expect } from "chai";
import { ProcessorMeter, PROCESSORS } from "../../../local/lambda/processors";

describe("the meter of processors", () => {
    it("counts no processor as idle that is busy, and none twice", () => {
        const meter = new ProcessorMeter();
        meter.begin();
        const end = performance.now() + 400;
        while (performance.now() < end);
        // Systems count in steps of 10 ms.
        expect(meter.idle()).to.be.within(0, PROCESSORS - 0.8);
    });
});
