import { expect } from "chai";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { UsageError } from "../../commandline/failure";
import { readOutputsFile, readStackOutputs } from "../../producer/config";

const outputs = {
    kinesisStream: "posts-1234567",
    region: "eu-central-1",
    accessKeyId: "AKIAEXAMPLEEXAMPLE00",
    secretAccessKey: "a-secret-that-nobody-may-see",
};

const NAMES = ["kinesisStream", "region", "accessKeyId", "secretAccessKey"] as const;

describe("the configuration", () => {
    let folder: string;
    const environment = Object.fromEntries(
        [
            "PATH",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_KINESIS",
            "AWS_ENDPOINT_URL_S3",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_USE_FIPS_ENDPOINT",
            "AWS_USE_DUALSTACK_ENDPOINT",
        ].map((name) => [name, process.env[name]]),
    );
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "producer-config-"))));
    afterEach(() => {
        rmSync(folder, { recursive: true });
        for (const [name, value] of Object.entries(environment)) {
            if (value === undefined) Reflect.deleteProperty(process.env, name);
            else process.env[name] = value;
        }
    });

    async function mistakeOf(reading: Promise<unknown>): Promise<string> {
        const error = await reading.then(
            () => expect.fail("It did not fail."),
            (thrown: unknown) => thrown as UsageError,
        );
        expect(error).to.be.instanceOf(UsageError);
        expect(error.message).to.not.contain("\n").and.not.contain(outputs.secretAccessKey);
        return error.message;
    }

    describe("from the Pulumi CLI", () => {
        /** A `pulumi` that notes its parameters and its folder, and does as told. */
        function fakePulumi({ stdout = "", stderr = "", exitCode = 0 }): void {
            const text = `#!${process.execPath}
                const { writeFileSync, writeSync } = require("node:fs");
                writeFileSync(${JSON.stringify(join(folder, "call.json"))}, JSON.stringify([process.cwd(), ...process.argv.slice(2)]));
                writeSync(1, ${JSON.stringify(stdout)});
                writeSync(2, ${JSON.stringify(stderr)});
                process.exitCode = ${exitCode};`;
            writeFileSync(join(folder, "pulumi"), text);
            chmodSync(join(folder, "pulumi"), 0o755);
            process.env.PATH = `${folder}${delimiter}${environment.PATH ?? ""}`;
        }

        it("are the outputs of the stack, asked for in the project's folder, without a shell", async () => {
            fakePulumi({ stdout: JSON.stringify({ ...outputs, other: 1 }) });
            const stack = "org/project/dev; touch x $(id)";
            expect(await readStackOutputs(stack, folder, NAMES)).to.include(outputs);
            const call = JSON.parse(readFileSync(join(folder, "call.json"), "utf8")) as string[];
            expect(call).to.deep.equal([
                realpathSync(folder),
                ...["stack", "output", "--json", "--show-secrets", "--non-interactive", "--stack", stack],
            ]);
        });

        it("are explained when there is no CLI", async () => {
            process.env.PATH = folder;
            expect(await mistakeOf(readStackOutputs("dev", folder, NAMES))).to.match(
                /^The Pulumi CLI .* not on the PATH: install it/,
            );
        });

        for (const [name, stderr, message] of [
            [
                "nobody is logged in",
                "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
                /^The Pulumi CLI is not logged in: run `pulumi login`/,
            ],
            [
                "there is no such stack",
                "error: no stack named 'dev' found",
                /^There is no stack `dev`: `pulumi stack ls`/,
            ],
            [
                "a passphrase is missing",
                'error: constructing secrets manager of type "passphrase": passphrase must be set with PULUMI_CONFIG_PASSPHRASE',
                /need its passphrase: set PULUMI_CONFIG_PASSPHRASE\.$/,
            ],
            [
                "anything else is wrong",
                "warning: something\nerror: \u001b[31mthe moon is too near\nmore",
                /^`pulumi stack output` failed: \ufffd\[31mthe moon is too near$/,
            ],
        ] as const) {
            it(`are explained when ${name}`, async () => {
                fakePulumi({ stdout: outputs.secretAccessKey, stderr, exitCode: 255 });
                expect(await mistakeOf(readStackOutputs("dev", folder, NAMES))).to.match(message);
            });
        }

        it("are explained when they are not JSON", async () => {
            fakePulumi({ stdout: `secret: ${outputs.secretAccessKey}` });
            expect(await mistakeOf(readStackOutputs("dev", folder, NAMES))).to.match(
                /^The stack `dev`: the outputs are not a JSON object;/,
            );
        });

        it("are all named that are missing, as before the first deployment", async () => {
            fakePulumi({
                stdout: JSON.stringify({ region: "eu-central-1", secretAccessKey: outputs.secretAccessKey }),
            });
            expect(await mistakeOf(readStackOutputs("dev", folder, NAMES))).to.equal(
                "The stack `dev` has no `kinesisStream`, `accessKeyId`: deploy it first with `pulumi up --stack dev`.",
            );
        });

        it("that a stack without access keys does not have are explained", async () => {
            for (const none of [null, undefined]) {
                fakePulumi({ stdout: JSON.stringify({ ...outputs, accessKeyId: none, secretAccessKey: none }) });
                expect(await mistakeOf(readStackOutputs("dev", folder, NAMES))).to.equal(
                    "The stack `dev` has no `accessKeyId`, `secretAccessKey`: use your own credentials with `--credentials default`.",
                );
            }
        });
    });

    describe("from a file", () => {
        const path = () => join(folder, "outputs.json");

        it("are the same outputs", async () => {
            writeFileSync(path(), JSON.stringify(outputs));
            expect(await readOutputsFile(path(), NAMES)).to.deep.equal(outputs);
        });

        it("are explained when the file is not there or holds something else", async () => {
            expect(await mistakeOf(readOutputsFile(path(), NAMES))).to.match(
                /^Expected `--outputs` to be a file .*ENOENT/,
            );
            writeFileSync(path(), "[1]");
            expect(await mistakeOf(readOutputsFile(path(), NAMES))).to.contain("not a JSON object");
        });

        it("are explained when the secrets were not asked for", async () => {
            writeFileSync(path(), JSON.stringify({ ...outputs, accessKeyId: "[secret]", secretAccessKey: "[secret]" }));
            expect(await mistakeOf(readOutputsFile(path(), NAMES))).to.match(
                /hides `accessKeyId`, `secretAccessKey`: ask for the outputs with `--show-secrets`\.$/,
            );
        });
    });

    describe("of the embedded cloud", () => {
        it("are in .local, with the endpoint for the AWS SDK", async () => {
            const server = createServer((socket) => socket.end());
            server.listen(0, "127.0.0.1");
            await once(server, "listening");
            const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            writeLocalFiles(endpoint);
            try {
                // What would lead elsewhere.
                process.env.AWS_ENDPOINT_URL_KINESIS = "http://127.0.0.1:9";
                process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "true";
                process.env.AWS_USE_FIPS_ENDPOINT = "true";
                expect(await readStackOutputs("local", folder, NAMES)).to.deep.equal(outputs);
                expect(process.env.AWS_ENDPOINT_URL).to.equal(endpoint);
                expect(process.env).not.to.have.property("AWS_ENDPOINT_URL_KINESIS");
                expect(process.env).to.include({
                    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false",
                    AWS_USE_FIPS_ENDPOINT: "false",
                });
                expect(process.env.AWS_ACCESS_KEY_ID).to.not.equal("ADMINISTRATOR");
            } finally {
                server.close();
            }
            await once(server, "close");
            // What a killed process has left.
            expect(await mistakeOf(readStackOutputs("local", folder, NAMES))).to.equal(
                `Nothing answers at ${endpoint}: start the embedded cloud again, with \`npm run local\`.`,
            );
        });

        function writeLocalFiles(endpoint: string): void {
            mkdirSync(join(folder, ".local"));
            writeFileSync(join(folder, ".local", "outputs.json"), JSON.stringify(outputs));
            writeFileSync(
                join(folder, ".local", "env"),
                `AWS_ENDPOINT_URL=${endpoint}\nAWS_REGION=us-east-1\nAWS_ACCESS_KEY_ID=ADMINISTRATOR\n`,
            );
        }

        it("are explained when it does not run", async () => {
            expect(await mistakeOf(readStackOutputs("local", folder, NAMES))).to.equal(
                "Start the embedded cloud first: `npm run local`.",
            );
        });
    });
});
