import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEventProcessor } from "./consumer/handler";
import { readSettings } from "./infrastructure/config";
import { dependencies } from "./package.json";

const settings = readSettings();
const stack = pulumi.getStack();
const region = aws.getRegionOutput().region;

// Posts arrive here. The stream keeps them while the function cannot take them, and in the order of each author.
const stream = new aws.kinesis.Stream("posts", {
    ...(settings.shardCount === 0
        ? { streamModeDetails: { streamMode: "ON_DEMAND" } }
        : { streamModeDetails: { streamMode: "PROVISIONED" }, shardCount: settings.shardCount }),
    retentionPeriod: settings.retentionHours,
    encryptionType: "KMS",
    kmsKeyId: "alias/aws/kinesis",
});

// Posts end here. The key is the post's own, so a post that is delivered twice is still one item.
const eventData = new aws.dynamodb.Table("eventData", {
    name: `${stack}-EventData`,
    billingMode: "PAY_PER_REQUEST",
    hashKey: "Username",
    rangeKey: "Id",
    attributes: [
        { name: "Username", type: "S" },
        { name: "Id", type: "S" },
    ],
});

// What the function can never store, and what it could not store in time, is kept here with its payload.
const failedEvents = new aws.s3.Bucket("failed-events", { forceDestroy: true });
const failedEventsAccess = new aws.s3.BucketPublicAccessBlock("failed-events", {
    bucket: failedEvents.bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
});

// The function's log is made here, so that it has a retention, goes with the stack, and needs no right to make logs.
const functionName = `${stack}-DDBEventProcessor`;
const logGroup = new aws.cloudwatch.LogGroup("eventProcessor", {
    name: `/aws/lambda/${functionName}`,
    retentionInDays: settings.logRetentionDays,
});

// The function's role: it reads the one stream, writes the one table and the bucket's two folders, and its own log.
const role = new aws.iam.Role("eventProcessor", {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
});
const rolePolicy = new aws.iam.RolePolicy("eventProcessor", {
    role: role.name,
    policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Action: ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"].map(
                    (operation) => `kinesis:${operation}`,
                ),
                Resource: stream.arn,
            },
            { Effect: "Allow", Action: "dynamodb:BatchWriteItem", Resource: eventData.arn },
            // Lambda itself writes the failed batches, under `aws/lambda/`, and asks for the right to list the bucket.
            {
                Effect: "Allow",
                Action: "s3:PutObject",
                Resource: [
                    pulumi.interpolate`${failedEvents.arn}/quarantine/*`,
                    pulumi.interpolate`${failedEvents.arn}/aws/lambda/*`,
                ],
            },
            { Effect: "Allow", Action: "s3:ListBucket", Resource: failedEvents.arn },
            {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: pulumi.interpolate`${logGroup.arn}:*`,
            },
        ],
    }),
});

// The function. The AWS SDK is part of the runtime, so the archive holds the callback alone.
const processor = new aws.lambda.CallbackFunction(
    "eventProcessor",
    {
        name: functionName,
        callbackFactory: () => createEventProcessor(),
        codePathOptions: { extraExcludePackages: Object.keys(dependencies) },
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        memorySize: settings.memorySize,
        timeout: 60,
        role,
        environment: { variables: { EVENT_DATA_TABLE: eventData.name, FAILED_EVENTS_BUCKET: failedEvents.bucket } },
    },
    { dependsOn: [rolePolicy, logGroup, failedEventsAccess] },
);

// Lambda reads the stream from its beginning and calls the function. A batch that fails is split to isolate its cause,
// tried again, and after the last try kept in the bucket: it never holds up its shard for good.
stream.onEvent("eventProcessor", processor, {
    startingPosition: "TRIM_HORIZON",
    batchSize: settings.batchSize,
    maximumBatchingWindowInSeconds: settings.batchingWindowSeconds,
    parallelizationFactor: settings.parallelizationFactor,
    functionResponseTypes: ["ReportBatchItemFailures"],
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 10,
    // Half the retention, so that a post is given up to the bucket long before the stream forgets it.
    maximumRecordAgeInSeconds: Math.min((settings.retentionHours * 3_600) / 2, 604_800),
    destinationConfig: { onFailure: { destinationArn: failedEvents.arn } },
});

// The producer's user may put records into the one stream. `kinesis:Put*` would also match PutResourcePolicy.
const producer = new aws.iam.User("producer", { forceDestroy: true });
new aws.iam.UserPolicy("producer", {
    user: producer.name,
    policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["kinesis:PutRecord", "kinesis:PutRecords"], Resource: stream.arn }],
    }),
});
const accessKey = new aws.iam.AccessKey("producer", { user: producer.name });

// What the producer and people need to know, by `pulumi stack output`.
export const kinesisStream = stream.name;
export { region };
export const accessKeyId = pulumi.secret(accessKey.id);
export const secretAccessKey = pulumi.secret(accessKey.secret);
export const eventDataTable = eventData.name;
export const eventProcessor = processor.name;
export const failedEventsBucket = failedEvents.bucket;
export const tableUrl = pulumi.interpolate`https://${region}.console.aws.amazon.com/dynamodbv2/home?region=${region}#item-explorer?table=${eventData.name}`;
