import { expect } from "chai";
import type { Item } from "../../consumer/item";
import { REQUESTS_IN_FLIGHT_MAX, REQUEST_BYTES_MAX, storeLatest } from "../../consumer/table-writer";
import type { Candidate } from "../../consumer/table-writer";
import { delivery, item, sequenceNumber } from "./support/records";
import { ManualTime, RecordingTable, serviceError, throttled } from "./support/services";

function candidate(n: number, overrides: Partial<Item> = {}): Candidate {
    return {
        delivery: delivery(n),
        item: item({ Id: String(n), SequenceNumber: sequenceNumber(n), ...overrides }),
        isReplay: false,
    };
}

/** A replayed post: it is in the stream at `n`, and was there first at `original`. */
function replayed(n: number, original: number, overrides: Partial<Item> = {}): Candidate {
    return { ...candidate(n, { SequenceNumber: sequenceNumber(original), ...overrides }), isReplay: true };
}

function candidates(count: number): Candidate[] {
    return Array.from({ length: count }, (_, n) => candidate(n));
}

function numbers(deliveries: { sequenceNumber: string }[]): string[] {
    return deliveries.map((each) => each.sequenceNumber).sort();
}

function sizes(table: RecordingTable): number[] {
    return table.requests.map((request) => request.length);
}

const refusedItem = () => serviceError("ValidationException", 400, "Item size has exceeded the maximum allowed size");

describe("writing posts to the table", () => {
    it("sends no request for nothing", async () => {
        const table = new RecordingTable();
        const outcome = await storeLatest([], table, new ManualTime().pace());
        expect(outcome).to.deep.equal({ stored: [], refused: [], failed: [], retried: 0, faults: [] });
        expect(table.requests).to.have.length(0);
    });

    it("puts the 26th item into a second request", async () => {
        const table = new RecordingTable();
        const { stored } = await storeLatest(candidates(26), table, new ManualTime().pace());
        expect(sizes(table)).to.deep.equal([25, 1]);
        expect(stored).to.have.length(26);
        expect(table.items.size).to.equal(26);
    });

    it("divides requests by their size as JSON", async () => {
        const table = new RecordingTable();
        // 300 kB each once stored, 1.8 MB each in JSON: eight of them stay below 16 MB.
        const Message = "\u0001".repeat(300_000);
        await storeLatest(
            candidates(10).map((each) => ({ ...each, item: { ...each.item, Message } })),
            table,
            new ManualTime().pace(),
        );
        expect(sizes(table)).to.deep.equal([8, 2]);
        for (const items of table.requests) expect(JSON.stringify(items).length).to.be.lessThan(REQUEST_BYTES_MAX);
    });

    it("has several requests in flight, and no more than the limit", async () => {
        const table = new RecordingTable();
        await storeLatest(candidates(1_000), table, new ManualTime().pace());
        expect(table.inFlightMost).to.equal(REQUESTS_IN_FLIGHT_MAX);
        expect(table.items.size).to.equal(1_000);
    });

    it("stores the latest of two posts with one key, whatever their order in the event", async () => {
        const older = candidate(8, { Id: "x", Message: "older" });
        const newer = candidate(11, { Id: "x", Message: "newer" });
        for (const event of [
            [older, newer],
            [newer, older],
        ]) {
            const table = new RecordingTable();
            const { stored } = await storeLatest(event, table, new ManualTime().pace());
            expect([...table.items.values()].map(({ Message }) => Message)).to.deep.equal(["newer"]);
            expect(table.requests).to.have.length(1);
            expect(numbers(stored)).to.deep.equal([sequenceNumber(8), sequenceNumber(11)]);
        }
    });
});

