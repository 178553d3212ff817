import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StubStream } from "../../stub-stream";
import { JetstreamServer, numbered } from "./jetstream-server";

const ROOT = join(__dirname, "..", "..", "..", "..");

describe("npm run producer -- --source bluesky", () => {
    let stub: StubStream;
    let server: JetstreamServer;
    let folder: string;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "bluesky-"));
        [stub, server] = await Promise.all([StubStream.start(), JetstreamServer.start()]);
    });

    afterEach(async () => {
        await Promise.all([stub.close(), server.stop()]);
        rmSync(folder, { recursive: true });
    });

    function run(...parameters: string[]) {
        const outputs = join(folder, "outputs.json");
        const keys = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" };
        writeFileSync(outputs, JSON.stringify({ kinesisStream: "posts", region: "us-east-1", ...keys }));
        const command = ["--require", join(ROOT, "commandline", "typescript.cjs"), join(ROOT, "producer", "main.ts")];
        const chosen = [
            "--outputs",
            outputs,
            "--source",
            "bluesky",
            "--jetstream",
            server.url,
            "--json",
            ...parameters,
        ];
        const child = spawn(process.execPath, [...command, ...chosen], {
            env: { PATH: folder, AWS_ENDPOINT_URL: stub.endpointUrl, HOME: folder },
            cwd: folder,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let [stdout, stderr] = ["", ""];
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        const ended = once(child, "close").then(([exitCode]) => ({
            exitCode: exitCode as number | null,
            stderr,
            account: JSON.parse(stdout) as Record<string, unknown>,
        }));
        return { child, ended };
    }

    it("sends so many posts as asked for, across a cut, and exits with 0", async () => {
        for (let index = 0; index < 100; index += 1)
            server.log.push(numbered(index, index % 2 === 0 ? "yolo" : "other"));
        server.script.push(({ socket }) => {
            for (const each of server.log.slice(0, 50)) socket.send(each);
            socket.close();
        });
        const { exitCode, account, stderr } = await run("--track", "yolo", "--max-posts", "40").ended;
        expect(exitCode, stderr).to.equal(0);
        expect(account).to.include({ sent: 40, refused: 0, notSent: 0, received: 65, dropped: 25 });
        expect(new Set(stub.posts().map(({ id }) => id)).size).to.equal(40);
    });

    it("goes on until it is told to stop, sends what it has read, and leaves Jetstream", async () => {
        let count = 0;
        const sent = new Promise<void>((resolve) => {
            stub.behaviour = (records) => {
                count += records.length;
                if (count === 100) resolve();
                return {};
            };
        });
        const connected = server.connection();
        const { child, ended } = run();
        await connected;
        server.push(...Array.from({ length: 100 }, (_, index) => numbered(index)));
        await sent;
        child.kill("SIGTERM");
        const { exitCode, account, stderr } = await ended;
        expect(exitCode, stderr).to.equal(0);
        expect(account).to.include({ received: 100, sent: 100, interrupted: true });
        await server.abandoned();
    });
});
