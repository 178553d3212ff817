import { expect } from "chai";
import { heapArguments, logStreamName } from "../../../local/lambda/process-environment";

describe("process environment", () => {
    it("gives nine tenths of the memory to the old generation", () => {
        expect(heapArguments(128)).to.deep.equal(["--max-old-space-size=115", "--max-semi-space-size=6"]);
        expect(heapArguments(10_240)).to.deep.equal(["--max-old-space-size=9216", "--max-semi-space-size=512"]);
    });

    it("names a log stream by its day and its environment", () => {
        const name = logStreamName(new Date("2026-11-23T23:59:59Z"), "5f0c");
        expect(name).to.equal("2026/11/23/[$LATEST]5f0c");
    });
});
