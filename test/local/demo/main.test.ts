import { expect } from "chai";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";

const PROJECT_FOLDER = path.resolve(__dirname, "../../..");
const TEMPORARY = /^(stream-processing-demo-|lambda-)/;

type Demo = ChildProcessByStdio<null, Readable, Readable>;

interface End {
    code: number | null;
    stdout: string;
    stderr: string;
}

/** Starts the demo as `npm run demo` does, at the head of a process group of its own. */
function startDemo(...options: string[]): Demo {
    const program = ["--require", "./commandline/typescript.cjs", "local/demo/main.ts", ...options];
    return spawn(process.execPath, program, { cwd: PROJECT_FOLDER, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

async function end(demo: Demo): Promise<End> {
    const output = { stdout: "", stderr: "" };
    demo.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    demo.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const [code] = (await once(demo, "close")) as [number | null];
    return { code, ...output };
}

/** The processes of the group that are still there, by their command lines. */
function processesOf(group: number): string[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => {
            try {
                const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
                const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
                const isLeft = Number(processGroup) === group && state !== "Z";
                return isLeft ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
            } catch {
                return []; // It has ended in the meantime.
            }
        });
}

function temporaryFolders(): string[] {
    return readdirSync(tmpdir()).filter((name) => TEMPORARY.test(name));
}

describe("npm run demo", function () {
    this.timeout(120_000);

    let foldersBefore: string[];
    let demo: Demo;

    beforeEach(() => {
        foldersBefore = temporaryFolders();
    });

    afterEach(() => {
        if (process.platform === "linux") expect(processesOf(demo.pid!)).to.deep.equal([]);
        expect(temporaryFolders()).to.deep.equal(foldersBefore);
    });

    it("stores every post once, shows ten of them and says so in one line of JSON", async () => {
        demo = startDemo("--json", "--seed", "1");
        const { code, stdout, stderr } = await end(demo);
        expect(code, stderr).to.equal(0);
        const lines = stdout.trimEnd().split("\n");
        const account = JSON.parse(lines.at(-1)!) as Record<string, number> & { latencyMs: Record<string, number> };
        expect(account).to.include({ sent: 1000, stored: 1000, quarantined: 0, lost: 0, duplicates: 0 });
        expect(account.seconds).to.be.greaterThan(0);
        expect(account.postsPerSecond).to.be.greaterThan(0);
        expect(account.latencyMs.p50).to.be.greaterThan(0);
        expect(account.latencyMs.p99).to.be.at.least(account.latencyMs.p50!);
        const items = lines.filter(
            (line) => line.startsWith("│") && line.includes("T") && /\d{4}-\d\d-\d\dT/.test(line),
        );
        expect(items).to.have.length(10);
    });

    it("leaves nothing behind when it is interrupted while posts are on their way", async () => {
        demo = startDemo("--posts", "100000", "--rate", "200");
        const ended = end(demo);
        await new Promise<void>((resolve) => {
            demo.stderr.on("data", (text: string) => {
                if (text.includes("deployed at")) resolve();
            });
        });
        demo.kill("SIGINT");
        const { code, stdout, stderr } = await ended;
        expect(code).to.equal(130);
        expect(stderr).to.include("Stopped; nothing is left running.");
        expect(stdout).to.equal("");
    });

    it("leaves nothing behind when it is interrupted during the deployment", async () => {
        demo = startDemo();
        const ended = end(demo);
        await once(demo.stderr, "data");
        demo.kill("SIGTERM");
        expect((await ended).code).to.equal(130);
    });

    it("refuses options that it does not have and values that make no sense, all at once", async () => {
        demo = startDemo("--post", "3", "--rate", "fast", "--port", "70000");
        const { code, stdout, stderr } = await end(demo);
        expect(code).to.equal(2);
        expect(stdout).to.equal("");
        expect(stderr.trimEnd().split("\n")).to.deep.equal([
            "Unknown option `--post`; did you mean `--posts`?",
            "Unexpected argument '3'.",
            "Expected `--rate` to be a positive number of posts per second, got 'fast'.",
            "Expected `--port` to be a whole number from 1 to 65535, got '70000'.",
            "`npm run demo -- --help` lists the options.",
        ]);
    });
});
