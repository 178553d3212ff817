import { expect } from "chai";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { AwsError } from "../../local/aws-error";
import { Cloud } from "../../local/cloud";
import { Inputs } from "../../local/deployment/inputs";
import { EmbeddedProvider } from "../../local/deployment/provider";
import { Archive, Asset } from "../../local/deployment/values";

const REGION = "eu-north-1";
const TRUST = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
};
const READ = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
/** The longest that a function can have: how long it takes depends on the machine. */
const TIMEOUT_SECONDS = 900;

/** A function that answers with what it was given; it says so in its log. */
const ECHO = 'exports.handler = async (event) => { console.log("got " + event.Records.length); };';

interface Resource {
    id: string;
    outputs: Record<string, unknown>;
}

describe("the embedded cloud", () => {
    let cloud: Cloud;
    let provider: EmbeddedProvider;
    let problems: string[];

    beforeEach(async () => {
        problems = [];
        cloud = await Cloud.start({ port: 0, region: REGION, onProblem: (problem) => problems.push(problem) });
        provider = new EmbeddedProvider(cloud);
    });

    afterEach(async () => {
        await cloud.close();
    });

    function create(type: string, name: string, inputs: Record<string, unknown>): Promise<Resource> {
        return provider.create(type, name, new Inputs(inputs));
    }

    async function failure(creation: Promise<unknown>): Promise<string> {
        const error: unknown = await creation.then(
            () => undefined,
            (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(Error);
        return (error as Error).message;
    }

    function createStream(): Promise<Resource> {
        return create("aws:kinesis/stream:Stream", "posts", { shardCount: 1 });
    }

    async function createFunction(statements: object[]): Promise<void> {
        await create("aws:iam/role:Role", "role", { name: "role", assumeRolePolicy: TRUST });
        const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
        await create("aws:iam/rolePolicy:RolePolicy", "policy", { role: "role", policy });
        await create("aws:lambda/function:Function", "echo", {
            name: "echo",
            code: new Archive({ "index.js": new Asset(ECHO, undefined) }),
            handler: "index.handler",
            runtime: "nodejs24.x",
            role: "arn:aws:iam::000000000000:role/role",
            timeout: TIMEOUT_SECONDS,
        });
    }

    function createMapping(streamArn: unknown, more: Record<string, unknown> = {}): Promise<Resource> {
        const inputs = { eventSourceArn: streamArn, functionName: "echo", startingPosition: "TRIM_HORIZON", ...more };
        return create("aws:lambda/eventSourceMapping:EventSourceMapping", "mapping", inputs);
    }

    it("runs the function for the records of the stream, with the role's permission to read it", async () => {
        const { outputs } = await createStream();
        await createFunction([
            { Effect: "Allow", Action: READ.map((each) => `kinesis:${each}`), Resource: outputs.arn },
            { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
        ]);
        await createMapping(outputs.arn);
        await cloud.kinesis.call("PutRecord", {
            StreamName: String(outputs.name),
            PartitionKey: "a",
            Data: Buffer.from("x").toString("base64"),
        });
        await cloud.drained();
        expect(cloud.lambda.logs("echo").map(({ message }) => message)).to.satisfy((messages: string[]) =>
            messages.some((message) => message.includes("got 1")),
        );
        expect(problems).to.deep.equal([]);
    });

    it("makes no mapping for a role that may not read the stream", async () => {
        const { outputs } = await createStream();
        const some = READ.filter((each) => each !== "GetRecords").map((each) => `kinesis:${each}`);
        await createFunction([{ Effect: "Allow", Action: some, Resource: outputs.arn }]);
        expect(await failure(createMapping(outputs.arn))).to.match(
            /^Cannot access stream arn:aws:kinesis:eu-north-1:.*not authorized to perform: kinesis:GetRecords/,
        );
    });

    for (const [what, resource, action] of [
        ["list the bucket", ["arn:aws:s3:::failed/*"], "ListBucket"],
        ["put any object there", ["arn:aws:s3:::failed", "arn:aws:s3:::failed/aws/lambda/*"], "PutObject"],
    ] as const) {
        it(`makes no mapping that gives up into a bucket for a role that may not ${what}`, async () => {
            const { outputs } = await createStream();
            const bucket = await create("aws:s3/bucket:Bucket", "failed", { bucket: "failed" });
            await createFunction([
                { Effect: "Allow", Action: "kinesis:*", Resource: outputs.arn },
                { Effect: "Allow", Action: ["s3:ListBucket", "s3:PutObject"], Resource: resource },
            ]);
            const destinationConfig = { onFailure: { destinationArn: bucket.outputs.arn } };
            expect(await failure(createMapping(outputs.arn, { destinationConfig }))).to.match(
                new RegExp(`^The function execution role does not have permissions to call ${action} on S3 `),
            );
        });
    }

    it("stops a mapping visibly when the role loses its permission", async () => {
        const { outputs } = await createStream();
        await createFunction([{ Effect: "Allow", Action: "kinesis:*", Resource: outputs.arn }]);
        await createMapping(outputs.arn);
        await cloud.drained();
        const denied = new Promise<void>((resolve) => {
            problems.push = (problem: string) => {
                if (/^Event source mapping: .*kinesis:GetRecords/.test(problem)) resolve();
                return 0;
            };
        });
        const deny = { Effect: "Deny", Action: "kinesis:GetRecords", Resource: "*" };
        const policy = JSON.stringify({ Version: "2012-10-17", Statement: [deny] });
        await create("aws:iam/rolePolicy:RolePolicy", "deny", { role: "role", policy });
        await denied;
    });

    it("gives a batch up into the bucket only with the role's permission to write there", async () => {
        const { outputs } = await createStream();
        const bucket = await create("aws:s3/bucket:Bucket", "failed", { bucket: "failed" });
        const failing = { functionName: "failing", onFailure: { destinationArn: bucket.outputs.arn } };
        await createFunction([
            { Effect: "Allow", Action: "kinesis:*", Resource: outputs.arn },
            { Effect: "Allow", Action: ["s3:PutObject", "s3:ListBucket"], Resource: ["arn:aws:s3:::failed*"] },
        ]);
        await create("aws:lambda/function:Function", "failing", {
            name: "failing",
            code: new Archive({
                "index.js": new Asset("exports.handler = async () => { throw new Error(); };", undefined),
            }),
            handler: "index.handler",
            runtime: "nodejs24.x",
            role: "arn:aws:iam::000000000000:role/role",
            timeout: TIMEOUT_SECONDS,
        });
        const denied = new Promise<void>((resolve) => {
            problems.push = (problem: string) => {
                if (/^Event source mapping: .*s3:/.test(problem)) resolve();
                return 0;
            };
        });
        await createMapping(outputs.arn, {
            functionName: failing.functionName,
            maximumRetryAttempts: 0,
            destinationConfig: { onFailure: failing.onFailure },
        });
        const setOther = (statement: object) =>
            create("aws:iam/rolePolicy:RolePolicy", "other", {
                name: "other",
                role: "role",
                policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
            });
        await setOther({ Effect: "Deny", Action: "s3:PutObject", Resource: "*" });
        const Data = Buffer.from("x").toString("base64");
        await cloud.kinesis.call("PutRecord", { StreamName: String(outputs.name), PartitionKey: "a", Data });
        await denied;
        expect((await cloud.s3.listObjects("failed")).objects).to.deep.equal([]);

        await setOther({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
        await cloud.drained();
        const { objects } = await cloud.s3.listObjects("failed");
        expect(objects.map(({ key }) => key.startsWith("aws/lambda/"))).to.deep.equal([true]);
    });

    it("keeps what is set about the public access of a bucket, and knows no bucket that is not there", async () => {
        await create("aws:s3/bucket:Bucket", "failed", { bucket: "failed" });
        const type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
        await create(type, "failed", { bucket: "failed", blockPublicAcls: true });
        const set = await cloud.s3.getBucketConfiguration("failed", "publicAccessBlock");
        expect(set).to.include("<BlockPublicAcls>true<").and.include("<IgnorePublicAcls>false<");
        expect(await failure(create(type, "none", { bucket: "none" }))).to.include("bucket");
    });

    it("makes no function for a role that is not for Lambda", async () => {
        const trust = JSON.stringify(TRUST).replace("lambda.amazonaws.com", "ec2.amazonaws.com");
        await create("aws:iam/role:Role", "role", { name: "role", assumeRolePolicy: trust });
        const created = create("aws:lambda/function:Function", "echo", {
            code: new Archive({ "index.js": new Asset(ECHO, undefined) }),
            handler: "index.handler",
            runtime: "nodejs24.x",
            role: "arn:aws:iam::000000000000:role/role",
        });
        expect(await failure(created)).to.include("cannot be assumed by lambda.amazonaws.com");
    });

    describe("refuses", () => {
        for (const [title, type, inputs, message] of [
            ["a resource type that it does not know", "aws:sqs/queue:Queue", {}, "does not know this resource type"],
            [
                "an input that it cannot honour",
                "aws:dynamodb/table:Table",
                {
                    hashKey: "A",
                    attributes: [{ name: "A", type: "S" }],
                    billingMode: "PAY_PER_REQUEST",
                    replicas: [{}],
                },
                'cannot honour "replicas"',
            ],
            [
                "a value that it cannot honour",
                "aws:kinesis/stream:Stream",
                { shardCount: 1, encryptionType: "KMS", kmsKeyId: "alias/mine" },
                'expected "kmsKeyId" to be "alias/aws/kinesis", got "alias/mine"',
            ],
            ["a stream without shards", "aws:kinesis/stream:Stream", {}, "ShardCount"],
            ["a policy that is none", "aws:iam/role:Role", { assumeRolePolicy: "{" }, "Syntax errors in policy"],
            [
                "a managed policy whose content it does not know",
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                {
                    role: "none",
                    policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
                },
                "none",
            ],
            [
                "a setting of a mapping that it does not know",
                "aws:lambda/eventSourceMapping:EventSourceMapping",
                {
                    eventSourceArn: "arn:aws:kinesis:eu-north-1:000000000000:stream/posts",
                    functionName: "echo",
                    startingPosition: "LATEST",
                    filterCriteria: {},
                },
                "filterCriteria",
            ],
        ] as [string, string, Record<string, unknown>, string][]) {
            it(title, async () => {
                expect(await failure(create(type, "resource", inputs))).to.include(message);
            });
        }

        it("a function of a provider that it does not know", async () => {
            expect(await failure(provider.invoke("aws:index/getAmi:getAmi", new Inputs({})))).to.include(
                "does not know",
            );
        });
    });

    it("honours the protection, recovery, time to live, encryption and tags of a table", async () => {
        await create("aws:dynamodb/table:Table", "table", {
            name: "table",
            hashKey: "A",
            attributes: [{ name: "A", type: "S" }],
            billingMode: "PAY_PER_REQUEST",
            deletionProtectionEnabled: true,
            pointInTimeRecovery: { enabled: true },
            ttl: { attributeName: "ExpiresAt", enabled: true },
            serverSideEncryption: { enabled: true },
            tags: { owner: "me" },
        });
        const describe = async (operation: string, input: Record<string, unknown>) =>
            JSON.stringify(await cloud.dynamodb.call(operation, input));
        const table = { TableName: "table" };
        expect(await describe("DescribeTable", table)).to.include('"DeletionProtectionEnabled":true');
        expect(await describe("DescribeTable", table)).to.include('"SSEDescription"');
        expect(await describe("DescribeContinuousBackups", table)).to.include('"PointInTimeRecoveryStatus":"ENABLED"');
        expect(await describe("DescribeTimeToLive", table)).to.include('"AttributeName":"ExpiresAt"');
        const ResourceArn = `arn:aws:dynamodb:${REGION}:000000000000:table/table`;
        expect(await describe("ListTagsOfResource", { ResourceArn })).to.include('"Value":"me"');
        expect(await failure(cloud.dynamodb.call("DeleteTable", table))).to.include("protect");
    });

    it("answers a request that makes no sense as AWS does, and goes on", async () => {
        const nulls = { RequestItems: { table: [null] } };
        const error = await cloud.dynamodb.call("BatchWriteItem", nulls).catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(AwsError).with.property("code", "SerializationException");
        expect(await cloud.dynamodb.call("ListTables", {})).to.deep.equal({ TableNames: [] });
    });

    it("tells the program where it is", async () => {
        const region = await provider.invoke("aws:index/getRegion:getRegion", new Inputs({}));
        expect(region).to.include({ region: REGION });
        const caller = await provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", new Inputs({}));
        expect(caller).to.include({ accountId: "000000000000" });
    });

    it("names a port that is taken", async () => {
        const server = createServer();
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        try {
            const error = await Cloud.start({ port, region: REGION }).catch((reason: unknown) => reason);
            expect((error as NodeJS.ErrnoException).code).to.equal("EADDRINUSE");
        } finally {
            server.close();
        }
    });
});
