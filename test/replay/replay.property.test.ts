import * as fc from "fast-check";
import { expect } from "chai";
import type { KinesisEvent, KinesisEventRecord } from "../../consumer/delivery";
import { processEvent } from "../../consumer/process-event";
import type { PutRecords } from "../../producer/put-records";
import { StreamFault } from "../../producer/stream-fault";
import { Unreadable, type Bundle } from "../../replay/failed-record";
import { asItIs, type Fix } from "../../replay/fix";
import { readAwsObject, readQuarantineObject } from "../../replay/objects";
import { replayAll } from "../../replay/replay";
import { ReplayAccount } from "../../replay/replay-account";
import { aggregate, kinesisRecord, post } from "../consumer/support/records";
import { ManualTime, RecordingBucket, RecordingTable, throttled } from "../consumer/support/services";
import { VirtualTime } from "../producer/virtual-time";
import { givenUpObject } from "./support/deployed-stack";
import { surveyed } from "./support/records";

/** One version of a post; one that is not fit for the table has a number as its id, until a fix makes it a text. */
interface Sent {
    readonly id: "1" | "2" | "3";
    readonly isFit: boolean;
}

/** What the table takes of a delivery; half is an item of the first request. */
type Takes = "all" | "half" | "none";

type Action =
    /** Versions are sent to the stream, each in a record of its own, or all packed into one. */
    | { readonly kind: "send"; readonly posts: Sent[]; readonly isPacked: boolean }
    /** The function gets the next records; the table takes what it likes, and Lambda delivers the rest again, or gives it up. */
    | { readonly kind: "deliver"; readonly records: number; readonly takes: Takes; readonly givesUp: boolean }
    /** A replay of everything, which ends after so many requests, and cannot mark some objects. */
    | { readonly kind: "replay"; readonly isFixing: boolean; readonly requests: number; readonly marks: boolean }
    /** The mapping is made again, and starts at the beginning of the stream. */
    | { readonly kind: "restart" };

const sent: fc.Arbitrary<Sent> = fc.record({ id: fc.constantFrom("1", "2", "3"), isFit: fc.boolean() });
const action = fc.oneof<fc.Arbitrary<Action>[]>(
    fc.record({
        kind: fc.constant("send"),
        posts: fc.array(sent, { minLength: 1, maxLength: 4 }),
        isPacked: fc.boolean(),
    }),
    fc.record({
        kind: fc.constant("deliver"),
        records: fc.integer({ min: 1, max: 5 }),
        takes: fc.constantFrom("all", "half", "none"),
        givesUp: fc.boolean(),
    }),
    fc.record({
        kind: fc.constant("replay"),
        isFixing: fc.boolean(),
        requests: fc.integer({ min: 1, max: 8 }),
        marks: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("restart") }),
);

const fixing: Fix = async ({ partitionKey, data }) => {
    // It makes a new object, and so leaves out what a replay has added.
    const { id, message } = JSON.parse(Buffer.from(data).toString()) as { id: unknown; message: string };
    return { partitionKey, data: Buffer.from(JSON.stringify(post({ id: String(id), message }))) };
};

/** Stream, function, table and bucket, with time passing only where a test says so. */
class World {
    readonly table = new RecordingTable();
    private readonly quarantine = new RecordingBucket();
    private readonly givenUp = new Map<string, string>();
    private readonly stream: KinesisEventRecord[] = [];
    private nextRecord = 0;
    private versions = 0;
    /** The message of the last version of each post that was sent. */
    readonly latest = new Map<string, string>();

    send(posts: readonly Sent[], isPacked: boolean): void {
        const datas = posts.map(({ id, isFit }) => {
            const message = `version ${this.versions++}`;
            this.latest.set(id, message);
            return Buffer.from(JSON.stringify({ ...post({ message }), id: isFit ? id : Number(id) }));
        });
        const packed = () => aggregate(datas.map((data) => ({ partitionKey: "ada", data })));
        for (const data of isPacked ? [packed()] : datas) this.append(data);
    }

