import { expect } from "chai";
import { formatHelp } from "../../commandline/help";
import { flag, text, texts, whole } from "../../commandline/options";

describe("the help", () => {
    const help = formatHelp({
        usage: "npm run it --",
        summary: "Does it.",
        options: {
            posts: whole({
                value: "N",
                help: "How many. ".repeat(20).trim(),
                unit: "",
                minimum: 0,
                maximum: 9,
                default: 5,
            }),
            recordTtl: text({ value: "TIME", help: "How long." }),
            track: texts({ value: "TERM", help: "Which.", default: ["a", "b"] }),
            rule: texts({ value: "RULE", help: "Which rule." }),
            json: flag({ help: "As JSON." }),
        },
        notes: "Exit code: 0.",
    });

    it("says what it does, how it is called, each option with its default, and the notes", () => {
        expect(help).to.match(/^Does it\.\n\nUsage: npm run it -- \[options\]\n\n/);
        expect(help).to.match(/ {2}--posts N {10}How many\..*\n[^]*Default: 5\.\n/);
        expect(help).to.contain(
            "  --record-ttl TIME  How long.\n  --track TERM       Which. Default: a, b.\n  --rule RULE        Which rule.\n  --json             As JSON.\n",
        );
        expect(help).to.match(/--help +Prints this\.\n\nExit code: 0\.\n$/);
    });

    it("keeps its lines within a hundred characters", () => {
        for (const line of help.split("\n")) expect(line.length).to.be.at.most(100);
    });
});
