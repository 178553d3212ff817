import { expect } from "chai";
import { Cloud } from "../../../local/cloud";
import { Inputs } from "../../../local/deployment/inputs";
import { EmbeddedProvider } from "../../../local/deployment/provider";
import { Archive } from "../../../local/deployment/values";

const ALARM = {
    name: "late",
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: "f" },
    statistic: "Sum",
    period: 300,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
    alarmActions: ["arn:aws:sns:us-east-1:000000000000:alarms"],
};
const GRAPH = {
    type: "metric",
    x: 0,
    y: 0,
    width: 6,
    height: 6,
    properties: { region: "us-east-1", metrics: [["AWS/Lambda", "Errors", "FunctionName", "f", { stat: "Sum" }]] },
};
const TLS_ONLY = {
    Version: "2012-10-17",
    Statement: [
        {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: "arn:aws:s3:::bucket/*",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
    ],
};

const FUNCTION = "aws:lambda/function:Function";
const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const TOPIC = "aws:sns/topic:Topic";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";

const subscription = { topic: ALARM.alarmActions[0], protocol: "email", endpoint: "a@example.org" };
const rule = { id: "old", status: "Enabled", filter: { prefix: "old/" }, expiration: { days: 1 } };
const dashboard = (...widgets: object[]) => ({ dashboardName: "flow", dashboardBody: JSON.stringify({ widgets }) });
const graph = (properties: object) => dashboard({ ...GRAPH, properties: { ...GRAPH.properties, ...properties } });
const encryption = (sseAlgorithm: string) => ({
    bucket: "bucket",
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm } }],
});

const logging = (levels: object) => ({
    name: "f",
    code: new Archive({}),
    handler: "index.handler",
    runtime: "nodejs24.x",
    role: "arn:aws:iam::000000000000:role/r",
    loggingConfig: { logFormat: "JSON", ...levels },
});

type Case = readonly [what: string, type: string, inputs: object, message: string | RegExp];

