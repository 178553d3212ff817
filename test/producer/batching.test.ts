import { expect } from "chai";
import { Outbox, RECORD_AGE_MS_MAX, REQUEST_BYTES_MAX } from "../../producer/batching";
import { heldRecord, type HeldRecord } from "../../producer/lane";
import { outgoingPost } from "../../producer/outgoing";

const busy = { isIdle: false, noMore: false, retriesOnly: false };
const idle = { ...busy, isIdle: true };

function record(author: string, id: number, nowMs = 0, message = ""): HeldRecord {
    const timestamp = "2026-11-23T06:00:00.000Z";
    return heldRecord(outgoingPost({ username: author, id: String(id), timestamp, message, source: "sample" }), nowMs);
}

const newOutbox = () => new Outbox({ random: () => 0.5 });

function outboxOf(...records: HeldRecord[]): Outbox {
    const outbox = newOutbox();
    for (const each of records) outbox.add(each);
    return outbox;
}

const ids = (records: readonly HeldRecord[]) =>
    records.map(({ outgoing }) => Number(/^post (\d+) of/.exec(outgoing.label)?.[1]));
const authors = (count: number) => Array.from({ length: count }, (_, index) => record(`author${index}`, index));

describe("batching", () => {
    it("counts the bytes of the key, in UTF-8, beside those of the data", () => {
        const { bytes, outgoing } = record("さくら", 1);
        expect(bytes).to.equal(outgoing.data.length + 9);
    });

    it("makes no request of nothing", () => {
        expect(newOutbox().dueAtMs(idle)).to.be.undefined;
        expect(newOutbox().take(false, 0)).to.deep.equal([]);
    });

    it("lets the first post wait for company until it is 100 ms old", () => {
        const outbox = outboxOf(record("a", 1, 40), record("b", 2, 90));
        expect(outbox.dueAtMs(idle)).to.equal(40 + RECORD_AGE_MS_MAX);
    });

    it("is due at once when nothing more will arrive", () => {
        expect(outboxOf(record("a", 1, 40)).dueAtMs({ ...busy, noMore: true })).to.equal(0);
    });

    it("is due at the 500th post, and leaves the 501st for the next request", () => {
        const outbox = outboxOf(...authors(499));
        expect(outbox.dueAtMs(busy)).to.equal(RECORD_AGE_MS_MAX);
        outbox.add(record("one", 499));
        expect(outbox.dueAtMs(busy)).to.equal(0);
        outbox.add(record("more", 500));
        expect(outbox.take(false, 0)).to.have.length(500);
        expect(ids(outbox.take(false, 0))).to.deep.equal([500]);
    });

    it("is due at 5 MiB, and leaves the post that would exceed them for the next request", () => {
        const frame = record("author0", 0).bytes;
        const outbox = newOutbox();
        for (let index = 0; index < 5; index += 1) {
            expect(outbox.dueAtMs(busy)).to.not.equal(0);
            outbox.add(record(`author${index}`, index, 0, "x".repeat(REQUEST_BYTES_MAX / 5 - frame)));
        }
        expect(outbox.dueAtMs(busy)).to.equal(0);
        outbox.add(record("author5", 5));
        const batch = outbox.take(false, 0);
        expect(batch.reduce((sum, { bytes }) => sum + bytes, 0)).to.equal(REQUEST_BYTES_MAX);
        expect(ids(outbox.take(false, 0))).to.deep.equal([5]);
    });

    it("takes one post of an author, and the next when the stream has that one", () => {
        const outbox = outboxOf(record("a", 1), record("a", 2), record("b", 3));
        const [first] = outbox.take(false, 0);
        expect(outbox.dueAtMs({ ...idle, noMore: true })).to.be.undefined;
        outbox.accepted(first!, 50);
        expect(ids(outbox.take(false, 0))).to.deep.equal([2]);
    });

    it("sends an author's next post at once if nothing is in flight, and else waits for company", () => {
        const outbox = outboxOf(record("a", 1), record("a", 2));
        const [first] = outbox.take(false, 0);
        outbox.accepted(first!, 50);
        expect(outbox.dueAtMs(busy)).to.equal(50 + RECORD_AGE_MS_MAX);
        expect(outbox.dueAtMs(idle)).to.equal(0);
    });

    it("holds an author back while a post of theirs waits to be sent again, then sends that one before all others", () => {
        const outbox = outboxOf(record("a", 1), record("a", 2), record("b", 3));
        const [first, other] = outbox.take(false, 0);
        outbox.add(record("c", 4));
        outbox.failed(first!);
        outbox.accepted(other!, 10);
        expect(outbox.retrying).to.equal(1);
        expect(ids(outbox.take(false, 0))).to.deep.equal([4]);
        outbox.resume(first!);
        outbox.add(record("d", 5));
        expect(outbox.dueAtMs(busy)).to.equal(0);
        expect(ids(outbox.take(false, 0))).to.deep.equal([1, 5]);
        expect(outbox.retrying).to.equal(0);
    });

    it("sends nothing new where only retries are wanted", () => {
        const outbox = outboxOf(record("a", 1));
        const [first] = outbox.take(false, 0);
        outbox.failed(first!);
        outbox.add(record("b", 2));
        expect(outbox.dueAtMs({ ...idle, noMore: true, retriesOnly: true })).to.be.undefined;
        outbox.resume(first!);
        expect(ids(outbox.take(true, 0))).to.deep.equal([1]);
        expect(outbox.take(true, 0)).to.deep.equal([]);
    });

    it("holds nothing once all is accepted", () => {
        const outbox = outboxOf(...authors(700));
        expect(outbox.records).to.equal(700);
        expect(outbox.bytes).to.be.above(700);
        for (const each of [...outbox.take(false, 0), ...outbox.take(false, 0)]) outbox.accepted(each, 0);
        expect([outbox.records, outbox.bytes]).to.deep.equal([0, 0]);
    });

    it("refuses to account for a post that is not in flight", () => {
        const outbox = outboxOf(record("a", 1));
        const [first] = outbox.take(false, 0);
        outbox.accepted(first!, 0);
        expect(() => outbox.accepted(first!, 0)).to.throw("The post 1 of a is not the first of its author.");
    });
});