    async deliver(count: number, takes: Takes, givesUp: boolean): Promise<void> {
        const Records = this.stream.slice(this.nextRecord, this.nextRecord + count);
        const table = Object.assign(
            new RecordingTable((items, request) => {
                if (takes === "all") return undefined;
                return takes === "none" || request > 0 ? throttled() : items.slice(1);
            }),
            { items: this.table.items },
        );
        const pace = new ManualTime(takes === "all" ? 60_000 : 60).pace();
        const outcome = await processEvent({ Records }, { table, bucket: this.quarantine, pace });
        const [checkpoint] = outcome.failedSequenceNumbers;
        const failedAt = Records.findIndex(({ kinesis }) => kinesis.sequenceNumber === checkpoint);
        if (failedAt !== -1 && givesUp) this.giveUp({ Records: Records.slice(failedAt) });
        this.nextRecord += failedAt === -1 || givesUp ? Records.length : failedAt;
    }

    restart(): void {
        this.nextRecord = 0;
    }

    async replay(fix: Fix, requestsMax: number, marks: boolean): Promise<void> {
        const bundles = [
            ...this.bundlesOf(this.quarantine.objects, readQuarantineObject, marks),
            ...this.bundlesOf(this.givenUp, readAwsObject, marks),
        ];
        let requests = 0;
        const putRecords: PutRecords = async (records) => {
            requests += 1;
            const isThrottled = requests % 3 === 0;
            if (!isThrottled) for (const { data } of records) this.append(data);
            // A killed replay has been told nothing of what the stream has taken.
            if (requests === requestsMax) throw new StreamFault("killed", false);
            const rejection = { code: "InternalFailure", shardId: undefined };
            return new Map(isThrottled ? records.map((_, index) => [index, rejection]) : []);
        };
        const time = new VirtualTime();
        const replaying = replayAll({
            surveyed: await surveyed(bundles),
            fix,
            account: new ReplayAccount(bundles.length, 0, 0),
            putRecords,
            surroundings: time.surroundings(() => 0.5),
            stop: new AbortController(),
            abort: new AbortController().signal,
            onLeft: () => undefined,
            onTrouble: () => undefined,
        });
        await time.run(replaying).catch((error: unknown) => {
            if ((error as Error).message !== "killed") throw error;
        });
    }

    /** Until all that was sent is in the table. */
    async settle(): Promise<void> {
        for (let rounds = 0; rounds < 20; rounds += 1) {
            while (this.nextRecord < this.stream.length) await this.deliver(5, "all", false);
            if (this.quarantine.objects.size + this.givenUp.size === 0) return;
            await this.replay(fixing, Infinity, true);
        }
        throw new Error("There is always something more to replay.");
    }

    private append(data: Uint8Array): void {
        this.stream.push(kinesisRecord(data, this.stream.length));
    }

    private giveUp(event: KinesisEvent): void {
        this.givenUp.set(`aws/lambda/${this.givenUp.size}/${this.nextRecord}`, givenUpObject(event));
    }

    private bundlesOf(objects: Map<string, string>, read: typeof readAwsObject, marks: boolean): Bundle[] {
        return Array.from(objects, ([name, text]) => ({
            name,
            origin: "",
            load: async () => ({ records: read(Buffer.from(text)), expired: 0, bytes: text.length }),
            markReplayed: async () => {
                if (!marks) throw new Unreadable("the bucket is away");
                objects.delete(name);
            },
        }));
    }
}

describe("the table, whatever was sent, given up, and replayed how often", () => {
    it("has the latest version of each post in the end", async () => {
        const property = fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
            const world = new World();
            for (const each of actions) {
                if (each.kind === "send") world.send(each.posts, each.isPacked);
                if (each.kind === "deliver") await world.deliver(each.records, each.takes, each.givesUp);
                if (each.kind === "replay")
                    await world.replay(each.isFixing ? fixing : asItIs, each.requests, each.marks);
                if (each.kind === "restart") world.restart();
            }
            await world.settle();
            const messages = Array.from(world.table.items.values(), ({ Id, Message }) => [Id, Message] as const);
            expect(new Map(messages)).to.deep.equal(world.latest);
        });
        await fc.assert(property, { numRuns: 500 });
    });
});
