import { expect } from "chai";
import * as fc from "fast-check";
import { readDeliveries } from "../../consumer/delivery";
import type { Delivery, KinesisEvent } from "../../consumer/delivery";
import { decodeItem, itemKey } from "../../consumer/item";
import type { Item } from "../../consumer/item";
import { processEvent } from "../../consumer/process-event";
import type { EventOutcome } from "../../consumer/process-event";
import { compareVersions } from "../../consumer/version";
import { aggregate, bytesOf, item, kinesisEvent, kinesisRecord, posts, sequenceNumber } from "./support/records";
import { ManualTime, RecordingBucket, RecordingTable, serviceError, throttled } from "./support/services";
import type { TableAnswer } from "./support/services";

const notJson = Buffer.from("not JSON");

async function run(
    event: KinesisEvent,
    { table = new RecordingTable(), bucket = new RecordingBucket(), time = new ManualTime() } = {},
): Promise<{ outcome: EventOutcome; table: RecordingTable; bucket: RecordingBucket }> {
    return { outcome: await processEvent(event, { table, bucket, pace: time.pace() }), table, bucket };
}

describe("processing an event", () => {
    it("stores the good records around a malformed one in the middle of the batch", async () => {
        const { outcome, table, bucket } = await run(kinesisEvent([...posts(3), notJson, bytesOf({ id: "last" })]));
        expect(outcome).to.deep.include({
            records: 5,
            stored: 4,
            quarantined: 1,
            failed: 0,
            failedSequenceNumbers: [],
        });
        expect(table.items.size).to.equal(4);
        expect(bucket.lines()).to.have.length(1);
        expect(bucket.lines()[0]).to.include({ reason: "not JSON", sequenceNumber: sequenceNumber(3) });
        expect(Buffer.from(bucket.lines()[0]?.data ?? "", "base64")).to.deep.equal(notJson);
    });

    it("does nothing for an event without records", async () => {
        const { outcome } = await run({ Records: [] });
        expect(outcome).to.deep.include({ records: 0, failedSequenceNumbers: [], lastArrivalMs: undefined });
    });

    it("leaves the same table and the same quarantine when the same batch comes twice", async () => {
        const event = kinesisEvent([...posts(30), notJson, bytesOf({ id: "7", message: "edited" })]);
        const once = await run(event);
        const twice = await run(event, await run(event));
        expect(twice.table.items).to.deep.equal(once.table.items);
        expect(twice.bucket.objects).to.deep.equal(once.bucket.objects);
        expect(once.table.items.get(itemKey(item({ Id: "7" })))?.Message).to.equal("edited");
    });

    it("lets posts expire so many days after their arrival, at every delivery at the same time", async () => {
        const event = { Records: [kinesisRecord(bytesOf(), 0, { arrivalSeconds: 1_000_000.9 })] };
        const [table, bucket] = [new RecordingTable(), new RecordingBucket()];
        await processEvent(event, { table, bucket, pace: new ManualTime().pace(), ttlDays: 2 });
        expect(table.items.get(itemKey(item()))?.ExpiresAt).to.equal(1_000_000 + 2 * 86_400);
        await run(event, { table, bucket });
        expect(table.items.get(itemKey(item()))).to.not.have.property("ExpiresAt");
    });

    it("reports the records in the order of the stream, lowest sequence number first", async () => {
        const table = new RecordingTable((items) => items.filter(({ Id }) => ["2", "8"].includes(Id)));
        const datas = [notJson, ...posts(9)];
        const bucket = new RecordingBucket(() => serviceError("AccessDenied", 403));
        const { outcome } = await run(kinesisEvent(datas), { table, bucket, time: new ManualTime(300) });
        expect(outcome.failedSequenceNumbers).to.deep.equal([0, 3, 9].map(sequenceNumber));
        expect(outcome).to.include({ records: 10, stored: 7, quarantined: 0, failed: 3 });
    });

    it("reports malformed records that could not be quarantined, and stores the rest", async () => {
        const bucket = new RecordingBucket(() => serviceError("InternalError", 500));
        const { outcome } = await run(kinesisEvent([...posts(2), notJson]), { bucket });
        expect(outcome.failedSequenceNumbers).to.deep.equal([sequenceNumber(2)]);
        expect(outcome.stored).to.equal(2);
    });

    it("quarantines a record that only the table knows to be impossible", async () => {
        const table = new RecordingTable((items) =>
            items.some(({ Id }) => Id === "1") ? serviceError("ValidationException", 400, "no such item") : undefined,
        );
        const { outcome, bucket } = await run(kinesisEvent(posts(3)), { table });
        expect(outcome).to.include({ stored: 2, quarantined: 1, failed: 0 });
        expect(bucket.lines()[0]).to.include({
            reason: "refused by the table: no such item",
            sequenceNumber: sequenceNumber(1),
        });
    });

    it("stores and quarantines the records of an aggregate one by one", async () => {
        const parts = [bytesOf({ id: "a" }), notJson, bytesOf({ id: "b" })].map((data) => ({
            partitionKey: "grace",
            data,
        }));
        const { outcome, bucket } = await run(kinesisEvent([aggregate(parts)]));
        expect(outcome).to.include({ records: 3, stored: 2, quarantined: 1 });
        expect(bucket.lines()[0]).to.include({ partitionKey: "grace", data: notJson.toString("base64") });
    });

    it("reports an aggregate once, however many of its records failed", async () => {
        const parts = [bytesOf({ id: "a" }), bytesOf({ id: "b" })].map((data) => ({ partitionKey: "grace", data }));
        const { outcome } = await run(kinesisEvent([aggregate(parts)]), { time: new ManualTime(0) });
        expect(outcome.failedSequenceNumbers).to.deep.equal([sequenceNumber(0)]);
        expect(outcome.failed).to.equal(2);
    });

    it("tells the fault that only a repair ends", async () => {
        const table = new RecordingTable(() =>
            serviceError("ResourceNotFoundException", 400, "Requested resource not found"),
        );
        const { outcome } = await run(kinesisEvent(posts(2)), { table });
        expect(outcome.lasting).to.include({
            name: "ResourceNotFoundException",
            message: "Requested resource not found",
        });
        expect(outcome.failed).to.equal(2);
    });

    it("rejects what is no event of a stream", async () => {
        const services = { table: new RecordingTable(), bucket: new RecordingBucket(), pace: new ManualTime().pace() };
        const error = await processEvent({}, services).catch((thrown: unknown) => thrown);
        expect(error).to.have.property(
            "message",
            "Expected an event of a Kinesis stream, but it has no list `Records`",
        );
    });
});

