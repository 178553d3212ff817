import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import path from "node:path";
import { readProject } from "../local/deployment/project";

interface Registered {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";
const project = readProject(path.resolve(__dirname, ".."), "none");

/** Runs index.ts with Pulumi's mocks, until the last resource, the dashboard, is registered. */
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
                        if (type === DASHBOARD) resolve();
                        const named = (inputs as { name?: string; bucket?: string }).name ?? `${name}-1a2b3c4`;
                        const state: Record<string, unknown> = {
                            ...(inputs as object),
                            arn: `arn:aws:service:us-east-1:111122223333:${name}`,
                            name: named,
                            bucket: named,
                            secret: "s3cr3t",
                            uuid: "1111-2222",
                        };
                        return { id: `${name}-id`, state };
                    },
                    call: () => ({ region: "us-east-1" }),
                },
                project.name,
                stack,
                false,
            )
            .then(undefined, (error: unknown) => {
                throw error;
            });
    });
    pulumi.runtime.setAllConfig({
        ...project.config,
        ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project.name}:${key}`, value])),
    });
    const program = require.resolve("../index");
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- each run is a program of its own
    delete require.cache[program];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the mocks must be set before it is loaded
    const outputs = require("../index") as Record<string, pulumi.Output<string>>;
    await complete;
    return { resources, outputs };
}

function inputsOf(resources: Registered[], type: string, name?: string): Record<string, unknown> {
    const found = resources.filter((each) => each.type === type && (name === undefined || each.name === name));
    expect(found, type).to.have.length(1);
    return found[0]!.inputs;
}

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

describe("the program", () => {
    let resources: Registered[];
    let outputs: Record<string, pulumi.Output<string>>;

    before(async () => {
        ({ resources, outputs } = await runProgram());
    });

    it("makes the resources of the architecture, and no others", () => {
        const counts = new Map<string, number>();
        for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
        expect([...counts].sort()).to.deep.equal([
            [DASHBOARD, 1],
            ["aws:cloudwatch/logGroup:LogGroup", 1],
            ["aws:cloudwatch/metricAlarm:MetricAlarm", 9],
            ["aws:dynamodb/table:Table", 1],
            ["aws:iam/accessKey:AccessKey", 2],
            ["aws:iam/role:Role", 1],
            ["aws:iam/rolePolicy:RolePolicy", 1],
            ["aws:iam/user:User", 2],
            ["aws:iam/userPolicy:UserPolicy", 2],
            ["aws:kinesis/stream:Stream", 1],
            [MAPPING, 1],
            ["aws:lambda/function:Function", 1],
            ["aws:lambda/permission:Permission", 1],
            ["aws:s3/bucket:Bucket", 1],
            ["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", 1],
            ["aws:s3/bucketPolicy:BucketPolicy", 1],
            ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", 1],
            ["aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", 1],
            ["aws:sns/topic:Topic", 1],
        ]);
    });

    it("gives the table the name and the key that users know", () => {
        const table = inputsOf(resources, "aws:dynamodb/table:Table");
        expect(table).to.include({ name: "dev-EventData", hashKey: "Username", rangeKey: "Id" });
    });

    it("can bring the table back to any second of the last weeks, and encrypts it", () => {
        expect(inputsOf(resources, "aws:dynamodb/table:Table")).to.deep.include({
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true },
            ttl: { enabled: true, attributeName: "ExpiresAt" },
            deletionProtectionEnabled: false,
        });
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
            role: "arn:aws:service:us-east-1:111122223333:eventProcessor",
            loggingConfig: {
                logFormat: "JSON",
                systemLogLevel: "WARN",
                logGroup: "/aws/lambda/dev-DDBEventProcessor",
            },
        });
        const archive = lambdaFunction.code as pulumi.asset.AssetArchive;
        const assets = await archive.assets;
        expect(Object.keys(assets)).to.deep.equal(["__index.js"]);
        // A factory is called when the module is loaded, so that clients live as long as the container.
        expect(await (assets["__index.js"] as pulumi.asset.StringAsset).text).to.match(
            /exports\.handler = __f0\(\);\s*$/,
        );
    });

    it("gives the function time for its own retries, and its variables", () => {
        expect(inputsOf(resources, "aws:lambda/function:Function")).to.deep.include({
            timeout: 60,
            environment: {
                variables: {
                    EVENT_DATA_TABLE: "dev-EventData",
                    FAILED_EVENTS_BUCKET: "failed-events-1a2b3c4",
                    TTL_DAYS: "0",
                },
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
            destinationConfig: {
                onFailure: { destinationArn: "arn:aws:service:us-east-1:111122223333:failed-events" },
            },
        });
    });

    it("keeps the age of a record within what a mapping takes, however long the stream keeps it", async () => {
        const mapping = inputsOf((await runProgram({ retentionHours: "8760" })).resources, MAPPING);
        expect(mapping.maximumRecordAgeInSeconds).to.equal(604_800);
    });

    it("takes nothing but TLS at the bucket, and encrypts it", () => {
        expect(JSON.parse(inputsOf(resources, "aws:s3/bucketPolicy:BucketPolicy").policy as string)).to.deep.equal({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "TlsOnly",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:*",
                    Resource: [
                        "arn:aws:service:us-east-1:111122223333:failed-events",
                        "arn:aws:service:us-east-1:111122223333:failed-events/*",
                    ],
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        });
        const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
        expect(inputsOf(resources, encryption).rules).to.deep.equal([
            { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
        ]);
    });

    it("removes no failed event that was not replayed, and those that were after a month", () => {
        const lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
        expect(inputsOf(resources, lifecycle).rules).to.deep.equal([
            {
                id: "unfinished-uploads",
                status: "Enabled",
                filter: { prefix: "" },
                abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
            },
            { id: "replayed", status: "Enabled", filter: { prefix: "replayed/" }, expiration: { days: 30 } },
        ]);
    });

    it("exports what the producer needs, both keys as secrets", async () => {
        const values = await Promise.all(
            Object.entries(outputs).map(async ([name, output]) => [name, await valueOf(output)] as const),
        );
        expect(Object.fromEntries(values)).to.deep.equal({
            kinesisStream: "posts-1a2b3c4",
            region: "us-east-1",
            accessKeyId: "producer-a-id",
            secretAccessKey: "s3cr3t",
            replayAccessKeyId: "replay-a-id",
            replaySecretAccessKey: "s3cr3t",
            eventDataTable: "dev-EventData",
            eventProcessor: "dev-DDBEventProcessor",
            failedEventsBucket: "failed-events-1a2b3c4",
            dashboardUrl:
                "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/dev-stream-processing",
            tableUrl:
                "https://us-east-1.console.aws.amazon.com/dynamodbv2/home?region=us-east-1#item-explorer?table=dev-EventData",
        });
        const secrets = await Promise.all(
            Object.entries(outputs).map(async ([name, output]) => ((await pulumi.isSecret(output)) ? name : undefined)),
        );
        expect(secrets.filter((name) => name !== undefined)).to.have.members([
            "accessKeyId",
            "secretAccessKey",
            "replayAccessKeyId",
            "replaySecretAccessKey",
        ]);
    });
});

describe("the program's configuration", () => {
    it("that is wrong stops the program before it makes anything", async () => {
        const error: unknown = await runProgram({ batchSize: "0", ttlDays: "-1" }).catch((reason: unknown) => reason);
        expect(pulumi.RunError.isInstance(error)).to.equal(true);
        expect((error as Error).message.split("\n")).to.have.length(2);
    });
});
