import { expect } from "chai";
import * as fc from "fast-check";
import { markOf, replayOf } from "../../consumer/version";
import type { Outgoing } from "../../producer/outgoing";
import type { PutRecords } from "../../producer/put-records";
import { StreamFault } from "../../producer/stream-fault";
import { Unreadable, type Bundle } from "../../replay/failed-record";
import { asItIs, type Fix } from "../../replay/fix";
import { replayAll } from "../../replay/replay";
import { ReplayAccount } from "../../replay/replay-account";
import { bytesOf, post } from "../consumer/support/records";
import { VirtualTime } from "../producer/virtual-time";
import { failed, StubBundle, surveyed } from "./support/records";

/** A stream that keeps what it accepts. */
class RecordingStream {
    readonly accepted: string[] = [];
    requests = 0;

    /** @param answer an error to throw, or the texts of records that are not accepted, by request */
    constructor(private readonly answer: (request: number) => Error | readonly string[] = () => []) {}

    readonly putRecords: PutRecords = async (records) => {
        const answer = this.answer(this.requests++);
        if (answer instanceof Error) throw answer;
        const rejections = new Map<number, { code: string; shardId: undefined }>();
        for (const [index, record] of records.entries()) {
            if (answer.includes(textOf(record))) rejections.set(index, { code: "InternalFailure", shardId: undefined });
            else this.accepted.push(textOf(record));
        }
        return rejections;
    };
}

const textOf = ({ data }: Pick<Outgoing, "data">) => Buffer.from(data).toString();

interface Run {
    fix?: Fix;
    stream?: RecordingStream;
    isDryRun?: boolean;
    stop?: AbortController;
    abort?: AbortSignal;
    afterSurvey?: () => void;
}

async function run(bundles: readonly Bundle[], options: Run = {}) {
    const { fix = asItIs, stream = new RecordingStream(), isDryRun = false, stop = new AbortController() } = options;
    const list = await surveyed(bundles);
    options.afterSurvey?.();
    const records = list.reduce((sum, each) => sum + each.records, 0);
    const account = new ReplayAccount(bundles.length, records, 0);
    const lines: string[] = [];
    const time = new VirtualTime();
    const replaying = replayAll({
        surveyed: list,
        fix,
        account,
        putRecords: isDryRun ? undefined : stream.putRecords,
        surroundings: time.surroundings(() => 0.5),
        stop,
        abort: options.abort ?? new AbortController().signal,
        onLeft: (line) => lines.push(line),
        onTrouble: () => undefined,
    });
    const error = await time.run(replaying).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
    );
    return { account, lines, error, accepted: stream.accepted };
}

