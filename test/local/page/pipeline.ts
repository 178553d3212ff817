import { Cloud } from "../../../local/cloud";
import { Inputs } from "../../../local/deployment/inputs";
import type { DeployedResource } from "../../../local/deployment/monitor";
import { EmbeddedProvider } from "../../../local/deployment/provider";
import { Archive, Asset, type Properties } from "../../../local/deployment/values";

export const TABLE = "local-EventData";
export const BUCKET = "failed";
const FUNCTION = "echo";
const LAMBDA_TRUST = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
};
/** A function that says what it got, and fails if it is told so. */
const CODE = `exports.handler = async ({ Records }) => {
    console.log("got " + Records.length);
    if (Records.some(({ kinesis }) => Buffer.from(kinesis.data, "base64").includes("fail"))) throw new Error("as told");
};`;

export interface Pipeline {
    readonly cloud: Cloud;
    readonly outputs: Properties;
    readonly resources: DeployedResource[];
    readonly streamName: string;
    /** What the embedded cloud said of mistakes of ours. */
    readonly failures: unknown[];
    /** Puts a record into the stream. */
    put(content: string, partitionKey?: string): Promise<unknown>;
    /** Puts an item into the table. */
    store(username: string, id: string, message: string): Promise<unknown>;
}

/** An embedded cloud with what the page shows: a stream of one shard, a function, a table and a bucket. */
export async function startPipeline(): Promise<Pipeline> {
    const failures: unknown[] = [];
    const cloud = await Cloud.start({
        port: 0,
        region: "us-east-1",
        onInternalFailure: (error) => failures.push(error),
        onProblem: () => undefined,
    });
    const provider = new EmbeddedProvider(cloud);
    const resources: DeployedResource[] = [];
    const create = async (type: string, name: string, values: Record<string, unknown>) => {
        const made = await provider.create(type, name, new Inputs(values));
        const known = {
            urn: `urn:${name}`,
            parent: "",
            dependencies: [],
            custom: true,
            recordedOnly: false,
            protect: false,
        };
        const inputs = { values, secrets: new Set<string>() };
        resources.push({
            ...known,
            deleteBeforeReplace: undefined,
            type,
            name,
            inputs,
            id: made.id,
            outputs: { ...inputs, values: made.outputs },
        });
        return made.outputs;
    };
    const stream = await create("aws:kinesis/stream:Stream", "posts", { shardCount: 1 });
    await create("aws:dynamodb/table:Table", "eventData", {
        name: TABLE,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "Username",
        rangeKey: "Id",
        attributes: ["Username", "Id"].map((name) => ({ name, type: "S" })),
    });
    const bucket = await create("aws:s3/bucket:Bucket", "failed-events", { bucket: BUCKET });
    await create("aws:iam/role:Role", "role", { name: "role", assumeRolePolicy: LAMBDA_TRUST });
    const Statement = [{ Effect: "Allow", Action: ["kinesis:*", "logs:*", "s3:*"], Resource: "*" }];
    const policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await create("aws:iam/rolePolicy:RolePolicy", "policy", { role: "role", policy });
    await create("aws:lambda/function:Function", "echo", {
        name: FUNCTION,
        code: new Archive({ "index.js": new Asset(CODE, undefined) }),
        handler: "index.handler",
        runtime: "nodejs24.x",
        role: "arn:aws:iam::000000000000:role/role",
        // The longest that there is: how long it takes depends on the machine.
        timeout: 900,
    });
    await create("aws:lambda/eventSourceMapping:EventSourceMapping", "mapping", {
        eventSourceArn: stream.arn,
        functionName: FUNCTION,
        startingPosition: "TRIM_HORIZON",
        maximumRetryAttempts: 0,
        destinationConfig: { onFailure: { destinationArn: bucket.arn } },
    });
    const streamName = String(stream.name);
    const values = {
        kinesisStream: streamName,
        eventProcessor: FUNCTION,
        eventDataTable: TABLE,
        failedEventsBucket: BUCKET,
        secretAccessKey: cloud.administrator.secretAccessKey,
    };
    return {
        cloud,
        resources,
        streamName,
        failures,
        outputs: { values, secrets: new Set(["secretAccessKey"]) },
        put: (content, PartitionKey = "ada") =>
            cloud.kinesis.call("PutRecord", {
                StreamName: streamName,
                PartitionKey,
                Data: Buffer.from(content).toString("base64"),
            }),
        store: (username, id, message) =>
            cloud.dynamodb.call("PutItem", {
                TableName: TABLE,
                Item: {
                    Username: { S: username },
                    Id: { S: id },
                    Timestamp: { S: new Date().toISOString() },
                    Message: { S: message },
                    Source: { S: "test" },
                },
            }),
    };
}
