import { expect } from "chai";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { read, useLambda } from "./fixture";

describe("surroundings of a function", () => {
    const lambda = useLambda();

    it("have Lambda's variables, the function's, and nothing of the host's", async () => {
        process.env.HOST_SECRET = "leaked";
        try {
            await lambda.create("exports.handler = async () => process.env;", { environment: { TABLE: "posts" } });
            const environment = read(await lambda.invoke()) as Record<string, string>;
            expect(environment).to.include({
                _HANDLER: "index.handler",
                AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
                AWS_DEFAULT_REGION: "eu-central-1",
                AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
                AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
                AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
                AWS_LAMBDA_FUNCTION_NAME: "processor",
                AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
                AWS_REGION: "eu-central-1",
                AWS_SECRET_ACCESS_KEY: "secret",
                AWS_SESSION_TOKEN: "token",
                TABLE: "posts",
                TZ: ":UTC",
            });
            const known =
                /^(_HANDLER|AWS_[A-Z_]+|_X_AMZN_TRACE_ID|LAMBDA_RUNTIME_DIR|LAMBDA_TASK_ROOT|LANG|NODE_PATH|PATH|PWD|SHLVL|TABLE|TMPDIR|TZ|_)$/;
            expect(environment._X_AMZN_TRACE_ID).to.match(
                /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
            );
            expect(existsSync(environment.LAMBDA_RUNTIME_DIR!)).to.equal(true);
            expect(Object.keys(environment).filter((name) => !known.test(name))).to.deep.equal([]);
        } finally {
            delete process.env.HOST_SECRET;
        }
    });

    it("have the AWS SDK, for CommonJS and ES modules, and no other package of the host", async () => {
        await lambda.create("", {
            files: {
                "index.mjs": `import { createRequire } from "node:module";
                    import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
                    const require = createRequire(import.meta.url);
                    const resolves = (name) => { try { return !!require(name); } catch { return false; } };
                    export const handler = async () => [DynamoDBClient.name,
                        resolves("@aws-sdk/client-kinesis"), resolves("@smithy/core"),
                        resolves("@pulumi/pulumi"), resolves("typescript"), resolves("tslib")];`,
            },
        });
        expect(read(await lambda.invoke())).to.deep.equal(["DynamoDBClient", true, true, false, false, false]);
    });

    it("are the archive as working directory, gone at the end", async () => {
        await lambda.create("", {
            files: {
                "index.js": `const { readFileSync } = require("node:fs");
            exports.handler = async () => ({ data: readFileSync("data/words.txt", "utf8"), cwd: process.cwd(),
                root: process.env.LAMBDA_TASK_ROOT });`,
                "data/words.txt": Buffer.from("from the archive"),
            },
        });
        const { data, cwd, root } = read(await lambda.invoke()) as Record<"data" | "cwd" | "root", string>;
        expect(data).to.equal("from the archive");
        expect(cwd).to.equal(root);
        expect(existsSync(cwd)).to.equal(true);
        await lambda.service.close();
        expect([existsSync(cwd), existsSync(dirname(dirname(cwd)))]).to.deep.equal([false, false]);
    });

    it("are new, with new credentials, before the old ones expire", async () => {
        let starts = 0;
        const credentials = () => {
            starts += 1;
            const names = { accessKeyId: `KEY${starts}`, secretAccessKey: "secret", sessionToken: "token" };
            return { ...names, expiration: new Date(Date.now() + 60_000) };
        };
        await lambda.create("exports.handler = async () => process.env.AWS_ACCESS_KEY_ID;", { credentials });
        expect([read(await lambda.invoke()), read(await lambda.invoke())]).to.deep.equal(["KEY1", "KEY2"]);
    });
});
