import { expect } from "chai";
import { BACKOFF_MAX_MS, backoffMs, Signal, SYSTEM_CLOCK, Waits } from "../../../local/event-source-mapping/waiting";
import { VirtualClock } from "./virtual-clock";

describe("waits of a mapping", () => {
    it("end after their time", async () => {
        const clock = new VirtualClock(0);
        await clock.runUntil(new Waits(clock).sleep(300));
        expect(clock.now()).to.equal(300);
    });

    it("end when the signal is raised, and their timers with them", async () => {
        const clock = new VirtualClock(0);
        const signal = new Signal();
        const sleep = new Waits(clock).sleep(300, signal);
        signal.raise();
        await sleep;
        expect([clock.now(), clock.pendingTimers]).to.deep.equal([0, 0]);
    });

    it("end at once when the signal was raised before, once, unless it was cleared", async () => {
        const clock = new VirtualClock(0);
        const waits = new Waits(clock);
        const signal = new Signal();
        signal.raise();
        await waits.sleep(Infinity, signal);
        await clock.runUntil(waits.sleep(300, signal));
        signal.raise();
        signal.clear();
        await clock.runUntil(waits.sleep(300, signal));
        expect(clock.now()).to.equal(600);
    });

    it("end when the mapping stops, and none begins after that", async () => {
        const clock = new VirtualClock(0);
        const waits = new Waits(clock);
        const sleeps = [waits.sleep(Infinity), waits.sleep(300, new Signal())];
        waits.stop();
        await Promise.all([...sleeps, waits.sleep(300)]);
        expect(clock.pendingTimers).to.equal(0);
    });

    it("on the system's clock end too, and can be cancelled", async () => {
        await new Waits(SYSTEM_CLOCK).sleep(1);
        SYSTEM_CLOCK.schedule(() => expect.fail("cancelled"), 0)();
        await new Waits(SYSTEM_CLOCK).sleep(1);
    });
});

describe("backoff", () => {
    it("doubles up to its limit, half of it random", () => {
        expect([0, 1, 2, 3].map((failures) => backoffMs(failures, () => 1))).to.deep.equal([100, 200, 400, 800]);
        expect(backoffMs(0, () => 0)).to.equal(50);
        expect(backoffMs(10_000, () => 1)).to.equal(BACKOFF_MAX_MS);
    });
});
