import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import path from "node:path";
import { readProject } from "../local/deployment/project";

interface Registered {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

interface Statement {
    Effect: string;
    Action: string | string[];
    Resource: string | string[];
}

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const PROJECT_FOLDER = path.resolve(__dirname, "..");

/** Runs index.ts with Pulumi's mocks, until the last resource, the event source mapping, is registered. */
async function runProgram(
    config: Record<string, string> = {},
    stack = "dev",
): Promise<{ resources: Registered[]; outputs: Record<string, pulumi.Output<string>> }> {
    const resources: Registered[] = [];
    const complete = new Promise<void>((resolve) => {
        pulumi.runtime
            .setMocks(
                {
                    newResource({ type, name, inputs, custom }) {
                        if (custom !== false) resources.push({ type, name, inputs: inputs as Record<string, unknown> });
                        if (type === MAPPING) resolve();
                        const named = (inputs as { name?: string; bucket?: string }).name ?? `${name}-1a2b3c4`;
                        const state: Record<string, unknown> = {
                            ...(inputs as object),
                            arn: `arn:${name}`,
                            name: named,
                            bucket: named,
                            secret: "s3cr3t",
                        };
                        return { id: `${name}-id`, state };
                    },
                    call: () => ({ region: "us-east-1" }),
                },
                "stream-processing",
                stack,
                false,
            )
            .then(undefined, (error: unknown) => {
                throw error;
            });
    });
    const defaults = readProject(PROJECT_FOLDER, "none").config;
    pulumi.runtime.setAllConfig({
        ...defaults,
        ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`stream-processing:${key}`, value])),
    });
    const program = require.resolve("../index");
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- each run is a program of its own
    delete require.cache[program];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the mocks must be set before it is loaded
    const outputs = require("../index") as Record<string, pulumi.Output<string>>;
    await complete;
    return { resources, outputs };
}

function inputsOf(resources: Registered[], type: string): Record<string, unknown> {
    const found = resources.filter((resource) => resource.type === type);
    expect(found, type).to.have.length(1);
    return found[0]!.inputs;
}

function statementsOf(policy: unknown): Statement[] {
    return (JSON.parse(policy as string) as { Statement: Statement[] }).Statement;
}

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

