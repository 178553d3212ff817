import { expect } from "chai";
import { takeAccount, type Account, type StoredItem } from "../../../local/demo/account";
import { encodeWireRecord, type WireRecord } from "../../../wire-record";

const POSTS = ["a", "b", "c"].map((id) => post(id));

const MALFORMED = [Buffer.from("{1"), Buffer.from("{2")];

function post(id: string, message = `text of ${id}`): WireRecord {
    return { username: "ada", id, timestamp: "2026-01-01T00:00:00Z", message, source: "sample" };
}

function item({ username, id, timestamp, message, source }: WireRecord): StoredItem {
    return { Username: username, Id: id, Timestamp: timestamp, Message: message, Source: source };
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
    yield* values;
}

function account(
    items: WireRecord[],
    failed: Uint8Array[] = MALFORMED,
    sent = POSTS.length + MALFORMED.length,
): Promise<Account> {
    return takeAccount({
        expected: POSTS,
        malformed: MALFORMED,
        sent,
        items: each(items.map(item)),
        failedPayloads: each(failed),
    });
}

describe("the account of a demo", () => {
    it("finds every post stored once", async () => {
        expect(await account(POSTS)).to.deep.equal({ sent: 5, stored: 3, quarantined: 2, lost: 0, duplicates: 0 });
    });

    it("takes no notice of when a post was sent", async () => {
        const later = POSTS.map((each) => ({ ...each, timestamp: "2026-02-02T00:00:00Z" }));
        expect(await account(later)).to.include({ stored: 3, lost: 0 });
    });

    it("misses a post that is nowhere", async () => {
        expect(await account(POSTS.slice(1))).to.include({ stored: 2, lost: 1, duplicates: 0 });
    });

    it("misses a post whose text was changed, and has an item too many", async () => {
        expect(await account([...POSTS.slice(1), post("a", "text of ?")])).to.include({
            stored: 2,
            lost: 1,
            duplicates: 1,
        });
    });

    it("counts an item that nobody sent, and one that is there twice", async () => {
        expect(await account([...POSTS, post("x"), post("a")])).to.include({ stored: 3, lost: 0, duplicates: 2 });
    });

    it("finds posts in the failed events, those that are stored as well only once", async () => {
        const failed = [...MALFORMED, ...[post("a"), post("b"), post("b")].map(encodeWireRecord)];
        expect(await account([post("b"), post("c")], failed)).to.deep.equal({
            sent: 5,
            stored: 2,
            quarantined: 3,
            lost: 0,
            duplicates: 0,
        });
    });

    it("misses a malformed record that is not kept, and counts one that is kept twice once", async () => {
        const kept = [...MALFORMED.slice(1), ...MALFORMED.slice(1)];
        expect(await account(POSTS, kept)).to.include({ quarantined: 1, lost: 1 });
    });

    it("takes a failed event that nobody sent for none of those sent", async () => {
        const failed = [...MALFORMED, Buffer.from("{")];
        expect(await account(POSTS.slice(1), failed)).to.include({ quarantined: 2, lost: 1 });
    });

    it("does not call lost what the producer has not sent", async () => {
        expect(await account(POSTS.slice(0, 2), MALFORMED, 4)).to.include({ sent: 4, stored: 2, lost: 0 });
    });
});
