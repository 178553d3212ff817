import { expect } from "chai";
import {
    BUSY_ENVIRONMENTS_MAX,
    IDLE_PROCESSORS_MIN,
    isWorthAnother,
    ProcessorMeter,
    PROCESSORS,
    START_WAIT_MS,
} from "../../../local/lambda/processors";

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

describe("a further environment", () => {
    const busy = {
        running: BUSY_ENVIRONMENTS_MAX,
        idleProcessors: IDLE_PROCESSORS_MIN - 0.01,
        waitedMs: START_WAIT_MS - 1,
    };

    it("is not worth it while those that there are keep the processors busy", () => {
        expect(isWorthAnother(busy)).to.equal(false);
    });

    for (const [when, change] of [
        ["there are fewer than may be busy", { running: BUSY_ENVIRONMENTS_MAX - 1 }],
        ["processors are idle", { idleProcessors: IDLE_PROCESSORS_MIN }],
        ["an invocation has waited for long", { waitedMs: START_WAIT_MS }],
    ] as const) {
        it(`is worth it when ${when}`, () => expect(isWorthAnother({ ...busy, ...change })).to.equal(true));
    }
});
