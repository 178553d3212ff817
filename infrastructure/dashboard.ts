import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricsOf, type Metric, type ResourceNames } from "./metrics";

export interface DashboardOptions extends ResourceNames<pulumi.Input<string>> {
    readonly dashboardName: string;
    readonly region: pulumi.Input<string>;
    readonly bucketName: pulumi.Input<string>;
    readonly alarmArns: readonly pulumi.Input<string>[];
}

interface Line {
    readonly label: string;
    readonly metric: Metric<string>;
    /** On an axis of its own, at the right. */
    readonly right?: true;
}

interface Graph {
    readonly title: string;
    readonly lines: readonly Line[];
}

/** A dashboard has 24 columns (CloudWatch's "Dashboard body structure and syntax"); each graph takes four of them. */
const COLUMNS = 24;
const GRAPH_COLUMNS = 4;
const GRAPH_ROWS = 6;
const ALARM_ROWS = 3;
const PERIOD_SECONDS = 60;

/** One dashboard that shows the flow from left to right, and the alarms below. */
export function createDashboard({ dashboardName, ...options }: DashboardOptions): void {
    const dashboardBody = pulumi
        .output({ ...options, alarmArns: [...options.alarmArns] })
        .apply(({ region, alarmArns, ...names }) => {
            const graphs = graphsOf(metricsOf(names), names);
            return JSON.stringify({
                widgets: [
                    ...graphs.map((graph, index) => graphWidget(graph, index, region)),
                    {
                        type: "alarm",
                        x: 0,
                        y: GRAPH_ROWS,
                        width: COLUMNS,
                        height: ALARM_ROWS,
                        properties: { title: "Alarms", alarms: alarmArns },
                    },
                ],
            });
        });
    new aws.cloudwatch.Dashboard("flow", { dashboardName, dashboardBody }, { deleteBeforeReplace: true });
}

type Metrics = ReturnType<typeof metricsOf<string>>;

function graphsOf(metrics: Metrics, names: ResourceNames<string> & { readonly bucketName: string }): Graph[] {
    return [
        {
            title: `1 Stream ${names.streamName}: in`,
            lines: [
                { label: "posts", metric: metrics.incomingRecords },
                { label: "throttled", metric: metrics.throttledRecords },
                { label: "bytes", metric: metrics.incomingBytes, right: true },
            ],
        },
        {
            title: "2 Stream to function: held up",
            lines: [
                { label: "read", metric: metrics.polledEvents },
                { label: "iterator age, ms", metric: metrics.iteratorAgeMs, right: true },
            ],
        },
        {
            title: `3 Function ${names.functionName}`,
            lines: [
                { label: "invocations", metric: metrics.invocations },
                { label: "at once", metric: metrics.concurrency },
                { label: "duration, ms", metric: metrics.durationMs, right: true },
            ],
        },
        {
            title: "4 Function: failures",
            lines: [
                { label: "errors", metric: metrics.errors },
                { label: "throttled", metric: metrics.throttledInvocations },
                { label: "posts to be tried again", metric: metrics.failedRecords },
            ],
        },
        {
            title: `5 Table ${names.tableName}`,
            lines: [
                { label: "write units", metric: metrics.writeUnits },
                { label: "throttled", metric: metrics.throttledWrites },
            ],
        },
        {
            title: `6 Failed events ${names.bucketName}`,
            lines: [
                { label: "quarantined", metric: metrics.quarantinedRecords },
                { label: "retries used up", metric: metrics.deliveredFailures },
                { label: "lost", metric: metrics.droppedEvents },
            ],
        },
    ];
}

function graphWidget({ title, lines }: Graph, index: number, region: string): object {
    return {
        type: "metric",
        x: index * GRAPH_COLUMNS,
        y: 0,
        width: GRAPH_COLUMNS,
        height: GRAPH_ROWS,
        properties: {
            title,
            region,
            view: "timeSeries",
            period: PERIOD_SECONDS,
            metrics: lines.map(({ label, metric, right }) => [
                metric.namespace,
                metric.name,
                ...Object.entries(metric.dimensions).flat(),
                { stat: metric.statistic, label, ...(right && { yAxis: "right" }) },
            ]),
        },
    };
}