/** What AWS, or the embedded cloud, would not take. */
const REFUSED: readonly Case[] = [
    ["an alarm on no metric", METRIC_ALARM, { ...ALARM, metricName: undefined }, '"metricName" to be given'],
    ["a period that CloudWatch has not", METRIC_ALARM, { ...ALARM, period: 90 }, "a multiple of 60 seconds, got 90"],
    ["an alarm over more than a day", METRIC_ALARM, { ...ALARM, evaluationPeriods: 289 }, "at most a day"],
    ["a comparison that is none", METRIC_ALARM, { ...ALARM, comparisonOperator: ">" }, '"comparisonOperator"'],
    ["a name beyond 255 characters", METRIC_ALARM, { ...ALARM, name: "a".repeat(256) }, "1 to 255 characters"],
    ["a description beyond 1,024", METRIC_ALARM, { ...ALARM, alarmDescription: "a".repeat(1_025) }, "1024 characters"],
    ["an empty dimension", METRIC_ALARM, { ...ALARM, dimensions: { FunctionName: "" } }, '"dimensions"'],
    ["an action that is no ARN", METRIC_ALARM, { ...ALARM, alarmActions: ["me"] }, "at most 5 ARNs"],
    ["six actions", METRIC_ALARM, { ...ALARM, okActions: Array(6).fill(ALARM.alarmActions[0]) }, "at most 5 ARNs"],
    ["an alarm on an expression", METRIC_ALARM, { ...ALARM, metricQueries: [] }, 'cannot honour "metricQueries"'],
    ["a dashboard's name with a dot", DASHBOARD, { ...dashboard(GRAPH), dashboardName: "a.b" }, '"dashboardName"'],
    ["a body that is no JSON", DASHBOARD, { dashboardName: "a", dashboardBody: "{" }, "to be JSON"],
    ["a widget beyond the last column", DASHBOARD, dashboard({ ...GRAPH, x: 20 }), "beyond column 24"],
    ["a widget of another type", DASHBOARD, dashboard({ ...GRAPH, type: "log" }), 'widgets[0].type"'],
    ["a graph of another view", DASHBOARD, graph({ view: "pie" }), "properties.view"],
    ["a graph without metrics", DASHBOARD, graph({ metrics: [] }), "1 to 500 entries, got 0"],
    [
        "a dimension without a value",
        DASHBOARD,
        graph({ metrics: [["AWS/Lambda", "Errors", "FunctionName"]] }),
        /a metric to be/,
    ],
    ["an option of a metric", DASHBOARD, graph({ metrics: [["A", "b", { colour: "red" }]] }), 'A b: colour"'],
    ["a property of a graph", DASHBOARD, graph({ liveData: true }), 'properties.liveData"'],
    ["a retention that CloudWatch Logs has not", LOG_GROUP, { name: "/a", retentionInDays: 2 }, '"retentionInDays"'],
    ["a log group's name with a space", LOG_GROUP, { name: "a b" }, '"name"'],
    ["a topic's name with a dot", TOPIC, { name: "a.fifo" }, '"name"'],
    ["a topic with a key of its own", TOPIC, { kmsMasterKeyId: "alias/aws/sns" }, '"kmsMasterKeyId"'],
    ["a subscription of a queue", SUBSCRIPTION, { ...subscription, protocol: "sqs" }, '"protocol" to be "email"'],
    ["a subscription of no address", SUBSCRIPTION, { ...subscription, endpoint: "nobody" }, "an e-mail address"],
    ["a subscription to no topic", SUBSCRIPTION, { ...subscription, topic: "alarms" }, "the ARN of a topic"],
    ["a lifecycle without rules", LIFECYCLE, { bucket: "bucket", rules: [] }, "1 to 1000 rules, got 0"],
    [
        "a rule of no days",
        LIFECYCLE,
        { bucket: "bucket", rules: [{ ...rule, expiration: { days: 0 } }] },
        "expiration.days",
    ],
    [
        "a rule that does nothing",
        LIFECYCLE,
        { bucket: "bucket", rules: [{ ...rule, expiration: undefined }] },
        "does nothing",
    ],
    ["two rules of one name", LIFECYCLE, { bucket: "bucket", rules: [rule, rule] }, "to have another"],
    ["a transition", LIFECYCLE, { bucket: "bucket", rules: [{ ...rule, transitions: [{}] }] }, "rules[0].transitions"],
    ["a lifecycle of no bucket", LIFECYCLE, { bucket: "other", rules: [rule] }, "bucket does not exist"],
    ["encryption with a key of KMS", ENCRYPTION, encryption("aws:kms"), '"AES256", got "aws:kms"'],
    ["encryption without a rule", ENCRYPTION, { bucket: "bucket", rules: [] }, "one rule, got 0"],
    [
        "a level of Lambda's own log that there is not",
        FUNCTION,
        logging({ systemLogLevel: "ERROR" }),
        "loggingConfig.systemLogLevel",
    ],
    [
        "a level of the function's log that there is not",
        FUNCTION,
        logging({ applicationLogLevel: "LOUD" }),
        "loggingConfig.applicationLogLevel",
    ],
    ["a policy that is none", POLICY, { bucket: "bucket", policy: "{}" }, /./],
    ["a policy on no bucket", POLICY, { bucket: "other", policy: TLS_ONLY }, "bucket does not exist"],
];

const TAKEN: readonly (readonly [string, object])[] = [
    [METRIC_ALARM, ALARM],
    [DASHBOARD, dashboard(GRAPH, { ...GRAPH, x: 6, type: "text", properties: { markdown: "# Flow" } })],
    [LOG_GROUP, { name: "/aws/lambda/f", retentionInDays: 14 }],
    [TOPIC, { displayName: "alarms" }],
    [SUBSCRIPTION, subscription],
    [LIFECYCLE, { bucket: "bucket", rules: [rule] }],
    [ENCRYPTION, encryption("AES256")],
    [POLICY, { bucket: "bucket", policy: TLS_ONLY }],
];

describe("resource types without much to do on one machine", () => {
    let cloud: Cloud;
    let provider: EmbeddedProvider;

    before(async () => {
        cloud = await Cloud.start({ port: 0, region: "us-east-1" });
        provider = new EmbeddedProvider(cloud);
        await cloud.s3.createBucket("bucket");
    });

    after(() => cloud.close());

    for (const [type, inputs] of TAKEN) {
        it(`takes ${type}`, async () => {
            expect(await provider.create(type, "a", new Inputs({ ...inputs }))).to.have.property("id");
        });
    }

    for (const [what, type, inputs, message] of REFUSED) {
        it(`refuses ${what}`, async () => {
            const error: unknown = await provider.create(type, "a", new Inputs({ ...inputs })).catch((e: unknown) => e);
            expect(error).to.be.instanceOf(Error);
            if (typeof message === "string") expect((error as Error).message).to.include(message);
            else expect((error as Error).message).to.match(message);
        });
    }
});