describe("replaying what failed", function () {
    it("sends the records of all objects in the order of the stream, and marks each object once", async () => {
        const bundles = [
            new StubBundle("a", [failed(1), failed(4)]),
            new StubBundle("b", [failed(3), failed(2)]),
            new StubBundle("c", [failed(5)]),
        ];
        const { accepted, account, lines } = await run(bundles);
        expect(accepted).to.deep.equal([1, 2, 3, 4, 5].map((n) => `record ${n}`));
        expect(bundles.map(({ marks }) => marks)).to.deep.equal([1, 1, 1]);
        expect(account).to.include({ sent: 5, duplicates: 0, dropped: 0, left: 0, replayedObjects: 3, leftObjects: 0 });
        expect(lines).to.deep.equal([]);
    });

    it("marks an object only when the stream has accepted all of its records", async () => {
        const first = new StubBundle("first", [failed(1), failed(2)]);
        const second = new StubBundle("second", [failed(3, { partitionKey: "bob" })]);
        let marksAtFirst: number | undefined;
        const stream = new RecordingStream((request) => {
            if (request === 3) marksAtFirst = first.marks;
            return request < 3 ? ["record 1"] : [];
        });
        await run([first, second], { stream });
        expect(marksAtFirst).to.equal(0);
        expect([first.marks, second.marks]).to.deep.equal([1, 1]);
    });

    it("leaves what the stream refuses for good, and says why it ends", async () => {
        const bundle = new StubBundle("a", [failed(1)]);
        const { error, account } = await run([bundle], {
            stream: new RecordingStream(() => new StreamFault("There is no stream `posts`.", false)),
        });
        expect(error?.message).to.equal("There is no stream `posts`.");
        expect(bundle.marks).to.equal(0);
        expect(account).to.include({ sent: 0, left: 1, replayedObjects: 0, leftObjects: 1 });
    });

    it("sends a record that is in several objects once, and marks them all", async () => {
        const bundles = ["quarantine", "aws", "aws again"].map((name) => new StubBundle(name, [failed(1), failed(2)]));
        const { accepted, account } = await run([
            ...bundles,
            new StubBundle("other", [failed(2, { reason: "other" })]),
        ]);
        expect(accepted).to.deep.equal(["record 1", "record 2"]);
        expect(account).to.include({ sent: 2, duplicates: 5, left: 0, replayedObjects: 4 });
    });

    it("sends both of two records at one position, as the Kinesis Producer Library packs them", async () => {
        const { accepted } = await run([
            new StubBundle("a", [failed(1), failed(1, { data: Buffer.from("other data") })]),
            new StubBundle("b", [failed(1, { partitionKey: "bob" })]),
        ]);
        expect(accepted.sort()).to.deep.equal(["other data", "record 1", "record 1"]);
    });

    it("marks each record with the place that it had at first, whatever a fix makes of it", async () => {
        const again = Buffer.from(JSON.stringify({ ...post(), replayOf: "1:4" }));
        const { accepted } = await run(
            [
                new StubBundle("a", [
                    failed(5, { data: bytesOf() }),
                    failed(6, { subSequenceNumber: 2, partitionKey: "bob" }),
                    failed(7, { data: again, partitionKey: "bob" }),
                ]),
            ],
            { fix: async ({ partitionKey, position }) => ({ partitionKey, data: bytesOf({ id: String(position) }) }) },
        );
        const marks = accepted.map((text) => replayOf(Buffer.from(text)));
        expect(marks.map((version) => version && markOf(version)).sort()).to.deep.equal(["1:4", "5", "6:2"]);
    });

    it("sends the records of one pack in their order, also where several objects have them", async () => {
        const part = (place: number) => failed(1, { data: Buffer.from(`part ${place}`), subSequenceNumber: place });
        const { accepted, account } = await run([
            new StubBundle("quarantine", [part(2)]),
            new StubBundle("aws", [0, 1, 2, 3].map(part)),
        ]);
        expect(accepted).to.deep.equal([0, 1, 2, 3].map((place) => `part ${place}`));
        expect(account).to.include({ sent: 4, duplicates: 1, replayedObjects: 2 });
    });

    it("sends nothing of an object with a record that the stream does not take, and leaves it", async () => {
        const data = Buffer.alloc(1024 * 1024 - 2, "x");
        const bundles = [new StubBundle("a", [failed(1), failed(2, { data })]), new StubBundle("b", [failed(3)])];
        for (const isDryRun of [true, false]) {
            const { lines, account } = await run(bundles, { isDryRun });
            expect(lines).to.deep.equal([
                "Left a: record 2 has 1,048,577 bytes, and the stream takes 1,048,576 bytes; a fix can shorten it.",
            ]);
            expect(account).to.include({ sent: 1, left: 2, replayedObjects: 1, leftObjects: 1 });
        }
    });

    it("goes on after an object that has become unreadable, and leaves it", async () => {
        const broken = new StubBundle("broken", [failed(1)]);
        let loads = 0;
        const vanishing: Bundle = {
            name: broken.name,
            origin: broken.origin,
            markReplayed: broken.markReplayed,
            load: async () => {
                loads += 1;
                if (loads > 1) throw new Unreadable("it is not JSON");
                return broken.load();
            },
        };
        const { accepted, lines, account } = await run([vanishing, new StubBundle("b", [failed(2)])]);
        expect(accepted).to.deep.equal(["record 2"]);
        expect(lines).to.deep.equal(["Left broken: it is not JSON."]);
        expect(account).to.include({ left: 1, leftObjects: 1, replayedObjects: 1 });
    });

    it("passes over an object that is gone when its records are due", async () => {
        const gone = new StubBundle("gone", [failed(1), failed(2)]);
        const list = [gone, new StubBundle("b", [failed(3)])];
        const { accepted, lines, account } = await run(list, { afterSurvey: () => (gone.isGone = true) });
        expect(accepted).to.deep.equal(["record 3"]);
        expect(lines).to.deep.equal([]);
        expect(account).to.include({ records: 1, left: 0, leftObjects: 0, replayedObjects: 1, goneObjects: 1 });
    });

    it("tells what has expired since it was looked at", async () => {
        const bundle = new StubBundle("a batch", [failed(1), failed(2), failed(3)]);
        const expire = () => {
            bundle.records = bundle.records.slice(2);
            bundle.expired = 2;
        };
        const { accepted, lines, account } = await run([bundle], { afterSurvey: expire });
        expect(accepted).to.deep.equal(["record 3"]);
        expect(lines.join()).to.match(/^Expired: 2 records of a batch, at least; /);
        expect(account).to.include({ records: 1, expired: 2, left: 0 });
    });

    it("tells an object that could not be marked; the next run sends it again", async () => {
        let isDown = true;
        const bundle = new StubBundle("a", [failed(1)], async () => {
            if (isDown) throw new Error("the bucket is away");
        });
        const first = await run([bundle]);
        expect(first.lines).to.deep.equal(["Sent, and not marked as replayed, a: Error: the bucket is away"]);
        expect(first.account).to.include({ sent: 1, leftObjects: 1 });
        isDown = false;
        const second = await run([bundle]);
        expect(second.account).to.include({ sent: 1, leftObjects: 0 });
    });

    it("marks many objects that are completed at once, all of them", async () => {
        const bundles = Array.from({ length: 300 }, (_, n) => new StubBundle(String(n), [failed(n)]));
        const { account } = await run(bundles);
        expect(account.replayedObjects).to.equal(300);
    });

    it("stops when asked to: what was read is sent and marked, the rest is left", async () => {
        const stop = new AbortController();
        const bundles = Array.from({ length: 20 }, (_, n) => new StubBundle(String(n), [failed(n)]));
        const fix: Fix = async (record) => {
            if (record.position === 5n) stop.abort();
            return asItIs(record, "");
        };
        const { account, accepted } = await run(bundles, { stop, fix });
        expect(account.replayedObjects).to.equal(accepted.length);
        expect(accepted.length).to.be.within(5, 6);
        expect(account.left).to.equal(20 - accepted.length);
    });

    it("gives up when asked to, also on a script that never answers", async () => {
        const abort = new AbortController();
        const fix: Fix = () => {
            setImmediate(() => abort.abort());
            return new Promise(() => undefined);
        };
        const { error } = await run([new StubBundle("a", [failed(1)])], { fix, abort: abort.signal });
        expect(error).to.include({ message: "Aborted.", exitCode: 130 });
    });
});

