import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COMMANDLINE = join(__dirname, "..", "..", "commandline");

describe("running a command", () => {
    let folder: string;
    before(() => (folder = mkdtempSync(join(tmpdir(), "commandline-"))));
    after(() => rmSync(folder, { recursive: true }));

    /** Runs a command with this body in a process of its own. */
    function run(body: string, ...parameters: string[]) {
        const path = join(folder, "command.ts");
        writeFileSync(
            path,
            `import { Failure, UsageError } from ${JSON.stringify(join(COMMANDLINE, "failure"))};
            import { runMain } from ${JSON.stringify(join(COMMANDLINE, "main"))};
            void Failure; void UsageError;
            runMain({ usage: "it", summary: "Does it.", options: {} }, async () => { ${body} });`,
        );
        const loader = join(COMMANDLINE, "typescript.cjs");
        const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", loader, path, ...parameters], {
            encoding: "utf8",
        });
        return { status, stdout, stderr };
    }

    it("ends with the exit code that it answers with", () => {
        expect(run(`console.log("done"); return 3;`)).to.deep.equal({ status: 3, stdout: "done\n", stderr: "" });
    });

    it("tells a failure in one line, with its exit code", () => {
        expect(run(`throw new Failure("It is taken.", 130);`)).to.include({ status: 130, stderr: "It is taken.\n" });
    });

    it("tells mistakes a line each, and ends with 2", () => {
        const { status, stderr } = run(`throw new UsageError(["One.", "Two."]);`);
        expect([status, stderr]).to.deep.equal([2, "One.\nTwo.\n"]);
        expect(run("return 0;", "--what")).to.include({ status: 2 });
    });

    it("shows the stack of a bug, and ends with 1", () => {
        const { status, stderr } = run(`throw new TypeError("Oops.");`);
        expect(status).to.equal(1);
        expect(stderr).to.match(/^TypeError: Oops\.\n +at .*command\.ts/);
    });

    for (const [version, code] of [
        ["20.18.3", 2],
        ["9.11.2", 2],
        ["20.19.0", 3],
        ["100.0.0", 3],
    ] as const) {
        it(`${code === 2 ? "refuses" : "takes"} Node.js ${version}`, () => {
            const { NODE_OPTIONS } = process.env;
            const preload = join(folder, "version.cjs");
            writeFileSync(
                preload,
                `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} });`,
            );
            try {
                process.env.NODE_OPTIONS = `--require ${preload}`;
                const { status, stderr } = run("return 3;");
                expect(status, stderr).to.equal(code);
                expect(stderr).to.equal(code === 2 ? `Expected Node.js 20.19.0 or newer, found ${version}.\n` : "");
            } finally {
                if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
                else process.env.NODE_OPTIONS = NODE_OPTIONS;
            }
        });
    }

    it("prints its help and ends with 0", () => {
        expect(run("return 3;", "--help").status).to.equal(0);
    });
});
