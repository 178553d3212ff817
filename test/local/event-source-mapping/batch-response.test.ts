import { expect } from "chai";
import { readBatchResponse } from "../../../local/event-source-mapping/batch-response";

const BATCH = ["101", "102", "103"];

describe("response of a function that reports batch item failures", () => {
    for (const payload of [
        "null",
        "",
        "{}",
        '{"batchItemFailures":null}',
        '{"batchItemFailures":[]}',
        '""',
        '{"other":1}',
    ]) {
        it(`${payload || "(nothing)"} is success`, () => {
            expect(readBatchResponse(payload, BATCH)).to.deep.equal({ kind: "success" });
        });
    }

    it("checkpoints at the lowest reported number, in whichever order they are", () => {
        const payload = JSON.stringify({ batchItemFailures: [{ itemIdentifier: "103" }, { itemIdentifier: "102" }] });
        expect(readBatchResponse(payload, BATCH)).to.deep.equal({ kind: "partial", firstFailedIndex: 1 });
    });

    for (const response of [
        { batchItemFailures: [{ itemIdentifier: "" }] },
        { batchItemFailures: [{ itemIdentifier: null }] },
        { batchItemFailures: [{ identifier: "102" }] },
        { batchItemFailures: [{ itemIdentifier: "999" }] },
        { batchItemFailures: [{ itemIdentifier: 102 }] },
        { batchItemFailures: [{ itemIdentifier: "102" }, { itemIdentifier: "999" }] },
        { batchItemFailures: ["102"] },
        { batchItemFailures: [null] },
        { batchItemFailures: "102" },
        "102",
        ["102"],
        1,
    ]) {
        it(`${JSON.stringify(response)} fails the whole batch`, () => {
            expect(readBatchResponse(JSON.stringify(response), BATCH).kind).to.equal("malformed");
        });
    }

    it("that is no JSON fails the whole batch", () => {
        expect(readBatchResponse("oops", BATCH).kind).to.equal("malformed");
    });
});
