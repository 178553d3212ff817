import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SAME_REQUEST_MS } from "../../commandline/interrupt";
import { REQUESTS_IN_FLIGHT_MAX } from "../../producer/sender";
import { StubStream } from "./stub-stream";

const ROOT = join(__dirname, "..", "..");
const SECRET = "a-secret-that-nobody-may-see";
const timestamp = "2026-11-23T06:00:00.000Z";
const line = (id: number) =>
    JSON.stringify({ username: `a${id}`, id: String(id), timestamp, message: "日本🔥", source: "s" });

interface Ended {
    exitCode: number | null;
    stdout: string;
    stderr: string;
}

describe("npm run producer", () => {
    let stub: StubStream;
    let folder: string;
    let outputs: string;
    const children = new Set<ChildProcess>();

    before(() => {
        folder = mkdtempSync(join(tmpdir(), "producer-"));
        outputs = join(folder, "outputs.json");
        const values = {
            kinesisStream: "posts",
            region: "us-east-1",
            accessKeyId: "AKIAEXAMPLE",
            secretAccessKey: SECRET,
        };
        writeFileSync(outputs, JSON.stringify(values));
    });
    after(() => rmSync(folder, { recursive: true }));
    beforeEach(async () => (stub = await StubStream.start()));
    afterEach(async () => {
        for (const child of children) child.kill("SIGKILL");
        children.clear();
        await stub.close();
    });

    function run(
        parameters: readonly string[],
        environment: Record<string, string> = {},
    ): {
        child: ChildProcess;
        ended: Promise<Ended>;
        said: (text: string) => Promise<void>;
    } {
        const loader = join(ROOT, "commandline", "typescript.cjs");
        const child = spawn(process.execPath, ["--require", loader, join(ROOT, "producer", "main.ts"), ...parameters], {
            env: { PATH: folder, AWS_ENDPOINT_URL: stub.endpointUrl, HOME: folder, ...environment },
            cwd: folder,
        });
        children.add(child);
        const output = { stdout: "", stderr: "" };
        child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
        const ended = once(child, "close").then(([exitCode]) => {
            children.delete(child);
            expect(output.stdout + output.stderr).to.not.contain(SECRET);
            return { ...output, exitCode: exitCode as number | null };
        });
        const said = async (text: string) => {
            while (!output.stderr.includes(text)) await once(child.stderr, "data");
        };
        return { child, ended, said };
    }

    const toStub = (...parameters: string[]) => run(["--outputs", outputs, ...parameters]);
    const account = ({ stdout }: Ended) =>
        JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;

    it("sends sample posts, and answers with the account as one line of JSON", async () => {
        const ended = await toStub("--source", "sample", "--posts", "1200", "--seed", "7", "--json").ended;
        expect(ended.exitCode).to.equal(0);
        expect(ended.stdout.trimEnd()).to.not.contain("\n");
        expect(account(ended)).to.include({ received: 1200, sent: 1200, retried: 0, refused: 0, notSent: 0 });
        expect(new Set(stub.posts().map(({ id }) => id)).size).to.equal(1200);
        // One that takes longer than ten seconds has such lines before the last one, too.
        expect(ended.stderr).to.match(
            /^(sending: .*\n)*sending: 1,200\/1,200 posts, .* 0 in flight, 0 queued, lag .* s\n$/,
        );
    });

    it("shows the account as a table", async () => {
        const { exitCode, stdout } = await toStub("--source", "sample", "--posts", "10").ended;
        expect(exitCode).to.equal(0);
        expect(stdout).to.match(/sent +│ +10 /);
    });

    it("reads a file, names lines that are no posts, sends the others, and ends with 1", async () => {
        const path = join(folder, "posts.ndjson");
        writeFileSync(path, `\ufeff${line(1)}\r\nnope\r\n\r\n${line(4)}`);
        const ended = await toStub("--source", "file", "--path", path, "--json").ended;
        expect(ended.exitCode).to.equal(1);
        expect(account(ended)).to.include({ received: 3, sent: 2, refused: 1 });
        expect(ended.stderr).to.contain("Refused line 2: not JSON: nope.\n");
        expect(stub.posts().map(({ id, message }) => [id, message])).to.deep.equal([
            ["1", "日本🔥"],
            ["4", "日本🔥"],
        ]);
    });

    it("reads standard input in a pipe, and sends what has arrived before the input ends", async () => {
        const { child, ended } = toStub("--source", "file", "--path", "-", "--json");
        child.stdin!.write(`${line(1)}\n`);
        await stub.arrived(1);
        child.stdin!.end(line(2));
        expect(account(await ended)).to.include({ received: 2, sent: 2 });
    });

    it("goes on when nobody reads its output", async () => {
        const { child, ended } = toStub("--source", "sample", "--posts", "10");
        child.stdout!.destroy();
        child.stderr!.destroy();
        expect((await ended).exitCode).to.equal(0);
        expect(stub.accepted).to.have.length(10);
    });

    it("stops at Ctrl-C, sends what it has read, says that it was interrupted, and ends with 0", async () => {
        const { child, ended } = toStub("--source", "sample", "--posts", "1000000", "--rate", "100", "--json");
        await stub.arrived(2);
        child.kill("SIGINT");
        const { exitCode, stderr, stdout } = await ended;
        const { received, sent, interrupted } = account({ exitCode, stderr, stdout });
        expect([exitCode, interrupted]).to.deep.equal([0, true]);
        expect(sent).to.equal(received);
        expect(stub.accepted).to.have.length(sent as number);
        expect(stderr).to.contain("SIGINT: stopping the source");
        expect(stderr).to.contain("Interrupted: the source was stopped before its end.");
    });

    it("stops at SIGTERM while it waits for standard input", async () => {
        const { child, ended } = toStub("--source", "file", "--path", "-", "--json");
        child.stdin!.write(`${line(1)}\n`);
        await stub.arrived(1);
        child.kill("SIGTERM");
        const { exitCode, stdout } = await ended;
        expect(exitCode).to.equal(0);
        expect(JSON.parse(stdout)).to.include({ received: 1, sent: 1, interrupted: true });
    });

    it("gives up at the second Ctrl-C, says what was not sent, and ends with 130", async () => {
        stub.behaviour = () => ({ until: new Promise(() => undefined) });
        const { child, ended, said } = toStub("--source", "sample", "--posts", "600", "--json");
        await stub.arrived(2);
        const arrived = stub.requests.reduce((sum, { records }) => sum + records, 0);
        child.kill("SIGINT");
        await said("SIGINT: stopping the source");
        // Sooner, it would be the same Ctrl-C; and a third one would end the process before it tells.
        await delay(SAME_REQUEST_MS * 1.2);
        child.kill("SIGINT");
        const result = await ended;
        expect(result.exitCode).to.equal(130);
        const { received } = account(result);
        // Where two requests were made before the source had ended, it was stopped before that.
        expect(received).to.be.within(arrived, 600);
        expect(result.stderr.endsWith(`Aborted. ${String(received)} posts of those received were not sent.\n`)).to.be
            .true;
        expect(account(result)).to.include({ sent: 0, notSent: received, interrupted: true });
    });

    it("ends with 0 when it is stopped, also if lines before were no posts", async () => {
        const { child, ended } = toStub("--source", "file", "--path", "-", "--json");
        child.stdin!.write(`nope\n${line(1)}\n`);
        await stub.arrived(1);
        child.kill("SIGINT");
        const result = await ended;
        expect(result.exitCode).to.equal(0);
        expect(account(result)).to.include({ received: 2, sent: 1, refused: 1, interrupted: true });
    });

    it("prints a line for each request if asked to, with what was not accepted", async () => {
        stub.behaviour = (_, request) =>
            request === 0
                ? { notAccepted: new Map([[1, "InternalFailure"]]) }
                : { cut: request === 1 ? "before" : undefined };
        const { exitCode, stderr } = await toStub("--source", "sample", "--posts", "3", "--seed", "1", "--verbose")
            .ended;
        const requests = stderr.split("\n").filter((text) => text.startsWith("Request of "));
        expect(exitCode).to.equal(0);
        expect(requests).to.have.length(3);
        expect(requests[0]).to.match(
            /^Request of 3 records, [\d,]+ bytes: 2 accepted \(InternalFailure\) after [\d,]+ ms\.$/,
        );
        expect(requests[1]).to.match(/^Request of 1 record, [\d,]+ bytes: 0 accepted \(.*\) after [\d,]+ ms\.$/);
        expect(requests[2]).to.match(/^Request of 1 record, [\d,]+ bytes: accepted after [\d,]+ ms\.$/);
    });

    it("drops what the stream has not taken within --record-ttl, says so, and ends with 1", async () => {
        stub.behaviour = () => ({ status: 500, type: "InternalFailure" });
        const result = await toStub("--source", "sample", "--posts", "7", "--record-ttl", "0.3", "--json").ended;
        expect(result.exitCode).to.equal(1);
        expect(account(result)).to.deep.include({
            ...{ received: 7, sent: 0, dropped: 7, notSent: 0, interrupted: false },
            droppedByReason: { "not sent within --record-ttl": 7 },
        });
    });

    it("sends with the credentials that the AWS SDK finds if asked to, and needs no keys in the outputs then", async () => {
        const path = join(folder, "no-keys.json");
        writeFileSync(path, JSON.stringify({ kinesisStream: "posts", region: "us-east-1" }));
        const parameters = [
            "--outputs",
            path,
            "--credentials",
            "default",
            "--source",
            "sample",
            "--posts",
            "3",
            "--json",
        ];
        const keys = { AWS_ACCESS_KEY_ID: "AKIAOWN", AWS_SECRET_ACCESS_KEY: SECRET };
        const ended = await run(parameters, keys).ended;
        expect([ended.exitCode, account(ended).sent]).to.deep.equal([0, 3]);
        expect([...stub.accessKeyIds]).to.deep.equal(["AKIAOWN"]);
    });

    it("says in one line that it found none", async () => {
        // No instance to ask: on one, its role would be found.
        const parameters = [
            "--outputs",
            outputs,
            "--credentials",
            "default",
            "--source",
            "sample",
            "--posts",
            "3",
            "--json",
        ];
        const result = await run(parameters, { AWS_EC2_METADATA_DISABLED: "true" }).ended;
        expect(result.exitCode).to.equal(1);
        expect(result.stderr.trimEnd().split("\n").at(-1)).to.match(
            /^There are no AWS credentials to send with: .* 3 posts of those received were not sent\.$/,
        );
        expect(stub.requests).to.have.length(0);
    });

    it("says in one line what to check when the stream is gone, after one request, also in the middle of a run", async () => {
        stub.behaviour = (_, request) =>
            request < 2 ? {} : { status: 400, type: "ResourceNotFoundException", message: "Stream posts not found." };
        const { ended } = toStub("--source", "sample", "--posts", "1000000", "--rate", "300", "--json");
        const result = await ended;
        expect(result.exitCode).to.equal(1);
        expect(result.stderr.trimEnd().split("\n").at(-1)).to.match(
            /^There is no stream `posts` in us-east-1: .* not sent\.$/,
        );
        // What was under way with the refused one, and nothing after it.
        expect(stub.requests.length).to.be.within(3, 2 + REQUESTS_IN_FLIGHT_MAX);
        const { received, sent, notSent } = account(result);
        expect(received).to.equal((sent as number) + (notSent as number));
    });

    it("says in one line what to check when the credentials are refused, and ends with 1", async () => {
        stub.behaviour = () => ({
            status: 400,
            type: "UnrecognizedClientException",
            message: "The security token is invalid.",
        });
        const result = await toStub("--source", "sample", "--posts", "10", "--json").ended;
        expect(result.exitCode).to.equal(1);
        expect(result.stderr.trimEnd().split("\n").at(-1)).to.match(
            /^The stream refused the credentials .* 10 posts .* not sent\.$/,
        );
        expect(account(result)).to.include({ received: 10, sent: 0, notSent: 10 });
        expect(stub.requests).to.have.length(1);
    });

    for (const [name, parameters, expected] of [
        [
            "all mistakes at once",
            ["--source", "sample", "--path", "x", "--rate", "fast", "--sed", "7"],
            [
                "Expected `--rate` to be a positive number of posts per second, got 'fast'.",
                "Unknown option `--sed`; did you mean `--seed`?",
                "Expected `--stack NAME` or `--outputs FILE`.",
                "Expected `--path` with `--source file` only.",
            ],
        ],
        [
            "a source that it does not have, with those it has",
            ["--stack", "dev", "--source", "fax"],
            ["Expected `--source` to be one of x, bluesky, sample, file, got 'fax'."],
        ],
        [
            "a time to live that is none, and options of other sources",
            [
                "--stack",
                "dev",
                "--source",
                "sample",
                "--record-ttl",
                "0",
                "--track",
                "a",
                "--track",
                "b",
                "--keep-rules",
            ],
            [
                "Expected `--record-ttl` to be a positive number of seconds, got '0'.",
                "Expected `--track` with `--source x` or `--source bluesky` only.",
                "Expected `--keep-rules` with `--source x` only.",
            ],
        ],
        [
            "two places for the outputs",
            ["--stack", "dev", "--outputs", "x", "--source", "sample"],
            ["Expected `--stack` or `--outputs`, got both."],
        ],
        [
            "a file source without a file",
            ["--stack", "dev", "--source", "file"],
            ["Expected `--path FILE`, which `--source file` reads."],
        ],
    ] as const) {
        it(`refuses ${name}, and ends with 2`, async () => {
            const { exitCode, stderr, stdout } = await run(parameters).ended;
            expect([exitCode, stdout]).to.deep.equal([2, ""]);
            expect(stderr.trimEnd().split("\n")).to.deep.equal([
                ...expected,
                "`npm run producer -- --help` lists the options.",
            ]);
        });
    }

    for (const [name, parameters, message] of [
        ["a missing Pulumi CLI", ["--stack", "dev", "--source", "sample"], /^The Pulumi CLI/],
        [
            "a missing file",
            ["--stack", "dev", "--source", "file", "--path", "nowhere"],
            /^Expected `--path` .*ENOENT.*'nowhere'/,
        ],
        ["missing outputs", ["--outputs", "nowhere", "--source", "sample"], /^Expected `--outputs` .*ENOENT/],
    ] as const) {
        it(`explains ${name} in one line, and ends with 2`, async () => {
            const { exitCode, stderr } = await run(parameters).ended;
            expect(exitCode).to.equal(2);
            expect(stderr.trimEnd()).to.match(message).and.not.contain("\n");
        });
    }

    it("explains itself", async () => {
        const { exitCode, stdout } = await run(["--help", "--nonsense"]).ended;
        expect(exitCode).to.equal(0);
        expect(stdout).to.contain("--source x|bluesky|sample|file").and.contain("Exit code:");
    });
});
