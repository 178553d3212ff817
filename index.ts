import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createEventProcessor } from "./consumer/handler";
import { createAlarms } from "./infrastructure/alarms";
import { readSettings } from "./infrastructure/config";
import * as awsConsole from "./infrastructure/console";
import { createDashboard } from "./infrastructure/dashboard";
import { createFailedEventsBucket } from "./infrastructure/failed-events-bucket";
import { createFunctionRole, createProducerUser, createReplayUser } from "./infrastructure/identities";
import { countedMapping } from "./infrastructure/mapping";
import { dependencies } from "./package.json";

const settings = readSettings();
const { shardCount, retentionHours, protectData, accessKeys } = settings;
const stack = pulumi.getStack();
export const region = aws.getRegionOutput().region;

// Posts arrive here. The stream keeps them while the function cannot take them, and in the order of each author.
const streamMode = shardCount === 0 ? "ON_DEMAND" : "PROVISIONED";
const stream = new aws.kinesis.Stream(
    "posts",
    {
        streamModeDetails: { streamMode },
        ...(shardCount > 0 && { shardCount }),
        retentionPeriod: retentionHours,
        encryptionType: "KMS",
        kmsKeyId: "alias/aws/kinesis",
    },
    { protect: protectData },
);

// Posts end here. The key is the post's own, so a post that is delivered twice is still one item. An update that would have to make
// another table of this name fails, as it is not told to delete this one first. Only items of a stack with `ttlDays` can expire.
const table = new aws.dynamodb.Table(
    "eventData",
    {
        name: `${stack}-EventData`,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "Username",
        rangeKey: "Id",
        attributes: ["Username", "Id"].map((name) => ({ name, type: "S" })),
        ttl: { enabled: true, attributeName: "ExpiresAt" },
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true },
        deletionProtectionEnabled: protectData,
    },
    { protect: protectData, deleteBeforeReplace: false },
);

// What the function can never store, and what it could not store in time, is kept here with its payload.
const { bucket: failedEvents, guards } = createFailedEventsBucket("failed-events", settings);

// The function's log is made here, so that it has a retention, goes with the stack, and needs no right to make logs.
const functionName = `${stack}-DDBEventProcessor`;
const logGroup = new aws.cloudwatch.LogGroup(
    "eventProcessor",
    { name: `/aws/lambda/${functionName}`, retentionInDays: settings.logRetentionDays },
    { deleteBeforeReplace: true },
);

// The function, which may do what it does and nothing else. The AWS SDK is part of the runtime, so the archive holds the
// callback alone.
const { role, rolePolicy } = createFunctionRole("eventProcessor", { stream, table, failedEvents, logGroup });
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
        // One line for each invocation, which is the function's own; Lambda adds what it has to say of those that fail.
        loggingConfig: { logFormat: "JSON", systemLogLevel: "WARN", logGroup: logGroup.name },
        environment: {
            variables: {
                EVENT_DATA_TABLE: table.name,
                FAILED_EVENTS_BUCKET: failedEvents.bucket,
                TTL_DAYS: String(settings.ttlDays),
            },
        },
    },
    { dependsOn: [rolePolicy, ...guards], deleteBeforeReplace: true },
);

// Lambda reads the stream from its beginning and calls the function. A batch that fails is split to isolate its cause,
// tried again, and after the last try kept in the bucket: it never holds up its shard for good. A record may get half as old as the
// stream keeps it, so that it is given up to the bucket long before it is gone. (`onEvent` also lets the stream invoke the function,
// this stream this function, which one that Lambda reads does not need; there is no way to leave that out.)
const recordAgeSecondsMax = Math.min((retentionHours * 3_600) / 2, 604_800);
const subscription = stream.onEvent(
    "eventProcessor",
    processor,
    {
        startingPosition: "TRIM_HORIZON",
        batchSize: settings.batchSize,
        maximumBatchingWindowInSeconds: settings.batchingWindowSeconds,
        parallelizationFactor: settings.parallelizationFactor,
        functionResponseTypes: ["ReportBatchItemFailures"],
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 10,
        maximumRecordAgeInSeconds: recordAgeSecondsMax,
        destinationConfig: { onFailure: { destinationArn: failedEvents.arn } },
    },
    // A reader of the stream holds no posts, so it is not protected with the stream.
    { transformations: [countedMapping], protect: false },
);

// Who sends posts, and who sends again what failed: each with its own key, two while clients change over to the next one, or none
// where they come with credentials of their own.
const producer = createProducerUser("producer", { stream }, accessKeys);
const replay = createReplayUser("replay", { stream, failedEvents }, accessKeys);

// What tells how it goes: alarms that say what to do, and one page that shows the flow.
const mappingUuid = subscription.eventSourceMapping.uuid;
const names = { streamName: stream.name, functionName, mappingUuid, tableName: table.name };
const dashboardName = `${stack}-stream-processing`;
const limits = { retentionHours, recordAgeSecondsMax };
const alarmArns = createAlarms({ ...names, ...limits, namePrefix: dashboardName, email: settings.alarmEmail });
createDashboard({ ...names, dashboardName, region, bucketName: failedEvents.bucket, alarmArns });

// What the producer, the replay and people need to know, by `pulumi stack output`.
export const kinesisStream = stream.name;
export const { accessKeyId, secretAccessKey } = producer;
export const { accessKeyId: replayAccessKeyId, secretAccessKey: replaySecretAccessKey } = replay;
export const eventDataTable = table.name;
export const eventProcessor = processor.name;
export const failedEventsBucket = failedEvents.bucket;
export const dashboardUrl = region.apply((name) => awsConsole.dashboardUrl(name, dashboardName));
export const tableUrl = pulumi
    .all([region, table.name])
    .apply(([name, tableName]) => awsConsole.tableUrl(name, tableName));