describe("a replayed post", () => {
    const messages = (table: RecordingTable) => [...table.items.values()].map(({ Message }) => Message);
    const store = (table: RecordingTable, batch: Candidate[]) => storeLatest(batch, table, new ManualTime().pace());

    it("that the table has not is stored, in a request of its own", async () => {
        const table = new RecordingTable();
        const { stored } = await store(table, [candidate(7), replayed(8, 2), candidate(9), replayed(10, 3)]);
        expect(sizes(table)).to.deep.equal([2, 1, 1]);
        expect(stored).to.have.length(4);
        expect(table.items.size).to.equal(4);
    });

    it("takes the place of an older version, and of itself", async () => {
        const table = new RecordingTable();
        await store(table, [candidate(1, { Id: "x", Message: "older" })]);
        await store(table, [replayed(5, 2, { Id: "x", Message: "newer" })]);
        await store(table, [replayed(6, 2, { Id: "x", Message: "newer" })]);
        expect(messages(table)).to.deep.equal(["newer"]);
    });

    it("leaves a later version, and counts as stored", async () => {
        const table = new RecordingTable();
        await store(table, [candidate(4, { Id: "x", Message: "newer" })]);
        const { stored, failed } = await store(table, [replayed(5, 2, { Id: "x", Message: "older" })]);
        expect(messages(table)).to.deep.equal(["newer"]);
        expect([stored.length, failed.length]).to.deep.equal([1, 0]);
    });

    it("gives way to a later version in its own delivery, although it comes after it", async () => {
        const table = new RecordingTable();
        await store(table, [
            candidate(4, { Id: "x", Message: "newer" }),
            replayed(5, 2, { Id: "x", Message: "older" }),
        ]);
        expect(messages(table)).to.deep.equal(["newer"]);
        expect(sizes(table)).to.deep.equal([1]);
    });

    it("is sent again when the table is throttled, and reported when the time is used up", async () => {
        const briefly = new RecordingTable((_, request) => (request < 2 ? throttled() : undefined));
        expect((await store(briefly, [replayed(5, 2)])).stored).to.have.length(1);
        const forLong = new RecordingTable(() => throttled());
        expect((await storeLatest([replayed(5, 2)], forLong, new ManualTime(300).pace())).failed).to.have.length(1);
    });
});

describe("a table that does not take everything", () => {
    it("gets the unprocessed items again, and nothing else", async () => {
        const table = new RecordingTable((items, request) => (request === 0 ? items.slice(0, 3) : []));
        const outcome = await storeLatest(candidates(25), table, new ManualTime().pace());
        expect(sizes(table)).to.deep.equal([25, 3]);
        expect(outcome.retried).to.equal(3);
        expect(outcome.stored).to.have.length(25);
        expect(table.items.size).to.equal(25);
    });

    it("gets a throttled request again after growing waits", async () => {
        const table = new RecordingTable((_, request) => (request < 4 ? throttled() : undefined));
        const time = new ManualTime();
        const outcome = await storeLatest(candidates(2), table, time.pace());
        expect(time.sleeps).to.deep.equal([25, 50, 100, 200]);
        expect(outcome.retried).to.equal(8);
        expect(outcome.stored).to.have.length(2);
        expect(outcome.faults).to.have.length(4);
    });

    it("has its items reported when the time is used up", async () => {
        const table = new RecordingTable((items) => items.filter(({ Id }) => Id === "1"));
        const time = new ManualTime(10_000);
        const { stored, failed } = await storeLatest(candidates(3), table, time.pace());
        expect(numbers(stored)).to.deep.equal([sequenceNumber(0), sequenceNumber(2)]);
        expect(numbers(failed)).to.deep.equal([sequenceNumber(1)]);
        expect(time.pace().remainingMs()).to.be.within(0, 1_500);
    });

    it("is not asked when no time is left at the start", async () => {
        const table = new RecordingTable();
        const { failed } = await storeLatest(candidates(30), table, new ManualTime(0).pace());
        expect(failed).to.have.length(30);
        expect(table.requests).to.have.length(0);
    });

    it("has both posts of a key reported if the later one is not stored", async () => {
        const table = new RecordingTable((items) => items);
        const posts = [candidate(1, { Id: "x" }), candidate(2), candidate(3, { Id: "x" })];
        const { failed } = await storeLatest(posts, table, new ManualTime(500).pace());
        expect(numbers(failed)).to.deep.equal([sequenceNumber(1), sequenceNumber(2), sequenceNumber(3)]);
    });

    it("has everything sent again if it names an item as unprocessed that was never sent", async () => {
        const table = new RecordingTable((_, request) => (request === 0 ? [item({ Id: "strange" })] : []));
        const outcome = await storeLatest(candidates(2), table, new ManualTime().pace());
        expect(sizes(table)).to.deep.equal([2, 2]);
        expect(outcome.stored).to.have.length(2);
    });

    it("does not hold up the other requests with one that hangs in retries", async () => {
        const table = new RecordingTable((items) => (items.some(({ Id }) => Id === "0") ? throttled() : undefined));
        const { stored, failed } = await storeLatest(candidates(100), table, new ManualTime(5_000).pace());
        expect(stored).to.have.length(75);
        expect(failed).to.have.length(25);
    });
});

