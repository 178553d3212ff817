import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { xSource } from "../../../producer/sources/x";
import { RULE_TAG } from "../../../producer/sources/x/rules";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";
import { line, xPost } from "./x/posts";
import { BEARER_TOKEN, CONSUMER, XServer } from "./x/x-server";

const PROJECT_FOLDER = join(__dirname, "..", "..", "..");

describe("the source x", () => {
    // Each test starts a process.
    let server: XServer;
    beforeEach(async () => (server = await XServer.start()));
    afterEach(() => server.close());
    after(removeTemporaryFolders);

    /** In a process of its own, as the certificate has to be trusted from its start. */
    function start(
        options: object,
        credentials: Record<string, string>,
    ): ChildProcess & { stdout: Readable; stderr: Readable } {
        const certificate = join(temporaryFolder({ "certificate.pem": server.certificate }), "certificate.pem");
        const script = join(__dirname, "x", "run-source.ts");
        return spawn(process.execPath, ["--require", "./commandline/typescript.cjs", script, JSON.stringify(options)], {
            cwd: PROJECT_FOLDER,
            env: {
                PATH: process.env.PATH,
                X_API_URL: server.url,
                NODE_EXTRA_CA_CERTS: certificate,
                ...credentials,
            },
            stdio: ["ignore", "pipe", "pipe"],
        });
    }

    it("gives posts until it is stopped, and leaves nothing behind", async () => {
        server.script = (connection) => {
            expect([...server.rules.values()].map(({ value, tag }) => [value, tag])).to.deep.equal([
                ["yolo", RULE_TAG],
            ]);
            return connection.chunk(line(xPost("1", "日本🔥")));
        };
        const child = start({}, { X_CONSUMER_KEY: CONSUMER.key, X_CONSUMER_SECRET: CONSUMER.secret });
        const lines = createInterface(child.stdout);
        const exit = once(child, "close");
        const stderr = text(child.stderr);
        const [post] = (await once(lines, "line")) as [string];
        expect(JSON.parse(post)).to.include({ username: "さくら", id: "1", message: "日本🔥", source: "x" });
        child.kill("SIGTERM");
        const [last] = (await once(lines, "line")) as [string];
        expect(JSON.parse(last)).to.deep.include({
            isLive: true,
            notices: [
                "X: posts for yolo; at most 10,000 posts, about $50.00 (--max-posts).",
                "X: 1 post read, about $0.01.",
            ],
        });
        // It ends by itself: no socket and no timer is left.
        expect(await exit).to.deep.equal([0, null]);
        expect(await stderr).to.equal("");
        expect(server.rules.size).to.equal(0);
        await server.allClosed();
    });

    it("ends by its budget, and keeps its rules if it is told to", async () => {
        server.script = (connection) => connection.chunk(Buffer.concat(["1", "2", "3"].map((id) => line(xPost(id)))));
        const options = { track: ["two words"], rule: ["from:nasa has:media"], keepRules: true, maxPosts: 2 };
        const child = start(options, { X_BEARER_TOKEN: BEARER_TOKEN });
        const exit = once(child, "close");
        const lines = (await text(child.stdout)).trim().split("\n");
        expect(lines.slice(0, -1).map((post) => (JSON.parse(post) as { id: string }).id)).to.deep.equal(["1", "2"]);
        expect((await exit)[0]).to.equal(0);
        expect([...server.rules.values()].map(({ value }) => value)).to.deep.equal([
            '"two words"',
            "from:nasa has:media",
        ]);
    });

    it("says that the credentials were refused, once, and does not show them", async () => {
        const child = start({}, { X_BEARER_TOKEN: "s3cr3t" });
        const exit = once(child, "close");
        expect(await text(child.stderr)).to.equal(
            "Failure: Reading from X failed: X answered 401: Unauthorized " +
                "(check the credentials, and that their app may read the filtered stream).\n",
        );
        expect((await exit)[0]).to.equal(1);
        expect(server.requests).to.have.length(1);
    });

    it("refuses a term with quotation marks, and a rule that is too long", () => {
        const check = (track: string[], rule: string[]) =>
            xSource.check({ track, rule, keepRules: false, maxPosts: undefined });
        expect(check([], [])).to.be.empty;
        expect(check(['"'], ["a".repeat(2_000)])).to.have.length(2);
    });
});
