import { expect } from "chai";
import { Account, DUPLICATE, EXPIRED, QUEUE_FULL } from "../../producer/account";

function sample(): Account {
    const account = new Account();
    Object.assign(account, { received: 12, sent: 8, retried: 3 });
    account.refuse("not a post");
    account.refuse("not a post");
    account.refuse("too large");
    return account;
}

describe("the account", () => {
    it("adds up: received is sent, refused and not sent", () => {
        const account = sample();
        expect(account.refused).to.equal(3);
        expect(account.notSent).to.equal(1);
    });

    it("tells what was left out as it should be from what is missing", () => {
        const account = new Account();
        Object.assign(account, { received: 20, sent: 8 });
        account.drop(DUPLICATE, 3);
        account.drop("not asked for", 2);
        expect(account).to.include({ dropped: 5, notSent: 7, lost: 7 });
        account.drop(QUEUE_FULL, 4);
        account.drop(EXPIRED);
        account.refuse("not a post");
        expect(account).to.include({ dropped: 10, notSent: 1, lost: 7 });
        expect(account.toTable(1)).to.match(/dropped: the queue was full +│ +4 /);
        expect(JSON.parse(account.toJson(1, true))).to.deep.include({
            dropped: 10,
            droppedByReason: { [DUPLICATE]: 3, "not asked for": 2, [QUEUE_FULL]: 4, [EXPIRED]: 1 },
        });
    });

    it("is one line of JSON for programs", () => {
        const line = sample().toJson(2.00049, false);
        expect(line).to.not.contain("\n");
        expect(JSON.parse(line)).to.deep.equal({
            received: 12,
            sent: 8,
            retried: 3,
            refused: 3,
            refusedByReason: { "not a post": 2, "too large": 1 },
            dropped: 0,
            droppedByReason: {},
            notSent: 1,
            interrupted: false,
            seconds: 2,
            postsPerSecond: 4,
        });
    });

    it("is a table for people, with a row per reason", () => {
        const table = sample().toTable(2);
        expect(table).to.match(/refused: not a post +│ +2 /);
        expect(table).to.match(/refused: too large +│ +1 /);
        expect(table).to.match(/not sent +│ +1 /);
        expect(new Account().toTable(0)).to.match(/refused +│ +0 /);
    });
});
