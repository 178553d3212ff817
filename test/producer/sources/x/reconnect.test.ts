import { expect } from "chai";
import type { Fault } from "../../../../producer/sources/x/fault";
import {
    HTTP_DELAY_MS_MAX,
    NETWORK_DELAY_MS_MAX,
    RATE_LIMIT_DELAY_MS_MAX,
    ReconnectSchedule,
    RESET_DELAY_MS_MAX,
    RESET_MARGIN_MS,
    STEADY_MS,
} from "../../../../producer/sources/x/reconnect";

let now = 0;
const fault = (kind: Fault["kind"], resetInMs?: number): Fault => ({
    kind,
    reason: "a reason",
    ...(resetInMs !== undefined && { resetInMs }),
});

function delays(schedule: ReconnectSchedule, count: number, next: Fault) {
    return Array.from({ length: count }, () => schedule.delayMs(next, now));
}

/** A connection that was good for a while has come to its end. */
function steady(schedule: ReconnectSchedule): void {
    schedule.established(now);
    now += STEADY_MS;
}

describe("X's schedule of reconnects", () => {
    it("connects at once when an established connection drops, once", () => {
        const schedule = new ReconnectSchedule();
        steady(schedule);
        expect(delays(schedule, 3, fault("network"))).to.deep.equal([0, 250, 500]);
        steady(schedule);
        expect(delays(schedule, 2, fault("network"))).to.deep.equal([0, 250]);
    });

    it("connects at once only the first time, when connections begin and end soon, and then ever later", () => {
        const schedule = new ReconnectSchedule();
        const flapping = Array.from({ length: 50 }, () => {
            schedule.established(now);
            now += STEADY_MS - 1;
            return schedule.delayMs(fault("network"), now) ?? 0;
        });
        expect(flapping.slice(0, 4)).to.deep.equal([0, 250, 500, 750]);
        // X takes 50 connections in 15 minutes.
        expect(flapping.reduce((sum, delay) => sum + delay, 0)).to.be.above(300_000);
        steady(schedule);
        expect(delays(schedule, 2, fault("network"))).to.deep.equal([0, 250]);
    });

    it("does not connect at once after a connection that brought nothing", () => {
        expect(new ReconnectSchedule().delayMs(fault("network"), now)).to.equal(250);
    });

    it("adds 250 ms for each network error, up to 16 s", () => {
        const schedule = new ReconnectSchedule();
        expect(delays(schedule, 4, fault("network"))).to.deep.equal([250, 500, 750, 1_000]);
        expect(delays(schedule, 96, fault("network")).slice(-36, -32)).to.deep.equal([16_000, 16_000, 16_000, 16_000]);
        expect(schedule.delayMs(fault("network"), now)).to.equal(NETWORK_DELAY_MS_MAX);
    });

    it("doubles from 5 s up to 320 s for HTTP errors, also right after a connection that was established", () => {
        const schedule = new ReconnectSchedule();
        steady(schedule);
        expect(delays(schedule, 8, fault("http"))).to.deep.equal(
            [5, 10, 20, 40, 80, 160, 320, 320].map((seconds) => seconds * 1_000),
        );
        expect(schedule.delayMs(fault("no rules"), now)).to.equal(HTTP_DELAY_MS_MAX);
    });

    it("doubles from a minute for rate limits whose end is not known, up to a window of X", () => {
        const schedule = new ReconnectSchedule();
        expect(delays(schedule, 6, fault("rate limit"))).to.deep.equal(
            [60, 120, 240, 480, 900, 900].map((seconds) => seconds * 1_000),
        );
        expect(schedule.delayMs(fault("rate limit"), now)).to.equal(RATE_LIMIT_DELAY_MS_MAX);
    });

    it("waits until a rate limit ends, shorter or longer than the schedule", () => {
        expect(new ReconnectSchedule().delayMs(fault("rate limit", 7_000), now)).to.equal(7_000 + RESET_MARGIN_MS);
        const day = 86_400_000;
        expect(new ReconnectSchedule().delayMs(fault("rate limit", day), now)).to.equal(day + RESET_MARGIN_MS);
    });

    it("does not believe in a rate limit that ends in years", () => {
        // Beyond 2^31 - 1 ms, a timer would go off at once.
        expect(new ReconnectSchedule().delayMs(fault("rate limit", 1e13), now)).to.equal(RESET_DELAY_MS_MAX);
        expect(RESET_DELAY_MS_MAX).to.be.below(2 ** 31);
    });

    it("falls back to the schedule when the end named is not one", () => {
        const schedule = new ReconnectSchedule();
        expect(delays(schedule, 3, fault("rate limit", -3_600_000))).to.deep.equal([RESET_MARGIN_MS, 60_000, 120_000]);
    });

    it("does not wait for what will not pass", () => {
        expect(new ReconnectSchedule().delayMs(fault("refused"), now)).to.be.undefined;
    });

    it("starts over after a connection that was established", () => {
        const schedule = new ReconnectSchedule();
        for (const kind of ["network", "http", "rate limit"] as const) {
            const [first] = delays(schedule, 5, fault(kind));
            steady(schedule);
            schedule.delayMs(fault("network"), now);
            expect(schedule.delayMs(fault(kind), now)).to.equal(first);
        }
    });
});
