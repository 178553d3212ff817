import { expect } from "chai";
import { groupSame, type Entry } from "../../replay/entry";
import type { FailedRecord } from "../../replay/failed-record";
import { failed, StubBundle } from "./support/records";

function entry(from: string, overrides: Partial<FailedRecord> = {}): Entry {
    const record = failed(1, overrides);
    const progress = { bundle: new StubBundle(from, []), remaining: 1 };
    return { position: 1n, record, fixed: { partitionKey: "ada", data: record.data }, progress };
}

/** The bundles that have each record. */
const namesOf = (entries: readonly Entry[]) =>
    groupSame(entries).map(([, owners]) => owners.map(({ bundle }) => bundle.name));

describe("the records at one position of the stream", () => {
    it("are the same if place, key and data are", () => {
        expect(namesOf([entry("a"), entry("b"), entry("c")])).to.deep.equal([["a", "b", "c"]]);
        for (const other of [{ data: Buffer.from("other") }, { partitionKey: "bob" }, { subSequenceNumber: 1 }]) {
            expect(namesOf([entry("a"), entry("b", other), entry("c")])).to.deep.equal([["a", "c"], ["b"]]);
        }
    });

    it("come in the order in which they were packed", () => {
        const places = [3, 0, 2].map((subSequenceNumber) => entry(String(subSequenceNumber), { subSequenceNumber }));
        expect(namesOf(places)).to.deep.equal([["0"], ["2"], ["3"]]);
    });

    it("can be as many as have room in a record", () => {
        const entries = Array.from({ length: 100_000 }, (_, subSequenceNumber) => entry("a", { subSequenceNumber }));
        expect(groupSame([...entries, ...entries]).length).to.equal(100_000);
    });
});
