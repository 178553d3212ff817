import { expect } from "chai";
import { isLogged, levelOfLine } from "../../../local/lambda/log-level";

const timestamp = "2026-11-27T08:00:00.000Z";

describe("the level of a line that a function writes", () => {
    for (const [what, line, level] of [
        ["the one that it names", { timestamp, level: "ERROR" }, "ERROR"],
        ["the one that it names in small letters", { timestamp, level: "debug" }, "DEBUG"],
        ["INFO where it names none", { timestamp, message: "x" }, "INFO"],
        ["INFO where there is no such level", { timestamp, level: "notice" }, "INFO"],
        ["INFO where the level is a number", { timestamp, level: 50 }, "INFO"],
        ["INFO where it has no timestamp", { level: "error" }, "INFO"],
        ["INFO where the timestamp is no RFC 3339", { timestamp: "yesterday", level: "error" }, "INFO"],
        ["INFO where it is text", "error", "INFO"],
        ["INFO where it is no JSON", '{"level":"ERROR"', "INFO"],
        ["INFO where it is another JSON", "[1]", "INFO"],
        ["INFO where it is empty", "", "INFO"],
    ] as const) {
        it(`is ${what}`, () => {
            expect(levelOfLine(typeof line === "string" ? line : JSON.stringify(line))).to.equal(level);
        });
    }

    it("is logged at its own level and at those with more detail", () => {
        expect(isLogged("WARN", "WARN")).to.equal(true);
        expect(isLogged("WARN", "TRACE")).to.equal(true);
        expect(isLogged("WARN", "ERROR")).to.equal(false);
    });
});
