import { expect } from "chai";
import * as fc from "fast-check";
import {
    checkRules,
    ownRules,
    planRules,
    RULE_CHARACTERS_MAX,
    RULE_TAG,
    RULES_MAX,
    wantedRules,
} from "../../../../producer/sources/x/rules";

describe("the rules of X's stream", () => {
    it("are `yolo` unless others are asked for", () => {
        expect(wantedRules([], [])).to.deep.equal(["yolo"]);
        expect(wantedRules(["kinesis"], [])).to.deep.equal(["kinesis"]);
        expect(wantedRules([], ["from:nasa has:media"])).to.deep.equal(["from:nasa has:media"]);
        expect(wantedRules(["a", "b", "a"], ["from:nasa"])).to.deep.equal(["a", "b", "from:nasa"]);
    });

    it("take a term as text, never as an expression", () => {
        const terms = [
            "#yolo",
            "@nasa",
            "$TSLA",
            "日本",
            "naïve",
            "two words",
            "from:nasa",
            "C++",
            "OR",
            "-a",
            "🔥",
            " a ",
        ];
        expect(wantedRules(terms, [])).to.deep.equal([
            "#yolo",
            "@nasa",
            "$TSLA",
            "日本",
            "naïve",
            '"two words"',
            '"from:nasa"',
            '"C++"',
            '"OR"',
            '"-a"',
            '"🔥"',
            "a",
        ]);
    });

    it("are refused when X could not take them", () => {
        expect(checkRules(["yolo"], ['"an exact phrase" from:nasa'])).to.be.empty;
        expect(checkRules(['say "hi"', "  "], [" "])).to.deep.equal([
            "Expected `--track` to be text without quotation marks, got 'say \"hi\"'; see `--rule`.",
            "Expected `--track` to be text without quotation marks, got '  '; see `--rule`.",
            "Expected `--rule` to be a rule of X, got spaces.",
        ]);
        expect(checkRules([], ["a".repeat(RULE_CHARACTERS_MAX)])).to.be.empty;
        expect(checkRules([], ["a".repeat(RULE_CHARACTERS_MAX + 1)])).to.deep.equal([
            "Expected `--track` or `--rule` to have at most 1024 characters, got 1025.",
        ]);
        const many = Array.from({ length: RULES_MAX + 1 }, (_, index) => `term${index}`);
        expect(checkRules(many, [])).to.deep.equal(["Expected at most 1000 of `--track` and `--rule`, got 1001."]);
    });

    it("of others are left alone, those of an earlier run are removed, those that are there are not added", () => {
        const existing = [
            { id: "1", value: "yolo", tag: RULE_TAG },
            { id: "2", value: "stale", tag: RULE_TAG },
            { id: "3", value: "cats", tag: "somebody else's" },
            { id: "4", value: "dogs" },
            { id: "5", value: "birds", tag: "somebody else's" },
        ];
        expect(planRules(existing, ["yolo", "birds", "new"])).to.deep.equal({
            add: ["new"],
            remove: ["2"],
            present: ["1", "5"],
            foreign: 2,
        });
    });

    it("of a run are those with our tag that it wants, at its end; those that it found only if it had the stream", () => {
        const existing = [
            { id: "1", value: "yolo", tag: RULE_TAG },
            { id: "2", value: "new", tag: RULE_TAG },
            { id: "3", value: "not ours", tag: RULE_TAG },
            { id: "4", value: "birds", tag: "somebody else's" },
        ];
        const wanted = ["yolo", "new", "birds"];
        expect(ownRules(existing, wanted, new Set(["1", "4"]), true)).to.deep.equal(["1", "2"]);
        expect(ownRules(existing, wanted, new Set(["1", "4"]), false)).to.deep.equal(["2"]);
    });

    it("property: what is removed is ours and not wanted; every wanted value is there once afterwards", () => {
        const value = fc.constantFrom("a", "b", "c", "d", "e");
        const rule = fc.record({ value, tag: fc.constantFrom(RULE_TAG, "theirs") });
        fc.assert(
            fc.property(
                fc.uniqueArray(rule, { selector: (one) => one.value }),
                fc.uniqueArray(value),
                (rules, wanted) => {
                    const existing = rules.map((one, index) => ({ ...one, id: String(index) }));
                    const plan = planRules(existing, wanted);
                    const left = existing.filter(({ id }) => !plan.remove.includes(id));
                    for (const one of existing.filter(({ id }) => plan.remove.includes(id))) {
                        expect(one.tag).to.equal(RULE_TAG);
                        expect(wanted).not.to.include(one.value);
                    }
                    const values = [...left.map((one) => one.value), ...plan.add];
                    expect(new Set(values).size).to.equal(values.length);
                    expect(values).to.include.members(wanted);
                    expect(plan.present.length + plan.add.length).to.equal(wanted.length);
                },
            ),
        );
    });
});
