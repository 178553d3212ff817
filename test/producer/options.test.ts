import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { UsageError } from "../../commandline/failure";
import { formatHelp } from "../../commandline/help";
import { readCommandLine } from "../../commandline/options";
import { Account } from "../../producer/account";
import { command } from "../../producer/options";

const readme = readFileSync(path.resolve(__dirname, "../../README.md"), "utf8");
const section = readme.split("\n## The producer\n")[1]?.split("\n## ")[0] ?? "";
const options = (text: string) => /^ {2}--[^]*?^ {2}--help .*$/m.exec(text)?.[0];

describe("the README, of the producer", () => {
    it("has the options that `--help` prints", () => {
        expect(options(section))
            .to.be.a("string")
            .and.equal(options(formatHelp(command)));
    });

    it("has examples that the command takes", () => {
        const examples = Array.from(section.matchAll(/npm run producer -- (.*)$/gm), ([, typed = ""]) => typed);
        expect(examples).to.have.length.greaterThan(3);
        for (const typed of examples) {
            expect(() => readCommandLine(command, typed.split(" ")), typed).to.not.throw(UsageError);
        }
    });

    it("names what the account has as JSON", () => {
        const names = Object.keys(JSON.parse(new Account().toJson(1, false)) as object);
        for (const name of names) expect(section).to.contain(`\`${name}\``);
    });
});