describe("the program", function () {
    this.timeout(30_000);

    let resources: Registered[];
    let outputs: Record<string, pulumi.Output<string>>;

    before(async () => {
        ({ resources, outputs } = await runProgram());
    });

    it("makes the resources of the architecture, and no others", () => {
        expect(resources.map(({ type }) => type).sort()).to.deep.equal([
            "aws:cloudwatch/logGroup:LogGroup",
            "aws:dynamodb/table:Table",
            "aws:iam/accessKey:AccessKey",
            "aws:iam/role:Role",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:iam/user:User",
            "aws:iam/userPolicy:UserPolicy",
            "aws:kinesis/stream:Stream",
            MAPPING,
            "aws:lambda/function:Function",
            "aws:lambda/permission:Permission",
            "aws:s3/bucket:Bucket",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        ]);
    });

    it("gives the table the name and the key that users know", () => {
        const table = inputsOf(resources, "aws:dynamodb/table:Table");
        expect(table).to.include({ name: "dev-EventData", hashKey: "Username", rangeKey: "Id" });
    });

    it("has an encrypted stream, on demand unless shards are asked for", async () => {
        const onDemand = inputsOf(resources, "aws:kinesis/stream:Stream");
        expect(onDemand).to.deep.include({ streamModeDetails: { streamMode: "ON_DEMAND" }, encryptionType: "KMS" });
        expect(onDemand).not.to.have.property("shardCount");
        const provisioned = inputsOf((await runProgram({ shardCount: "3" })).resources, "aws:kinesis/stream:Stream");
        expect(provisioned).to.deep.include({ streamModeDetails: { streamMode: "PROVISIONED" }, shardCount: 3 });
    });

    it("uploads the callback alone, for the runtime and the processor that it says", async () => {
        const lambdaFunction = inputsOf(resources, "aws:lambda/function:Function");
        expect(lambdaFunction).to.deep.include({
            name: "dev-DDBEventProcessor",
            runtime: "nodejs24.x",
            architectures: ["arm64"],
            role: "arn:eventProcessor",
        });
        const archive = lambdaFunction.code as pulumi.asset.AssetArchive;
        const assets = await archive.assets;
        expect(Object.keys(assets)).to.deep.equal(["__index.js"]);
        // A factory is called when the module is loaded, so that clients live as long as the container.
        expect(await (assets["__index.js"] as pulumi.asset.StringAsset).text).to.match(
            /exports\.handler = __f0\(\);\s*$/,
        );
    });

    it("gives the function time for its own retries, and its two variables", () => {
        expect(inputsOf(resources, "aws:lambda/function:Function")).to.deep.include({
            timeout: 60,
            environment: {
                variables: { EVENT_DATA_TABLE: "dev-EventData", FAILED_EVENTS_BUCKET: "failed-events-1a2b3c4" },
            },
        });
    });

    it("keeps everyone out of the bucket who is not of the account", () => {
        expect(inputsOf(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).to.deep.equal({
            bucket: "failed-events-1a2b3c4",
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
    });

    it("reads the stream from its beginning, reports single failures and gives up into the bucket", () => {
        expect(inputsOf(resources, MAPPING)).to.deep.include({
            startingPosition: "TRIM_HORIZON",
            functionResponseTypes: ["ReportBatchItemFailures"],
            bisectBatchOnFunctionError: true,
            maximumRetryAttempts: 10,
            maximumRecordAgeInSeconds: 43_200,
            destinationConfig: { onFailure: { destinationArn: "arn:failed-events" } },
        });
    });

    it("keeps the age of a record within what a mapping takes, however long the stream keeps it", async () => {
        const mapping = inputsOf((await runProgram({ retentionHours: "8760" })).resources, MAPPING);
        expect(mapping.maximumRecordAgeInSeconds).to.equal(604_800);
    });

    it("lets the function do what it does, each on the one resource", () => {
        expect(statementsOf(inputsOf(resources, "aws:iam/rolePolicy:RolePolicy").policy)).to.deep.equal([
            {
                Effect: "Allow",
                Action: [
                    "kinesis:DescribeStream",
                    "kinesis:DescribeStreamSummary",
                    "kinesis:GetRecords",
                    "kinesis:GetShardIterator",
                    "kinesis:ListShards",
                ],
                Resource: "arn:posts",
            },
            { Effect: "Allow", Action: "dynamodb:BatchWriteItem", Resource: "arn:eventData" },
            {
                Effect: "Allow",
                Action: "s3:PutObject",
                Resource: ["arn:failed-events/quarantine/*", "arn:failed-events/aws/lambda/*"],
            },
            { Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:failed-events" },
            {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: "arn:eventProcessor:*",
            },
        ]);
    });

    it("lets the producer put records into the one stream", () => {
        expect(statementsOf(inputsOf(resources, "aws:iam/userPolicy:UserPolicy").policy)).to.deep.equal([
            { Effect: "Allow", Action: ["kinesis:PutRecord", "kinesis:PutRecords"], Resource: "arn:posts" },
        ]);
    });

    it("exports what the producer needs, both keys as secrets", async () => {
        const values = await Promise.all(
            Object.entries(outputs).map(async ([name, output]) => [name, await valueOf(output)] as const),
        );
        expect(Object.fromEntries(values)).to.deep.equal({
            kinesisStream: "posts-1a2b3c4",
            region: "us-east-1",
            accessKeyId: "producer-id",
            secretAccessKey: "s3cr3t",
            eventDataTable: "dev-EventData",
            eventProcessor: "dev-DDBEventProcessor",
            failedEventsBucket: "failed-events-1a2b3c4",
            tableUrl:
                "https://us-east-1.console.aws.amazon.com/dynamodbv2/home?region=us-east-1#item-explorer?table=dev-EventData",
        });
        const secrets = await Promise.all(
            Object.entries(outputs).map(async ([name, output]) => ((await pulumi.isSecret(output)) ? name : undefined)),
        );
        expect(secrets.filter((name) => name !== undefined)).to.deep.equal(["accessKeyId", "secretAccessKey"]);
    });
});

describe("the program's configuration", () => {
    it("that is wrong is told with every problem, before any resource is registered", async () => {
        const wrong = { batchSize: "0", shardCount: "-1", retentionHours: "many", logRetentionDays: "2", lout: "1" };
        const error: unknown = await runProgram(wrong, "my.stack").catch((reason: unknown) => reason);
        expect(pulumi.RunError.isInstance(error)).to.equal(true);
        expect((error as Error).message.split("\n")).to.deep.equal([
            "Expected the stack's name to be 1 to 46 letters, digits, hyphens or underscores, got 'my.stack'",
            "Expected `stream-processing:shardCount` to be 0 to 20000 shards, or 0 for on-demand, got '-1'",
            "Expected `stream-processing:retentionHours` to be 24 to 8760 hours, got 'many'",
            "Expected `stream-processing:batchSize` to be 1 to 10000 posts, got '0'",
            "Expected `stream-processing:logRetentionDays` to be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, " +
                "545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days, got '2'",
            "Expected the configuration to be one of shardCount, retentionHours, batchSize, batchingWindowSeconds, " +
                "parallelizationFactor, memorySize, logRetentionDays, got 'stream-processing:lout'",
        ]);
    });

    it("reaches the mapping and the function", async () => {
        const { resources } = await runProgram({
            batchSize: "10",
            batchingWindowSeconds: "5",
            parallelizationFactor: "2",
            memorySize: "512",
            logRetentionDays: "30",
        });
        expect(inputsOf(resources, MAPPING)).to.include({
            batchSize: 10,
            maximumBatchingWindowInSeconds: 5,
            parallelizationFactor: 2,
        });
        expect(inputsOf(resources, "aws:lambda/function:Function").memorySize).to.equal(512);
        expect(inputsOf(resources, "aws:cloudwatch/logGroup:LogGroup").retentionInDays).to.equal(30);
    });
});
