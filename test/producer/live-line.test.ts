import { expect } from "chai";
import { Account } from "../../producer/account";
import { liveNote } from "../../producer/live-line";

const calm = { inFlight: 0, held: 0, throttledShards: 0, lagMs: 0 };

describe("the live line", () => {
    it("has what is under way, and nothing else while all is well", () => {
        const traffic = { ...calm, inFlight: 4, held: 1200, lagMs: 123, waitingSinceMs: 9_990 };
        expect(liveNote(traffic, new Account(), "", 10_000)).to.equal("4 in flight, 1,200 queued, lag 0.12 s");
    });

    it("says what it costs first, then what holds it up, and what was left out", () => {
        const account = new Account();
        account.retried = 12;
        account.refuse("not a post");
        account.drop("the queue was full", 3);
        expect(liveNote({ ...calm, throttledShards: 1 }, account, "about $0.05", 0)).to.equal(
            "about $0.05, 0 in flight, 0 queued, lag 0.00 s, 1 shard throttled, 12 retried, 1 refused, 3 dropped",
        );
    });

    it("says for how long the stream has taken nothing", () => {
        const traffic = { ...calm, held: 7, lagMs: 123, waitingSinceMs: 1_000 };
        expect(liveNote(traffic, new Account(), "", 91_000)).to.equal("0 in flight, 7 queued, lag 90.0 s");
    });
});
