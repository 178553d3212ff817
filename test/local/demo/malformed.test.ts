import { expect } from "chai";
import { decodeItem } from "../../../consumer/item";
import { malformedRecords } from "../../../local/demo/malformed";

describe("the malformed records of a demo", () => {
    it("are all different, and none can become an item", () => {
        const records = malformedRecords(200);
        expect(new Set(records.map((record) => Buffer.from(record).toString("base64"))).size).to.equal(200);
        for (const record of records)
            expect(decodeItem(record, { sequenceNumber: "1", subSequenceNumber: 0 }).ok).to.equal(false);
    });

    it("have no more memory than a few that are too large, however many they are", () => {
        const records = malformedRecords(20_000);
        const large = records.filter(({ length }) => length > 100_000);
        expect(large).to.have.length(10);
        expect(records.reduce((bytes, { length }) => bytes + length, 0)).to.be.lessThan(30_000_000);
    });
});