describe("a table that refuses a record", () => {
    const poison = (items: Item[]) => (items.some(({ Message }) => Message === "poison") ? refusedItem() : undefined);

    it("has the one at fault found, and stores the other 24", async () => {
        const table = new RecordingTable(poison);
        const batch = candidates(25).map((each, n) => (n === 7 ? candidate(7, { Message: "poison" }) : each));
        const outcome = await storeLatest(batch, table, new ManualTime().pace());
        expect(outcome.refused.map((each) => [each.delivery.sequenceNumber, each.reason])).to.deep.equal([
            [sequenceNumber(7), "refused by the table: Item size has exceeded the maximum allowed size"],
        ]);
        expect(outcome.stored).to.have.length(24);
        expect(outcome.retried).to.equal(25);
        expect(table.items.size).to.equal(24);
    });

    it("gets the earlier post of the same key instead", async () => {
        const table = new RecordingTable(poison);
        const batch = [
            candidate(1, { Id: "x", Message: "first" }),
            candidate(2, { Id: "x", Message: "second" }),
            candidate(3, { Id: "x", Message: "poison" }),
        ];
        const { stored, refused } = await storeLatest(batch, table, new ManualTime().pace());
        expect([...table.items.values()].map(({ Message }) => Message)).to.deep.equal(["second"]);
        expect(numbers(stored)).to.deep.equal([sequenceNumber(1), sequenceNumber(2)]);
        expect(refused.map((each) => each.delivery.sequenceNumber)).to.deep.equal([sequenceNumber(3)]);
    });

    it("has the records reported that could not be sent alone in time", async () => {
        const time = new ManualTime(1_000);
        const table = new RecordingTable((items) => {
            time.pass(400);
            return poison(items);
        });
        const batch = [candidate(0), candidate(1, { Message: "poison" }), candidate(2)];
        const { stored, refused, failed } = await storeLatest(batch, table, time.pace());
        expect([numbers(stored), refused.length, numbers(failed)]).to.deep.equal([
            [sequenceNumber(0)],
            1,
            [sequenceNumber(2)],
        ]);
    });
});

describe("a table that cannot be written to at all", () => {
    for (const name of ["AccessDeniedException", "ResourceNotFoundException"]) {
        it(`is not asked again after ${name}`, async () => {
            const table = new RecordingTable(() => serviceError(name, 400));
            const { failed, faults, retried } = await storeLatest(candidates(1_000), table, new ManualTime().pace());
            expect(failed).to.have.length(1_000);
            expect(table.requests.length).to.be.at.most(REQUESTS_IN_FLIGHT_MAX);
            expect(faults[0]).to.include({ kind: "lasting", name });
            expect(retried).to.equal(0);
        });
    }
});
