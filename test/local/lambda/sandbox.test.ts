import { expect } from "chai";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { endOf } from "../../../local/child-process";
import { findSandbox, TMP_MB, type Sandbox, type SandboxSearch } from "../../../local/lambda/sandbox";
import { taskFolderBase } from "../../../local/lambda/task-folder";
import { read, useLambda } from "./fixture";

const FILES = 'const fs = require("node:fs"); const path = require("node:path");';
const withoutSandbox = async (): Promise<SandboxSearch> => ({ sandbox: undefined, reason: "this is a test" });

describe("/tmp of a function", () => {
    const lambda = useLambda();
    const names = `${FILES} exports.handler = async ({ write }) => {
        if (write) fs.writeFileSync("/tmp/" + write, "x");
        if (write === "exit") process.exit(1);
        return { names: fs.readdirSync("/tmp").sort(), tmpdir: require("node:os").tmpdir() };
    };`;

    before(async function () {
        if ((await findSandbox(taskFolderBase())).sandbox === undefined) this.skip();
    });

    it("is empty at first, whatever is in the host's, and keeps what is written from one invocation to the next", async () => {
        const ofHost = mkdtempSync("/tmp/sandbox-test-");
        try {
            await lambda.create(names);
            expect(read(await lambda.invoke())).to.deep.equal({ names: [], tmpdir: "/tmp" });
            await lambda.invoke({ write: "kept" });
            expect(read(await lambda.invoke({ write: "too" }))).to.deep.include({ names: ["kept", "too"] });
            expect(readdirSync("/tmp")).not.to.include("kept");
        } finally {
            rmSync(ofHost, { recursive: true });
        }
    });

    it("is each environment's own", async () => {
        await lambda.create(names);
        await lambda.invoke({ write: "exit" });
        expect(read(await lambda.invoke())).to.deep.include({ names: [] });
    });

    it(`takes ${TMP_MB} MB, as much as AWS gives`, async () => {
        await lambda.create(`${FILES} exports.handler = async () => {
            const megabyte = Buffer.alloc(1024 * 1024);
            let written = 0;
            try { for (;; written += 1) fs.appendFileSync("/tmp/large", megabyte); }
            catch (error) { fs.rmSync("/tmp/large"); return [error.code, written]; }
        };`);
        const [code, written] = read(await lambda.invoke()) as [string, number];
        expect(code).to.equal("ENOSPC");
        expect(written).to.be.within(TMP_MB - 2, TMP_MB);
    });

    it("is the only place to write beside what the host's user may write: the archive is read-only for everyone", async () => {
        await lambda.create(`${FILES} exports.handler = async (event) => event.names.map((name) => {
            try { fs.writeFileSync(name, ""); return "written"; } catch (error) { return error.code; }
        });`);
        const result = await lambda.invoke({ names: ["new.txt", "index.js"] });
        expect(read(result)).to.deep.equal(["EROFS", "EROFS"]);
    });

    it("cannot be taken away by the function, which is the user that it would be without", async () => {
        await lambda.create(`const { spawnSync } = require("node:child_process");
            exports.handler = async () => [spawnSync("umount", ["/tmp"]).status, process.getuid(), process.getgid()];`);
        const [status, ...user] = read(await lambda.invoke()) as number[];
        expect(status).not.to.equal(0);
        expect(user).to.deep.equal([process.getuid!(), process.getgid!()]);
    });
});

describe("a sandbox", () => {
    let sandbox: Sandbox;
    let folder: string | undefined;

    before(async function () {
        const search = await findSandbox(taskFolderBase());
        if (search.sandbox === undefined) this.skip();
        sandbox = search.sandbox;
        folder = mkdtempSync(join(taskFolderBase(), "sandbox-test-"));
    });

    after(() => {
        if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    const run = (script: string, uid?: number) => {
        const taskRoot = folder ?? "";
        const view = { taskRoot, shown: { folder: "/etc", at: taskRoot } };
        const [program, ...args] = sandbox.wrap(view, ["/bin/sh", "-c", script]);
        const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], uid, gid: uid });
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        return endOf(child).then((code) => ({ code, output, pid: child.pid }));
    };

    it("becomes the program: its process, its exit code", async () => {
        const { code, output, pid } = await run("echo $$; exit 7");
        expect([code, output]).to.deep.equal([7, `${pid}\n`]);
    });

    it("is there for those without rights, too", async function () {
        // Only the superuser can become somebody else, to try it.
        if (process.getuid?.() !== 0) this.skip();
        const nobody = 65_534;
        // What belongs to the superuser belongs to nobody there.
        const { code, output } = await run("echo x > /tmp/x && ls /tmp && stat -c %u /etc", nobody);
        expect([code, output]).to.deep.equal([0, `x\n${nobody}\n`]);
    });
});

describe("/tmp of a function where there is no sandbox", () => {
    const lambda = useLambda();
    let problems: string[];

    beforeEach(async () => {
        problems = [];
        await lambda.restart({ findSandbox: withoutSandbox, onProblem: (problem) => problems.push(problem) });
    });

    for (const [named, code, environment] of [
        ["its code", "exports.handler = async () => require('node:fs').readdirSync('/tmp/');", {}],
        ["a variable", "exports.handler = async () => {};", { WHERE: "file:///tmp/x" }],
    ] as const) {
        it(`is the host's, which is told where ${named} names it`, async () => {
            await lambda.create(code, { environment });
            expect(problems).to.deep.equal([
                "processor names /tmp, which is this machine's here, not its own as on AWS, because this is a test. " +
                    "What os.tmpdir() says is its own.",
            ]);
        });
    }

    it("is of no interest to a function that does not name it", async () => {
        await lambda.create("exports.handler = async () => '/var/tmp /tmpfs';");
        expect(problems).to.deep.equal([]);
    });

    it("has a folder of the function's own in its place for os.tmpdir(), gone when the process has ended", async () => {
        await lambda.create(`const file = require("node:os").tmpdir() + "/scratch";
            exports.handler = async (event) => {
                if (event.exits) process.exit(1);
                require("node:fs").writeFileSync(file, "x");
                return file;
            };`);
        const file = read(await lambda.invoke()) as string;
        expect(existsSync(file)).to.equal(true);
        await lambda.invoke({ exits: true });
        await lambda.service.deleteFunction("processor");
        expect(existsSync(dirname(file))).to.equal(false);
        expect(existsSync(dirname(dirname(file)))).to.equal(true);
    });

    it("has an archive that cannot be written, but by the superuser", async function () {
        if (process.getuid?.() === 0) this.skip();
        await lambda.create(`exports.handler = async () => {
            try { require("node:fs").writeFileSync("new.txt", ""); return "written"; } catch (error) { return error.code; }
        };`);
        expect(read(await lambda.invoke())).to.equal("EACCES");
    });

    it("has the AWS SDK", async () => {
        await lambda.create("exports.handler = async () => typeof require('@aws-sdk/client-s3').S3Client;");
        expect(read(await lambda.invoke())).to.equal("function");
    });
});