describe("replaying with a fix", () => {
    const fixing =
        (fixed: Record<string, string | null>): Fix =>
        async (record) => {
            const text = textOf(record);
            if (fixed[text] === "throw") throw new Unreadable(`the fix failed at record ${record.sequenceNumber}: no`);
            const data = text in fixed ? fixed[text] : text;
            return data === null || data === undefined ? null : { partitionKey: "fixed", data: Buffer.from(data) };
        };

    it("sends what it makes of each record", async () => {
        const { accepted } = await run([new StubBundle("a", [failed(1), failed(2)])], {
            fix: fixing({ "record 1": "better" }),
        });
        expect(accepted).to.deep.equal(["better", "record 2"]);
    });

    it("drops a record for which it answers null, and marks the object, also one without any other", async () => {
        const bundles = [new StubBundle("a", [failed(1), failed(2)]), new StubBundle("b", [failed(3)])];
        const { accepted, account } = await run(bundles, { fix: fixing({ "record 1": null, "record 3": null }) });
        expect(accepted).to.deep.equal(["record 2"]);
        expect(account).to.include({ sent: 1, dropped: 2, left: 0, replayedObjects: 2 });
    });

    it("drops a record of several objects only if it answers null for each of them", async () => {
        const bundles = ["not JSON", "given up"].map((reason) => new StubBundle(reason, [failed(1, { reason })]));
        const fix: Fix = async (record) => (record.reason === "given up" ? asItIs(record, "") : null);
        for (const list of [bundles, bundles.toReversed()]) {
            const { accepted, account } = await run(list, { fix });
            expect(accepted).to.deep.equal(["record 1"]);
            expect(account).to.include({ sent: 1, duplicates: 1, dropped: 0, replayedObjects: 2 });
        }
    });

    it("sends nothing of an object with a record at which it fails, and leaves it", async () => {
        const bundles = [new StubBundle("a", [failed(1), failed(2), failed(4)]), new StubBundle("b", [failed(3)])];
        const { accepted, account, lines } = await run(bundles, { fix: fixing({ "record 2": "throw" }) });
        expect(accepted).to.deep.equal(["record 3"]);
        expect(lines).to.deep.equal(["Left a: the fix failed at record 2: no."]);
        expect(account).to.include({ sent: 1, left: 3, replayedObjects: 1, leftObjects: 1 });
        expect(bundles.map(({ marks }) => marks)).to.deep.equal([0, 1]);
    });

    it("shows in a dry run what would be, and sends and marks nothing", async () => {
        const bundles = [new StubBundle("a", [failed(1), failed(2)]), new StubBundle("b", [failed(2), failed(3)])];
        const stream = new RecordingStream();
        const { account } = await run(bundles, { stream, isDryRun: true, fix: fixing({ "record 1": null }) });
        expect(account).to.include({ sent: 2, dropped: 1, duplicates: 1, left: 0, replayedObjects: 2, leftObjects: 0 });
        expect(stream.requests).to.equal(0);
        expect(bundles.map(({ marks }) => marks)).to.deep.equal([0, 0]);
    });
});

