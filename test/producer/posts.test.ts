import { expect } from "chai";
import { Account } from "../../producer/account";
import type { Outgoing } from "../../producer/outgoing";
import { DUPLICATES_WINDOW_POSTS, outgoingPosts } from "../../producer/posts";
import type { Source } from "../../producer/sources/source";
import { idOf, post } from "./memory-stream";
import type { WireRecord } from "../../wire-record";

async function* chunks(...all: WireRecord[][]): AsyncGenerator<WireRecord[]> {
    yield* all;
}

async function given(source: Source, account = new Account()): Promise<Outgoing[]> {
    const records: Outgoing[] = [];
    for await (const chunk of outgoingPosts(source, account)) records.push(...chunk);
    return records;
}

describe("the posts of a source", () => {
    const twice = () => chunks([post("a", 1), post("b", 1), post("a", 1)], [post("a", 2), post("b", 1)]);

    it("go to the stream with their author as the key", async () => {
        const [record] = await given({ chunks: chunks([post("さくら", 7, "日本🔥")]) });
        expect(record).to.include({ partitionKey: "さくら", label: "post 7 of さくら" });
        expect(JSON.parse(Buffer.from(record!.data).toString())).to.deep.equal(post("さくら", 7, "日本🔥"));
    });

    it("are each sent once if the source is live and gives some twice, counted", async () => {
        const account = new Account();
        const records = await given({ isLive: true, chunks: twice() }, account);
        expect(records.map((each) => [each.partitionKey, idOf(each)])).to.deep.equal([
            ["a", "1"],
            ["b", "1"],
            ["a", "2"],
        ]);
        expect(account).to.include({ received: 2, dropped: 2, lost: 0 });
    });

    it("are each sent if the source is none that is live: what a file holds twice was meant", async () => {
        const account = new Account();
        expect(await given({ chunks: twice() }, account)).to.have.length(5);
        expect(account.received).to.equal(0);
    });

    it("are remembered for a while, and no longer, so that memory is bounded", async () => {
        async function* many(): AsyncGenerator<WireRecord[]> {
            yield [post("a", -1)];
            yield Array.from({ length: DUPLICATES_WINDOW_POSTS - 1 }, (_, index) => post("b", index));
            yield [post("a", -1)];
            yield [post("b", DUPLICATES_WINDOW_POSTS)];
            yield [post("a", -1)];
        }
        let first = 0;
        for (const record of await given({ isLive: true, chunks: many() })) if (record.partitionKey === "a") first += 1;
        expect(first).to.equal(2);
    });
});