/** Records with few keys, so that many have the same one; some malformed, some refused by the table, some packed together. */
const good = fc.record({
    id: fc.constantFrom("a", "b", "c", "d"),
    message: fc.constantFrom("x", "🔥", "日本", "poison"),
});
const data = fc.oneof(
    { weight: 6, arbitrary: good.map((fields) => bytesOf(fields)) },
    { weight: 2, arbitrary: fc.nat().map((id) => bytesOf({ id: String(id) })) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    {
        weight: 1,
        arbitrary: fc
            .array(good, { minLength: 1, maxLength: 4 })
            .map((parts) => aggregate(parts.map((fields) => ({ partitionKey: "p", data: bytesOf(fields) })))),
    },
);
const events = fc
    .array(data, { maxLength: 60 })
    .chain((datas) =>
        fc.shuffledSubarray(
            datas.map((bytes, n) => kinesisRecord(bytes, n)),
            { minLength: datas.length },
        ),
    )
    .map((Records) => ({ Records }));

type Mood = "takes" | "half" | "throttled" | "broken" | "unreadable" | "denied";
const moods = (allowed: Mood[]) => fc.infiniteStream(fc.constantFrom<Mood>("takes", ...allowed));

function moodyAnswer(stream: Iterator<Mood>): TableAnswer {
    return (items) => {
        if (items.some(({ Message }) => Message === "poison"))
            return serviceError("ValidationException", 400, "poison");
        const mood = stream.next().value as Mood;
        if (mood === "half") return items.filter((_, index) => index % 2 === 0);
        if (mood === "throttled") return throttled();
        if (mood === "broken") return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
        if (mood === "unreadable") return new SyntaxError("Unexpected end of JSON input");
        return mood === "denied" ? serviceError("AccessDeniedException", 400) : undefined;
    };
}

function refuse(items: Item[]): Error | undefined {
    const poisoned = items.some(({ Message }) => Message === "poison");
    return poisoned ? serviceError("ValidationException", 400, "poison") : undefined;
}

/** Fails unless the delivery is in the quarantine, or the table has its item or a later one with the same key. */
function expectKept(delivery: Delivery, all: Delivery[], table: RecordingTable, bucket: RecordingBucket): void {
    if (quarantinedLines(bucket).has(lineId(delivery.sequenceNumber, Buffer.from(delivery.data).toString("base64"))))
        return;
    const decoded = decodeItem(delivery.data, delivery);
    if (!decoded.ok) throw new Error(`a malformed record is not in the quarantine: ${decoded.reason}`);
    const key = itemKey(decoded.item);
    const allowed = all
        .filter((other) => compareVersions(other, delivery) >= 0)
        .flatMap((other) => {
            const result = decodeItem(other.data, other);
            return result.ok && itemKey(result.item) === key ? [result.item] : [];
        });
    expect(allowed).to.deep.include(table.items.get(key));
}

const lineId = (number: string | undefined, base64: string | undefined) => `${number ?? ""} ${base64 ?? ""}`;

function quarantinedLines(bucket: RecordingBucket): Set<string> {
    return new Set(bucket.lines().map((line) => lineId(line.sequenceNumber, line.data)));
}

describe("whatever happens", () => {
    it("each record is stored, superseded by a stored one, quarantined, or reported", async () => {
        const disturbances = fc.record({
            tableMoods: moods(["half", "throttled", "broken", "unreadable", "denied"]),
            bucketFault: fc.constantFrom(undefined, serviceError("InternalError", 500)),
            leftMs: fc.integer({ min: -5, max: 2_000 }),
        });
        const property = fc.asyncProperty(events, disturbances, async (event, { tableMoods, bucketFault, leftMs }) => {
            const table = new RecordingTable(moodyAnswer(tableMoods));
            const bucket = new RecordingBucket(() => bucketFault);
            const { outcome } = await run(event, { table, bucket, time: new ManualTime(leftMs) });
            expect(outcome.stored + outcome.quarantined + outcome.failed).to.equal(outcome.records);
            const all = readDeliveries(event);
            for (const delivery of all) {
                if (outcome.failedSequenceNumbers.includes(delivery.sequenceNumber)) continue;
                expectKept(delivery, all, table, bucket);
            }
        });
        await fc.assert(property, { numRuns: 500 });
    });

    it("deliveries from each checkpoint on end with the table of an undisturbed run", async () => {
        const disturbances = moods(["half", "throttled", "broken", "unreadable"]);
        const property = fc.asyncProperty(events, disturbances, async (event, tableMoods) => {
            const ideal = await run(event, { table: new RecordingTable(refuse) });
            const bucket = new RecordingBucket();
            const table = new RecordingTable(moodyAnswer(tableMoods));
            let rest = event.Records;
            for (let deliveries = 0; rest.length > 0; deliveries++) {
                // The disturbances end some time, so that the deliveries do.
                const current =
                    deliveries < 5 ? table : Object.assign(new RecordingTable(refuse), { items: table.items });
                const { outcome } = await run({ Records: rest }, { table: current, bucket, time: new ManualTime(200) });
                const checkpoint = outcome.failedSequenceNumbers[0];
                // The numbers have one length here, so that they are in order as text.
                rest = rest.filter(({ kinesis }) => checkpoint !== undefined && kinesis.sequenceNumber >= checkpoint);
            }
            expect(table.items).to.deep.equal(ideal.table.items);
            expect([...quarantinedLines(bucket)]).to.include.members([...quarantinedLines(ideal.bucket)]);
        });
        await fc.assert(property, { numRuns: 300 });
    });
});
