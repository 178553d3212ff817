import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { expect } from "chai";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { parseEnv } from "node:util";
import { end, printed, processesLeft, projectCopy, startProgram, type Program } from "../project-copy";
import { removeTemporaryFolders } from "../temporary-folder";

const LOCAL = "local/main.ts";

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
    await new Promise((resolve) => server.close(resolve));
    return port;
}

describe("npm run local", function () {
    this.timeout(120_000);
    after(removeTemporaryFolders);

    describe("while it runs", () => {
        let folder: string;
        let port: number;
        let local: Program;
        let ended: ReturnType<typeof end>;

        before(async () => {
            folder = projectCopy();
            port = await freePort();
            local = startProgram(LOCAL, ["--port", String(port)], { folder });
            ended = end(local);
            await printed(local.stdout, "Ctrl-C stops it.");
        });

        after(() => {
            local.kill("SIGKILL");
        });

        it("keeps outputs and keys in files that only the owner can read", () => {
            for (const name of ["outputs.json", "env"]) {
                expect(statSync(path.join(folder, ".local", name)).mode & 0o777).to.equal(0o600);
            }
        });

        it("takes records of a client as the SDK makes it, which speaks HTTP/2, with the producer's keys", async () => {
            const outputs = readOutputs(folder);
            const { AWS_ENDPOINT_URL: endpoint } = parseEnv(readFileSync(path.join(folder, ".local", "env"), "utf8"));
            expect(endpoint).to.equal(`http://127.0.0.1:${port}`);
            const { accessKeyId = "", secretAccessKey = "", region = "", kinesisStream = "" } = outputs;
            const credentials = { accessKeyId, secretAccessKey };
            const client = new KinesisClient({ endpoint: endpoint!, region, credentials });
            try {
                const record = { StreamName: kinesisStream, PartitionKey: "ada", Data: Buffer.from("no post") };
                expect((await client.send(new PutRecordCommand(record))).ShardId).to.match(/^shardId-/);
            } finally {
                client.destroy();
            }
        });

        it("takes posts of the producer for the stack `local`", async () => {
            const options = ["--stack", "local", "--source", "sample", "--posts", "50", "--json"];
            const { code, stdout, stderr } = await end(startProgram("producer/main.ts", options, { folder }));
            expect(code, stderr).to.equal(0);
            expect(JSON.parse(stdout.trimEnd().split("\n").at(-1)!)).to.include({ sent: 50, notSent: 0 });
        });

        it("refuses a second one, on any port", async () => {
            const second = await end(startProgram(LOCAL, ["--port", String(await freePort())], { folder }));
            expect(second.code).to.equal(2);
            expect(second.stderr).to.equal(
                `Another \`npm run local\` of this folder is running (process ${local.pid!}): stop it first, with Ctrl-C where ` +
                    "it runs.\n",
            );
            expect(readOutputs(folder).kinesisStream).to.match(/^posts-/);
        });

        it("ends with Ctrl-C, shows no secret, and leaves no file, process or port", async () => {
            const { secretAccessKey = "", accessKeyId = "" } = readOutputs(folder);
            local.kill("SIGINT");
            const { code, stdout, stderr } = await ended;
            expect(code, stderr).to.equal(0);
            expect(stdout).to.include("secretAccessKey     [secret]");
            expect(stdout + stderr).not.to.include(secretAccessKey);
            expect(stdout + stderr).not.to.include(accessKeyId);
            for (const name of ["outputs.json", "env", "pid"]) {
                expect(existsSync(path.join(folder, ".local", name)), name).to.equal(false);
            }
            expect(processesLeft(local)).to.deep.equal([]);
        });
    });

    it("names a port that is taken, and leaves nothing behind", async () => {
        const folder = projectCopy();
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        try {
            const local = startProgram(LOCAL, ["--port", String(port)], { folder });
            const { code, stderr } = await end(local);
            expect(code).to.equal(2);
            expect(stderr).to.include(`Expected port ${port} of 127.0.0.1 to be free`);
            expect(stderr.trimEnd()).not.to.include("\n");
            expect(processesLeft(local)).to.deep.equal([]);
            expect(existsSync(path.join(folder, ".local", "pid"))).to.equal(false);
        } finally {
            server.close();
        }
    });
});

function readOutputs(folder: string): Partial<Record<string, string>> {
    return JSON.parse(readFileSync(path.join(folder, ".local", "outputs.json"), "utf8")) as Record<string, string>;
}
