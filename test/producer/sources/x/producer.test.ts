import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SAME_REQUEST_MS } from "../../../../commandline/interrupt";
import { RULE_TAG } from "../../../../producer/sources/x/rules";
import { removeTemporaryFolders, temporaryFolder } from "../../../temporary-folder";
import { StubStream } from "../../stub-stream";
import { line, xPost } from "./posts";
import { BEARER_TOKEN, CONSUMER, XServer } from "./x-server";

const ROOT = join(__dirname, "..", "..", "..", "..");
const RULES = "/2/tweets/search/stream/rules";
const SECRET = "a-secret-that-nobody-may-see";

describe("npm run producer -- --source x", () => {
    let stub: StubStream;
    let server: XServer;

    beforeEach(async () => {
        [stub, server] = await Promise.all([StubStream.start(), XServer.start()]);
        server.addRule("cats", "theirs");
    });
    afterEach(() => Promise.all([stub.close(), server.close()]));
    after(removeTemporaryFolders);

    function run(...parameters: string[]) {
        const outputs = {
            kinesisStream: "posts",
            region: "us-east-1",
            accessKeyId: "AKIAEXAMPLE",
            secretAccessKey: SECRET,
        };
        const folder = temporaryFolder({
            "outputs.json": JSON.stringify(outputs),
            "certificate.pem": server.certificate,
        });
        const command = ["--require", join(ROOT, "commandline", "typescript.cjs"), join(ROOT, "producer", "main.ts")];
        const chosen = ["--outputs", join(folder, "outputs.json"), "--source", "x", "--json", ...parameters];
        const child = spawn(process.execPath, [...command, ...chosen], {
            env: {
                PATH: folder,
                HOME: folder,
                AWS_ENDPOINT_URL: stub.endpointUrl,
                X_API_URL: server.url,
                X_CONSUMER_KEY: CONSUMER.key,
                X_CONSUMER_SECRET: CONSUMER.secret,
                NODE_EXTRA_CA_CERTS: join(folder, "certificate.pem"),
            },
            cwd: folder,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let [stdout, stderr] = ["", ""];
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        const ended = once(child, "close").then(([exitCode]) => {
            for (const secret of [SECRET, CONSUMER.secret, BEARER_TOKEN])
                expect(stdout + stderr).to.not.contain(secret);
            return {
                exitCode: exitCode as number | null,
                stderr,
                account: JSON.parse(stdout) as Record<string, unknown>,
            };
        });
        return { child, ended };
    }

    it("sends each post once, through a cut and an end by X, to its budget, and says what it cost", async () => {
        const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index));
        const lines = (...all: string[]) => Buffer.concat(all.map((id) => line(xPost(id))));
        server.script = async (connection) => {
            if (connection.number === 1) {
                await connection.chunk(lines(...ids(100, 140)));
                connection.cut();
            } else if (connection.number === 2) {
                const disconnect = { title: "operational-disconnect", detail: "Upstream." };
                // X gives some twice.
                await connection.chunk(Buffer.concat([lines(...ids(135, 160)), line({ errors: [disconnect] })]));
            } else await connection.chunk(lines(...ids(160, 200)));
        };
        const { exitCode, account, stderr } = await run("--track", "yolo", "--max-posts", "100").ended;
        expect(exitCode, stderr).to.equal(0);
        expect(account).to.deep.include({
            ...{ received: 105, sent: 95, refused: 0, dropped: 10, notSent: 0, interrupted: false },
            droppedByReason: { "given twice by the source": 5, "over --max-posts": 5 },
        });
        expect(stub.posts().map(({ id }) => id)).to.deep.equal(ids(100, 195));
        expect(stderr).to.contain("X: 105 posts read, about $0.53.").and.contain("; 1 rule of others");
        expect([...server.rules.values()].map(({ value }) => value)).to.deep.equal(["cats"]);
    });

    it("removes its rules when the stream is gone", async () => {
        stub.behaviour = () => ({ status: 400, type: "ResourceNotFoundException", message: "Gone." });
        server.script = (connection) => connection.chunk(line(xPost("1")));
        const { exitCode, account, stderr } = await run().ended;
        expect(exitCode).to.equal(1);
        expect(account).to.include({ received: 1, sent: 0, notSent: 1, interrupted: false });
        expect(stderr).to.contain("There is no stream `posts`");
        expect([...server.rules.values()].map(({ value }) => value)).to.deep.equal(["cats"]);
    });

    it("waits for no rule at the second Ctrl-C", async () => {
        server.script = (connection) => connection.chunk(line(xPost("1")));
        const { child, ended } = run();
        await stub.arrived(1);
        // One for each attempt to remove the rules, as one without an end is given up after five seconds.
        const endless = { status: 200, body: '{"data":[', isEndless: true };
        server.answerInstead(RULES, endless, endless, endless);
        const asked = server.requests.filter(({ url }) => url.pathname === RULES).length;
        child.kill("SIGINT");
        await server.requested(RULES, asked + 1);
        // Sooner, it would be the same Ctrl-C; and a third one would end the process before it tells.
        await delay(SAME_REQUEST_MS * 1.2);
        child.kill("SIGINT");
        const { exitCode, account, stderr } = await ended;
        expect(exitCode).to.equal(130);
        expect(account).to.include({ received: 1, sent: 1, interrupted: true });
        expect(stderr).to.contain("there was no time to remove them");
        expect([...server.rules.values()].map(({ tag }) => tag)).to.deep.equal(["theirs", RULE_TAG]);
    });
});
