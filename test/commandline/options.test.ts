import { expect } from "chai";
import { UsageError } from "../../commandline/failure";
import { choice, flag, positive, readCommandLine, text, texts, whole, type Command } from "../../commandline/options";

const options = {
    posts: whole({ value: "N", help: "How many.", unit: "posts", minimum: 1, maximum: 1000, default: 100 }),
    rate: positive({ value: "N", help: "How fast.", unit: "posts per second", maximum: 5000 }),
    stack: text({ value: "NAME", help: "Which stack." }),
    source: choice(["sample", "file"], { help: "Which source." }),
    recordTtl: text({ value: "TIME", help: "How long.", default: "forever" }),
    track: texts({ value: "TERM", help: "Which terms.", default: ["yolo"] }),
    json: flag({ help: "As JSON." }),
};
const command: Command<typeof options> = { usage: "npm run it --", summary: "Does it.", options };

function read(...argv: string[]) {
    const line = readCommandLine(command, argv);
    if (line.help) throw new Error("It asked for help.");
    return line;
}

function problemsOf(...argv: string[]): string[] {
    try {
        readCommandLine(command, argv);
    } catch (error) {
        expect(error).to.be.instanceOf(UsageError).and.to.include({ exitCode: 2 });
        const { message } = error as UsageError;
        expect(message).to.match(/\n`npm run it -- --help` lists the options\.$/);
        return message.split("\n").slice(0, -1);
    }
    throw new Error("It found no mistake.");
}

describe("the command line", () => {
    it("takes a text that may be repeated as often as it is typed, in place of its default", () => {
        expect(read("--track", "a b").values.track).to.deep.equal(["a b"]);
        expect(read("--track", "b", "--json", "--track=-a", "--track", "b").values.track).to.deep.equal([
            "b",
            "-a",
            "b",
        ]);
        expect(read("--track", "a").given.has("track")).to.be.true;
        expect(problemsOf("--track", "a", "--track=")).to.deep.equal([
            "Expected `--track` to be a value that is not empty, got ''.",
        ]);
    });

    it("has the defaults where nothing is typed, and knows that nothing was", () => {
        const { values, given } = read();
        expect(values).to.deep.equal({
            posts: 100,
            rate: undefined,
            stack: undefined,
            source: undefined,
            recordTtl: "forever",
            track: ["yolo"],
            json: false,
        });
        expect([...given]).to.deep.equal([]);
    });

    it("reads values after a space and after an equals sign, and names with a dash", () => {
        const { values, given } = read(
            "--posts",
            "7",
            "--rate=0.5",
            "--source",
            "file",
            "--record-ttl",
            "1h",
            "--json",
        );
        expect(values).to.include({ posts: 7, rate: 0.5, source: "file", recordTtl: "1h", json: true });
        expect([...given]).to.have.members(["posts", "rate", "source", "recordTtl", "json"]);
    });

    it("takes a value that begins with a dash where it can be one", () => {
        expect(read("--stack", "-").values.stack).to.equal("-");
        expect(read("--stack=--json").values.stack).to.equal("--json");
    });

    for (const [argv, problem] of [
        [["--posts", "0"], "Expected `--posts` to be a whole number of posts from 1 to 1000, got '0'."],
        [["--posts", "1001"], "Expected `--posts` to be a whole number of posts from 1 to 1000, got '1001'."],
        [["--posts", "-5"], "Expected `--posts` to be a whole number of posts from 1 to 1000, got '-5'."],
        [["--posts", "1.5"], "Expected `--posts` to be a whole number of posts from 1 to 1000, got '1.5'."],
        [["--posts", "1e3"], "Expected `--posts` to be a whole number of posts from 1 to 1000, got '1e3'."],
        [["--posts", ""], "Expected `--posts` to be a whole number of posts from 1 to 1000, got ''."],
        [["--rate", "fast"], "Expected `--rate` to be a positive number of posts per second, got 'fast'."],
        [["--rate", "0"], "Expected `--rate` to be a positive number of posts per second, got '0'."],
        [["--rate", "Infinity"], "Expected `--rate` to be a positive number of posts per second, got 'Infinity'."],
        [["--rate", "6000"], "Expected `--rate` to be a positive number of posts per second up to 5000, got '6000'."],
        [["--source", "x"], "Expected `--source` to be one of sample, file, got 'x'."],
        [["--stack", ""], "Expected `--stack` to be a value that is not empty, got ''."],
        [["--stack"], "Expected `--stack NAME` to have a value."],
        [["--stack", "--json"], "Expected `--stack NAME` to have a value."],
        [["--json=yes"], "Expected `--json` without a value, got 'yes'."],
        [["--rate", "1", "--rate", "2"], "Expected `--rate` once, got it again."],
        [["--post", "5"], "Unknown option `--post`; did you mean `--posts`?"],
        [["--recordTtl=1h"], "Unknown option `--recordTtl`; did you mean `--record-ttl`?"],
        [["--colour"], "Unknown option `--colour`."],
        [["-x"], "Unknown option `-x`."],
        [["--no-json"], "Unknown option `--no-json`."],
        [["--__proto__", "1"], "Unknown option `--__proto__`."],
        [["stray"], "Unexpected argument 'stray'."],
    ] as const) {
        it(`refuses ${JSON.stringify(argv.join(" "))}`, () => {
            expect(problemsOf(...argv)).to.deep.equal([problem]);
        });
    }

    it("tells all mistakes together, with those between options", () => {
        const check: Command<typeof options>["check"] = ({ posts, rate }, given) => {
            // What was mistyped stands at its default, and counts as typed.
            expect([posts, rate, given.has("rate")]).to.deep.equal([3, undefined, true]);
            return ["Expected them to fit."];
        };
        const argv = ["--posts", "3", "--rate", "fast", "stray", "--colour"];
        expect(() => readCommandLine({ ...command, check }, argv)).to.throw(
            UsageError,
            /^Expected `--rate`.*\nUnexpected argument 'stray'.\nUnknown option `--colour`.\nExpected them to fit.\n/,
        );
    });

    it("gives its help, whatever else is wrong", () => {
        expect(readCommandLine(command, ["--posts", "x", "--help"])).to.deep.equal({ help: true });
        expect(readCommandLine(command, ["-h"])).to.deep.equal({ help: true });
    });
});
