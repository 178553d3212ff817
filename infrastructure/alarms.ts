import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { metricsOf, type Metric, type ResourceNames } from "./metrics";

export interface AlarmsOptions extends ResourceNames<pulumi.Input<string>> {
    /** What the names of the alarms begin with: CloudWatch puts an alarm in the place of another of its name without a word. */
    readonly namePrefix: string;
    /** The stream forgets a post after this long. */
    readonly retentionHours: number;
    /** After this long, a record is given up to the bucket. */
    readonly recordAgeSecondsMax: number;
    /** Who gets a mail; "" for nobody. */
    readonly email: string;
}

interface Alarm {
    /** The end of its name. */
    readonly name: string;
    /** What has happened and what to do, for whoever gets the mail. */
    readonly description: string;
    readonly metric: Metric<pulumi.Input<string>>;
    /** Above it is too much. */
    readonly threshold: number;
    /** Set where below it is too little, and nothing at all, too. */
    readonly isLeast?: true;
    /** How many periods in a row: more than one where retries are expected to get over it. */
    readonly periods: number;
}

const PERIOD_SECONDS = 300;

/** The alarms of the flow, and the topic that they are published to. Returns their ARNs. */
export function createAlarms(options: AlarmsOptions): pulumi.Output<string>[] {
    const { namePrefix, email } = options;
    // CloudWatch may not use the key `alias/aws/sns`, and what is published is no more than an alarm's name and state.
    const topic = new aws.sns.Topic("alarms", { displayName: namePrefix });
    if (email !== "") {
        new aws.sns.TopicSubscription("alarms", { topic: topic.arn, protocol: "email", endpoint: email });
    }
    return alarmsOf(options).map(({ name, description, metric, threshold, isLeast, periods }) => {
        const alarm = new aws.cloudwatch.MetricAlarm(
            name,
            {
                name: `${namePrefix}-${name}`,
                alarmDescription: description,
                namespace: metric.namespace,
                metricName: metric.name,
                dimensions: metric.dimensions,
                statistic: metric.statistic,
                period: PERIOD_SECONDS,
                evaluationPeriods: periods,
                comparisonOperator: isLeast ? "LessThanThreshold" : "GreaterThanThreshold",
                threshold,
                // Most of these are written only when there is something to count.
                treatMissingData: isLeast ? "breaching" : "notBreaching",
                alarmActions: [topic.arn],
                okActions: [topic.arn],
            },
            { deleteBeforeReplace: true },
        );
        return alarm.arn;
    });
}

function alarmsOf({ recordAgeSecondsMax, retentionHours, ...names }: AlarmsOptions): Alarm[] {
    const metrics = metricsOf(names);
    const halfAgeSeconds = recordAgeSecondsMax / 2;
    return [
        {
            name: "stream-throttled",
            description: "The shards take no more posts. Raise shardCount, or set it to 0 for an on-demand stream.",
            metric: metrics.throttledRecords,
            threshold: 0,
            periods: 3,
        },
        {
            name: "stream-unread",
            // A mapping that is disabled, or may not read, has no age of a last record, and no errors.
            description:
                `Nobody reads the stream, which forgets its posts after ${retentionHours} hours. Look at the mapping's state and its last ` +
                "processing result (`aws lambda list-event-source-mappings`), and at the rights of the function's role.",
            metric: metrics.polls,
            threshold: 1,
            isLeast: true,
            periods: 3,
        },
        {
            name: "iterator-age",
            description:
                `The function is ${halfAgeSeconds / 3_600} hours behind; twice that, and posts go to the failed-events bucket. ` +
                "Look at its errors first, then raise parallelizationFactor or memorySize.",
            metric: metrics.iteratorAgeMs,
            threshold: halfAgeSeconds * 1_000,
            periods: 1,
        },
        {
            name: "function-errors",
            description: "The function has failed. Its batches are tried again; its log says why.",
            metric: metrics.errors,
            threshold: 0,
            periods: 1,
        },
        {
            name: "function-throttled",
            description: "The account's limit of concurrent invocations holds the function up.",
            metric: metrics.throttledInvocations,
            threshold: 0,
            periods: 3,
        },
        {
            name: "table-throttled",
            description:
                "The table takes fewer writes than come in. On-demand tables grow by themselves within minutes.",
            metric: metrics.throttledWrites,
            threshold: 0,
            periods: 3,
        },
        {
            name: "quarantined",
            description:
                "Records that can never be stored are in the failed-events bucket under quarantine/, with reasons.",
            metric: metrics.quarantinedRecords,
            threshold: 0,
            periods: 1,
        },
        {
            name: "failed-events",
            description:
                "Posts that could not be stored in time are in the failed-events bucket under aws/lambda/. Send them again with " +
                "`npm run replay`.",
            metric: metrics.deliveredFailures,
            threshold: 0,
            periods: 1,
        },
        {
            name: "lost-events",
            description: "Lambda gave posts up and could not put them into the failed-events bucket: they are lost.",
            metric: metrics.droppedEvents,
            threshold: 0,
            periods: 1,
        },
    ];
}
