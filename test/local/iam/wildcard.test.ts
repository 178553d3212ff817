import { runInNewContext } from "node:vm";
import { expect } from "chai";
import fc from "fast-check";
import { compilePattern, matches, variablesOf } from "../../../local/iam/wildcard";

const noVariable = (): undefined => undefined;
const isMatch = (pattern: string, value: string): boolean => matches(compilePattern(pattern), value, noVariable);

/** Short texts of few letters, so that patterns often match. */
const text = fc.string({ unit: fc.constantFrom("a", "b", ":", "/"), maxLength: 12 });
const patternText = fc.string({ unit: fc.constantFrom("a", "b", ":", "/", "*", "?"), maxLength: 10 });

describe("wildcards of policies", () => {
    it("match what the same regular expression matches", () => {
        fc.assert(
            fc.property(patternText, text, (pattern, value) => {
                const expression = pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]");
                expect(isMatch(pattern, value)).to.equal(new RegExp(`^${expression}$`).test(value));
            }),
        );
    });

    it("match every text that the pattern becomes when its wildcards are filled in", () => {
        fc.assert(
            fc.property(patternText, fc.array(text, { minLength: 10, maxLength: 10 }), (pattern, fillings) => {
                const value = pattern.replace(/\*/g, () => fillings.pop() ?? "").replaceAll("?", "x");
                expect(isMatch(pattern, value)).to.equal(true);
            }),
        );
    });

    it("are decided also for a pattern made to take for ever: 2 to the power of 100 ways to fill it in", () => {
        const decide = () => isMatch("*a".repeat(100), "a".repeat(20_000) + "b");
        // Takes milliseconds; the limit ends what would keep the processor until the end of the world.
        expect(runInNewContext("decide()", { decide }, { timeout: 60_000 })).to.equal(false);
    });

    const variables: [pattern: string, value: string, username: string | undefined, expected: boolean][] = [
        ["home/${aws:username}/*", "home/ann/x", "ann", true],
        ["home/${aws:username}/*", "home/bob/x", "ann", false],
        ["home/${aws:username}/*", "home/bob/x", "*", false],
        ["home/${aws:username}", "home/*", "*", true],
        ["home/${aws:username}", "home/", undefined, false],
        ["home/${aws:username, 'nobody'}", "home/nobody", undefined, true],
        ["home/${aws:username, 'nobody'}", "home/nobody", "ann", false],
        ["a${*}b", "a*b", undefined, true],
        ["a${*}b", "axb", undefined, false],
        ["a${?}", "a?", undefined, true],
        ["a${?}", "ab", undefined, false],
        ["a${$}b", "a$b", undefined, true],
    ];
    for (const [pattern, value, username, expected] of variables) {
        it(`${pattern} ${expected ? "matches" : "does not match"} ${value} for the user ${username ?? "(none)"}`, () => {
            expect(matches(compilePattern(pattern), value, () => username)).to.equal(expected);
        });
    }

    it("name the variables that they use", () => {
        expect(variablesOf(compilePattern("a/${aws:username}/${*}/${aws:userid, 'x'}"))).to.deep.equal([
            "aws:username",
            "aws:userid",
        ]);
    });
});
