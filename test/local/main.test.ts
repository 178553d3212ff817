import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
    DeleteStreamCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    KinesisClient,
    ListStreamsCommand,
    PutRecordCommand,
    PutRecordsCommand,
    PutResourcePolicyCommand,
} from "@aws-sdk/client-kinesis";
import { expect } from "chai";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { parseEnv } from "node:util";
import { end, printed, processesLeft, projectCopy, startProgram, type Program } from "../project-copy";
import { removeTemporaryFolders } from "../temporary-folder";

const LOCAL = "local/main.ts";

/** Of the ports that no system gives to those who ask for any: Linux begins at 32768, others higher. */
const PORTS = { first: 20_000, count: 10_000 };

/** A port that is free, and that nobody gets by chance until a program of ours listens on it. */
async function freePort(): Promise<number> {
    // Others who run this test at the same time begin elsewhere.
    for (let offset = process.pid; ; offset += 1) {
        const port = PORTS.first + (offset % PORTS.count);
        const server = createServer();
        const isFree = await new Promise<boolean>((resolve) => {
            server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
        });
        if (!isFree) continue;
        await new Promise((resolve) => server.close(resolve));
        return port;
    }
}

describe("npm run local", () => {
    after(removeTemporaryFolders);

    describe("while it runs", () => {
        let folder: string;
        let port: number;
        let local: Program;
        let ended: ReturnType<typeof end>;
        let welcome: string;

        before(async () => {
            folder = projectCopy();
            port = await freePort();
            local = startProgram(LOCAL, ["--port", String(port), "--ui-port", "0"], { folder });
            ended = end(local);
            welcome = await printed(local.stdout, "Ctrl-C stops it.");
        });

        after(() => {
            local.kill("SIGKILL");
        });

        it("keeps outputs and keys in files that only the owner can read", () => {
            for (const name of ["outputs.json", "env"]) {
                expect(statSync(path.join(folder, ".local", name)).mode & 0o777).to.equal(0o600);
            }
        });

        function readEnvironment(): Partial<Record<string, string>> {
            return parseEnv(readFileSync(path.join(folder, ".local", "env"), "utf8"));
        }

        /** How the SDK makes its clients, which for Kinesis speaks HTTP/2; with the producer's keys unless others are given. */
        function clientOptions(keys: { accessKeyId?: string; secretAccessKey?: string } = {}) {
            const { accessKeyId = "", secretAccessKey = "", region = "" } = { ...readOutputs(folder), ...keys };
            const endpoint = readEnvironment().AWS_ENDPOINT_URL!;
            return { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
        }

        async function errorOf(request: Promise<unknown>): Promise<Error> {
            const error: unknown = await request.then(
                () => undefined,
                (reason: unknown) => reason,
            );
            expect(error).to.be.instanceOf(Error);
            return error as Error;
        }

        it("lets the producer's keys put records, and nothing else", async () => {
            const { kinesisStream: StreamName = "", eventDataTable: TableName = "" } = readOutputs(folder);
            expect(readEnvironment().AWS_ENDPOINT_URL).to.equal(`http://127.0.0.1:${port}`);
            const kinesis = new KinesisClient(clientOptions());
            const dynamodb = new DynamoDBClient(clientOptions());
            try {
                const record = { PartitionKey: "ada", Data: Buffer.from("no post") };
                const { Records = [] } = await kinesis.send(new PutRecordsCommand({ StreamName, Records: [record] }));
                expect(Records.map(({ ShardId = "" }) => ShardId.slice(0, 8))).to.deep.equal(["shardId-"]);
                expect(await kinesis.send(new PutRecordCommand({ StreamName, ...record }))).to.have.property("ShardId");
                const ResourceARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
                const ShardId = "shardId-000000000000";
                for (const [action, request] of [
                    ["kinesis:DeleteStream", () => kinesis.send(new DeleteStreamCommand({ StreamName }))],
                    [
                        "kinesis:GetShardIterator",
                        () =>
                            kinesis.send(
                                new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
                            ),
                    ],
                    ["kinesis:GetRecords", () => kinesis.send(new GetRecordsCommand({ ShardIterator: "any" }))],
                    [
                        "kinesis:PutResourcePolicy",
                        () => kinesis.send(new PutResourcePolicyCommand({ ResourceARN, Policy: "{}" })),
                    ],
                    ["dynamodb:Scan", () => dynamodb.send(new ScanCommand({ TableName }))],
                ] as const) {
                    const { name, message } = await errorOf(request());
                    expect(name).to.equal("AccessDeniedException");
                    expect(message).to.match(/^User: arn:aws:iam::000000000000:user\/producer-/);
                    expect(message).to.include(` is not authorized to perform: ${action} on resource: `);
                    expect(message).to.match(
                        new RegExp(`because no identity-based policy allows the ${action} action$`),
                    );
                }
            } finally {
                kinesis.destroy();
                dynamodb.destroy();
            }
        });

        it("refuses a changed secret and a key that nobody has", async () => {
            for (const [keys, expected] of [
                [{ secretAccessKey: "another" }, "InvalidSignatureException"],
                [{ accessKeyId: "AKIAAAAAAAAAAAAAAAAA" }, "UnrecognizedClientException"],
            ] as const) {
                const client = new KinesisClient(clientOptions(keys));
                expect((await errorOf(client.send(new ListStreamsCommand({})))).name).to.equal(expected);
                client.destroy();
            }
        });

        it("lets the keys in .local/env do everything", async () => {
            const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } =
                readEnvironment();
            const client = new KinesisClient(clientOptions({ accessKeyId, secretAccessKey }));
            const { StreamNames } = await client.send(new ListStreamsCommand({}));
            client.destroy();
            expect(StreamNames).to.deep.equal([readOutputs(folder).kinesisStream]);
        });

        it("takes posts of the producer for the stack `local`", async () => {
            const options = ["--stack", "local", "--source", "sample", "--posts", "50", "--json"];
            const { code, stdout, stderr } = await end(startProgram("producer/main.ts", options, { folder }));
            expect(code, stderr).to.equal(0);
            expect(JSON.parse(stdout.trimEnd().split("\n").at(-1)!)).to.include({ sent: 50, notSent: 0 });
        });

        it("serves the page that shows it, with everything that is deployed and no secret", async () => {
            const address = /^See it flow: (http:\/\/127\.0\.0\.1:\d+)$/m.exec(welcome)![1]!;
            expect((await fetch(address)).headers.get("content-type")).to.include("text/html");
            const resources = await (await fetch(`${address}/api/resources`)).text();
            expect(resources).to.include("aws:kinesis/stream:Stream").and.include("kinesis:PutRecords");
            const { accessKeyId = "", secretAccessKey = "" } = readOutputs(folder);
            expect(resources).not.to.include(accessKeyId).and.not.include(secretAccessKey);
        });

        it("refuses a second one, on any port", async () => {
            const second = await end(
                startProgram(LOCAL, ["--port", String(await freePort()), "--ui-port", "0"], { folder }),
            );
            expect(second.code).to.equal(2);
            expect(second.stderr).to.equal(
                `Another \`npm run local\` of this folder is running (process ${local.pid!}): stop it first, with Ctrl-C where ` +
                    `it runs. If process ${local.pid!} is something else, delete ${path.join(".local", "pid")}.\n`,
            );
            expect(readOutputs(folder).kinesisStream).to.match(/^posts-/);
        });

        it("ends with Ctrl-C, shows no secret, and leaves no file, process or port", async () => {
            const { secretAccessKey = "", accessKeyId = "" } = readOutputs(folder);
            local.kill("SIGINT");
            const { code, stdout, stderr } = await ended;
            expect(code, stderr).to.equal(0);
            expect(stdout).to.match(/^ *secretAccessKey +\[secret\]$/m);
            expect(stdout + stderr).not.to.include(secretAccessKey);
            expect(stdout + stderr).not.to.include(accessKeyId);
            for (const name of ["outputs.json", "env", "pid"]) {
                expect(existsSync(path.join(folder, ".local", name)), name).to.equal(false);
            }
            expect(processesLeft(local)).to.deep.equal([]);
        });
    });

    for (const [option, message] of [
        ["--port", "Expected port PORT of 127.0.0.1 to be free"],
        ["--ui-port", "Expected port PORT of 127.0.0.1 to be free for the page"],
    ] as const) {
        it(`names a ${option} that is taken, and leaves nothing behind`, async () => {
            const folder = projectCopy();
            const server = createServer();
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
            const { port } = server.address() as AddressInfo;
            try {
                const ports = { "--port": await freePort(), "--ui-port": 0, [option]: port };
                const local = startProgram(LOCAL, Object.entries(ports).flat().map(String), { folder });
                const { code, stderr } = await end(local);
                expect(code).to.equal(2);
                expect(stderr).to.include(message.replace("PORT", String(port)));
                expect(stderr.trimEnd()).not.to.include("\n");
                expect(processesLeft(local)).to.deep.equal([]);
                expect(existsSync(path.join(folder, ".local", "pid"))).to.equal(false);
            } finally {
                server.close();
            }
        });
    }
});

function readOutputs(folder: string): Partial<Record<string, string>> {
    return JSON.parse(readFileSync(path.join(folder, ".local", "outputs.json"), "utf8")) as Record<string, string>;
}