describe("whatever the stream and the bucket do", function () {
    it("an object is marked only after each of its records was accepted, and runs until the end lose none", async () => {
        const lists = fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });
        const moods = fc.infiniteStream(
            fc.oneof(
                { weight: 9, arbitrary: fc.constantFrom("takes", "half", "breaks") },
                { weight: 1, arbitrary: fc.constant("ends") },
            ),
        );
        const property = fc.asyncProperty(
            lists,
            moods,
            fc.infiniteStream(fc.boolean()),
            async (positions, mood, marks) => {
                const accepted = new Set<string>();
                const putRecords: PutRecords = async (records) => {
                    const now = mood.next().value as string;
                    if (now === "ends") throw new StreamFault("gone", false);
                    if (now === "breaks") throw new StreamFault("broken", true);
                    const taken = records.filter((_, index) => now === "takes" || index % 2 === 0);
                    for (const record of taken) accepted.add(textOf(record));
                    const left = records.flatMap((record, index) => (taken.includes(record) ? [] : [index]));
                    return new Map(left.map((index) => [index, { code: "InternalFailure", shardId: undefined }]));
                };
                const stream = Object.assign(new RecordingStream(), { putRecords });
                let waiting = positions.map((list, n) => {
                    const records = list.map((position) => failed(position, { partitionKey: `key ${position % 5}` }));
                    return new StubBundle(String(n), records, async () => {
                        expect(records.filter((record) => !accepted.has(textOf(record)))).to.deep.equal([]);
                        if (!marks.next().value) throw new Error("not marked");
                    });
                });
                for (let runs = 0; waiting.length > 0 && runs < 200; runs++) {
                    await run(waiting, { stream });
                    waiting = waiting.filter((bundle) => bundle.marks === 0);
                }
                expect(waiting).to.deep.equal([]);
                const all = positions.flat().map((position) => `record ${position}`);
                expect([...accepted].sort()).to.deep.equal([...new Set(all)].sort());
            },
        );
        await fc.assert(property, { numRuns: 50 });
    });
});
