import { expect } from "chai";
import * as fc from "fast-check";
import {
    BACKOFF_BASE_MS,
    BACKOFF_MAX_MS,
    backoffMs,
    REQUEST_TIMEOUT_MS,
    requestTimeoutMs,
    waitForRetry,
} from "../../consumer/pace";
import { ManualTime } from "./support/services";

describe("the wait before a retry", () => {
    it("is anything from nothing to a bound that doubles", () => {
        for (const [retry, bound] of [50, 100, 200, 400].entries()) {
            expect(backoffMs(retry, () => 0)).to.equal(0);
            expect(backoffMs(retry, () => 0.5)).to.equal(bound / 2);
        }
        expect(BACKOFF_BASE_MS).to.equal(50);
    });

    it("never exceeds the largest bound, however many retries there were", () => {
        fc.assert(
            fc.property(
                fc.nat(5_000),
                fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
                (retry, random) => {
                    expect(backoffMs(retry, () => random)).to.be.within(0, BACKOFF_MAX_MS);
                },
            ),
        );
    });

    it("takes place when time is left after it", async () => {
        const time = new ManualTime(26);
        expect(await waitForRetry(0, time.pace())).to.equal(true);
        expect(time.sleeps).to.deep.equal([25]);
    });

    it("does not start when it would use up the time", async () => {
        const time = new ManualTime(25);
        expect(await waitForRetry(0, time.pace())).to.equal(false);
        expect(time.sleeps).to.deep.equal([]);
    });
});

describe("the time for a request", () => {
    it("is limited, and by what is left", () => {
        expect(requestTimeoutMs(new ManualTime(60_000).pace())).to.equal(REQUEST_TIMEOUT_MS);
        expect(requestTimeoutMs(new ManualTime(300).pace())).to.equal(300);
        expect(requestTimeoutMs(new ManualTime(-1).pace())).to.equal(-1);
    });
});
