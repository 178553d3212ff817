import { expect } from "chai";
import type { Deployment } from "../local/deployment/deploy";
import type { DeployedResource } from "../local/deployment/monitor";
import { EmbeddedProvider } from "../local/deployment/provider";
import { Cloud } from "../local/cloud";
import { authorize } from "../local/iam/authorize";
import { find, runProgram } from "./program";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

interface Widget {
    readonly type: string;
    readonly x: number;
    readonly width: number;
    readonly properties: { readonly metrics?: unknown[][]; readonly alarms?: string[]; readonly title: string };
}

describe("the program, deployed to the embedded cloud", () => {
    let cloud: Cloud;
    let deployment: Deployment;
    let outputs: Record<string, string>;

    before(async () => {
        cloud = await Cloud.start({ port: 0, region: "us-east-1" });
        // Two keys and an address, so that there is nothing that the embedded cloud is not asked for.
        const config = { accessKeys: "a,b", alarmEmail: "someone@example.org", failedEventsDays: "30" };
        deployment = await runProgram({ provider: new EmbeddedProvider(cloud), config });
        outputs = deployment.outputs.values as Record<string, string>;
    });

    after(() => cloud.close());

    /** What CloudWatch would have metrics of, by the dimension that names it. */
    function dimensionsOf({ resources }: Deployment): Record<string, unknown> {
        const output = (type: string, name: string) => find(resources, type).outputs.values[name];
        return {
            StreamName: output("aws:kinesis/stream:Stream", "name"),
            FunctionName: output("aws:lambda/function:Function", "name"),
            EventSourceMappingUUID: output("aws:lambda/eventSourceMapping:EventSourceMapping", "uuid"),
            TableName: output("aws:dynamodb/table:Table", "name"),
        };
    }

    function widgets(): Widget[] {
        const body = find(deployment.resources, "aws:cloudwatch/dashboard:Dashboard").inputs.values.dashboardBody;
        return (JSON.parse(body as string) as { widgets: Widget[] }).widgets;
    }

    const alarms = (): DeployedResource[] => deployment.resources.filter(({ type }) => type === ALARM);

    it("says which resources are recorded only", () => {
        const recorded = deployment.resources.filter(({ recordedOnly }) => recordedOnly).map(({ type }) => type);
        expect([...new Set(recorded)].sort()).to.deep.equal([
            "aws:cloudwatch/dashboard:Dashboard",
            "aws:cloudwatch/logGroup:LogGroup",
            ALARM,
            "aws:lambda/permission:Permission",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "aws:sns/topic:Topic",
            "aws:sns/topicSubscription:TopicSubscription",
        ]);
    });

    it("has alarms on metrics that are written: each with one dimension that names what was deployed", () => {
        const names = dimensionsOf(deployment);
        expect(alarms()).to.have.length(9);
        for (const { name, inputs } of alarms()) {
            const dimensions = Object.entries(inputs.values.dimensions as object);
            expect(dimensions, name).to.have.length(1);
            for (const [dimension, value] of dimensions) expect(value, name).to.equal(names[dimension]);
        }
    });

    it("has alarms that go to the topic, when they go off and when it is over", () => {
        const topic = find(deployment.resources, "aws:sns/topic:Topic").outputs.values.arn;
        for (const { name, inputs } of alarms()) {
            expect(inputs.values, name).to.deep.include({ alarmActions: [topic], okActions: [topic] });
        }
        const { endpoint, topic: subscribed } = find(
            deployment.resources,
            "aws:sns/topicSubscription:TopicSubscription",
        ).inputs.values;
        expect([subscribed, endpoint]).to.deep.equal([topic, "someone@example.org"]);
    });

    it("has alarms under names that no other program's are likely to have", () => {
        for (const { name, inputs } of alarms()) {
            expect(inputs.values.name, name).to.equal(`dev-stream-processing-${name}`);
        }
    });

    it("takes it for trouble when nothing is written of reading the stream, and for none where only trouble is counted", () => {
        const { inputs: unread } = find(deployment.resources, ALARM, "stream-unread");
        expect(unread.values).to.deep.include({
            metricName: "PolledEventCount",
            statistic: "SampleCount",
            comparisonOperator: "LessThanThreshold",
            threshold: 1,
            treatMissingData: "breaching",
        });
        for (const { name, inputs } of alarms().filter((alarm) => alarm.name !== "stream-unread")) {
            expect(inputs.values, name).to.deep.include({
                comparisonOperator: "GreaterThanThreshold",
                treatMissingData: "notBreaching",
            });
        }
    });

    it("raises the alarm of a lag when half of the time has gone after which a post is given up", () => {
        const age = find(deployment.resources, "aws:lambda/eventSourceMapping:EventSourceMapping").inputs.values
            .maximumRecordAgeInSeconds as number;
        expect(find(deployment.resources, ALARM, "iterator-age").inputs.values).to.deep.include({
            namespace: "AWS/Lambda",
            metricName: "IteratorAge",
            statistic: "Maximum",
            threshold: (age * 1_000) / 2,
        });
    });

    it("shows the flow from left to right, with every alarm below", () => {
        const graphs = widgets().filter(({ type }) => type === "metric");
        expect(graphs.map(({ x, width }) => [x, width])).to.deep.equal([0, 4, 8, 12, 16, 20].map((x) => [x, 4]));
        const names = dimensionsOf(deployment);
        for (const { properties } of graphs) {
            for (const [namespace, metric, dimension, value] of properties.metrics ?? []) {
                expect(value, `${String(namespace)} ${String(metric)}`).to.equal(names[String(dimension)]);
            }
        }
        const shown = widgets().find(({ type }) => type === "alarm")?.properties.alarms;
        expect(shown).to.have.members(alarms().map(({ outputs: { values } }) => values.arn));
    });

    it("shows each metric that has an alarm", () => {
        const shown = widgets().flatMap(({ properties }) => properties.metrics ?? []);
        const metrics = new Set(shown.map(([namespace, name]) => `${String(namespace)} ${String(name)}`));
        for (const { inputs } of alarms()) {
            const { namespace, metricName } = inputs.values;
            expect([...metrics]).to.include(`${String(namespace)} ${String(metricName)}`);
        }
    });

    it("logs one line for an invocation that succeeds, and it is the function's own, which holds its metrics", async () => {
        const { kinesisStream = "", eventProcessor = "" } = outputs;
        const post = { username: "ada", id: "1", timestamp: "2026-01-01T00:00:00Z", message: "hello", source: "test" };
        const Data = Buffer.from(JSON.stringify(post)).toString("base64");
        await cloud.kinesis.call("PutRecord", { StreamName: kinesisStream, PartitionKey: "ada", Data });
        await cloud.drained();
        const lines = cloud.lambda.logs(eventProcessor).map(({ message }) => JSON.parse(message) as object);
        expect(lines).to.have.length(1);
        expect(lines[0]).to.include({ level: "info", stored: 1 }).and.to.have.property("_aws");
    });

    it("keeps the bucket's settings where a client finds them", async () => {
        const { failedEventsBucket = "" } = outputs;
        expect(await cloud.s3.getBucketConfiguration(failedEventsBucket, "policy")).to.include("aws:SecureTransport");
        expect(await cloud.s3.getBucketConfiguration(failedEventsBucket, "encryption")).to.include("AES256");
        expect(await cloud.s3.getBucketConfiguration(failedEventsBucket, "lifecycle")).to.match(
            /<Filter><Prefix>quarantine\/<\/Prefix><\/Filter><Status>Enabled<\/Status><Expiration><Days>30<\/Days>/,
        );
    });

    for (const [key, action, path, isAllowed] of [
        ["accessKeyId", "kinesis:PutRecords", "stream", true],
        ["accessKeyId", "kinesis:GetRecords", "stream", false],
        ["accessKeyId", "s3:GetObject", "quarantine/a", false],
        ["replayAccessKeyId", "kinesis:PutRecords", "stream", true],
        ["replayAccessKeyId", "kinesis:GetRecords", "stream", true],
        ["replayAccessKeyId", "kinesis:DeleteStream", "stream", false],
        ["replayAccessKeyId", "s3:ListBucket", "", true],
        ["replayAccessKeyId", "s3:GetObject", "quarantine/a", true],
        ["replayAccessKeyId", "s3:DeleteObject", "aws/lambda/a", true],
        ["replayAccessKeyId", "s3:PutObject", "replayed/quarantine/a", true],
        ["replayAccessKeyId", "s3:PutObject", "quarantine/a", false],
        ["replayAccessKeyId", "s3:GetObject", "replayed/a", false],
        ["replayAccessKeyId", "s3:DeleteObject", "replayed/a", false],
    ] as const) {
        it(`${isAllowed ? "allows" : "denies"} ${action} to the ${key} on ${path === "" ? "the bucket" : path}`, () => {
            const { replayAccessKeyId = "", accessKeyId = "", failedEventsBucket = "" } = outputs;
            const principal = cloud.identities.findByAccessKey(
                key === "accessKeyId" ? accessKeyId : replayAccessKeyId,
            )?.principal;
            const bucket = `arn:aws:s3:::${failedEventsBucket}${path === "" ? "" : "/"}${path}`;
            const stream = String(find(deployment.resources, "aws:kinesis/stream:Stream").outputs.values.arn);
            const ask = () => authorize(principal!, action, path === "stream" ? stream : bucket);
            if (isAllowed) ask();
            else expect(ask).to.throw(/not authorized/);
        });
    }
});
