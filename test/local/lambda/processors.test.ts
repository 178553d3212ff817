import { expect } from "chai";
import { cpus } from "node:os";
import {
    BUSY_ENVIRONMENTS_MAX,
    IDLE_PROCESSORS_MIN,
    isWorthAnother,
    ProcessorMeter,
    PROCESSORS,
    START_WAIT_MS,
} from "../../../local/lambda/processors";

describe("the meter of processors", () => {
    /** A meter of these processors, idle for so many milliseconds at first and one second later. */
    function measured(first: readonly number[], later: readonly number[]): number {
        let [nowMs, idleMs] = [5_000, first];
        const meter = new ProcessorMeter(
            () => nowMs,
            () => idleMs.map((idle) => ({ times: { idle } })),
        );
        [nowMs, idleMs] = [6_000, later];
        return meter.idle();
    }

    it("counts no processor as idle that is busy, and none twice", () => {
        expect(measured([700, 100], [700, 600])).to.equal(0.5);
        expect(measured([700, 100], [1_700, 1_100])).to.equal(2);
        expect(measured([700, 100], [700, 100])).to.equal(0);
    });

    it("measures from when it was begun last", () => {
        let nowMs = 0;
        const meter = new ProcessorMeter(
            () => nowMs,
            () => [{ times: { idle: nowMs } }],
        );
        nowMs = 1_000;
        meter.begin();
        nowMs = 2_000;
        expect(meter.idle()).to.equal(1);
    });

    it("takes processors for idle where the system does not tell", () => {
        expect(measured([], [])).to.equal(PROCESSORS);
    });

    it("reads those of this machine", function () {
        // Some systems do not tell.
        if (cpus().length === 0) this.skip();
        const idleMs = () => cpus().reduce((sum, { times }) => sum + times.idle, 0);
        const idleMsBefore = idleMs();
        const meter = new ProcessorMeter();
        const begun = performance.now();
        while (performance.now() < begun + 100);
        const idle = meter.idle();
        // What was read before it and after it is more, and the time that it measured is not less.
        expect(idle).to.be.at.most((idleMs() - idleMsBefore) / 100);
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
