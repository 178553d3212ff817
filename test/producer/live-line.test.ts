import { expect } from "chai";
import { Account } from "../../producer/account";
import { liveNote } from "../../producer/live-line";

const calm = { inFlight: 0, held: 0, throttledShards: 0, lagMs: 0 };

describe("the live line", () => {
    it("has what is under way, and nothing else while all is well", () => {
        const traffic = { ...calm, inFlight: 4, held: 1200, lagMs: 123 };
        expect(liveNote(traffic, new Account(), "")).to.equal("4 in flight, 1,200 queued, lag 0.12 s");
    });

    it("says what holds it up, what was left out, and what the source says of itself", () => {
        const account = new Account();
        account.retried = 12;
        account.refuse("not a post");
        account.drop("the queue was full", 3);
        expect(liveNote({ ...calm, throttledShards: 1 }, account, "$0.05")).to.equal(
            "0 in flight, 0 queued, 1 shard throttled, lag 0.00 s, 12 retried, 1 refused, 3 dropped, $0.05",
        );
    });
});
