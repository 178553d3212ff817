import { expect } from "chai";
import { FunctionLog, LOG_BYTES_MAX, LOG_LINE_CHARACTERS_MAX, LOG_LINES_MAX } from "../../../local/lambda/function-log";

describe("function log", () => {
    const log = (): FunctionLog => new FunctionLog("processor", () => undefined);

    it("keeps the newest lines up to the limit", () => {
        const bounded = log();
        for (let line = 0; line < LOG_LINES_MAX * 2 + 5; line += 1) {
            bounded.append("stream", String(line));
        }
        const kept = bounded.read();
        expect(kept).to.have.lengthOf(LOG_LINES_MAX);
        expect(kept[0]?.message).to.equal(String(LOG_LINES_MAX + 5));
        expect(kept.at(-1)?.message).to.equal(String(LOG_LINES_MAX * 2 + 4));
    });

    it("keeps the newest bytes up to the limit, and cuts what is longer than a log event", () => {
        const bounded = log();
        for (let line = 0; line < 20; line += 1) {
            bounded.append("stream", "x".repeat(LOG_LINE_CHARACTERS_MAX + 1));
        }
        const lengths = bounded.read().map(({ message }) => message.length);
        expect(new Set(lengths)).to.deep.equal(new Set([LOG_LINE_CHARACTERS_MAX]));
        expect(lengths).to.have.lengthOf(LOG_BYTES_MAX / LOG_LINE_CHARACTERS_MAX);
    });
});
