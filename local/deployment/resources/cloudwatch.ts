import { ACCOUNT_ID, PARTITION } from "../../account";
import type { Inputs } from "../inputs";
import { resourceType } from "../resource-type";
import { checkDashboardBody } from "./dashboard-body";

/** PutRetentionPolicy in the API reference of CloudWatch Logs; 0 is the provider's word for "for ever". */
const RETENTION_DAYS = [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The logs of functions are kept by the embedded Lambda, as long as it runs: no retention ends before that. */
export const logGroup = resourceType({
    recordedOnly: true,
    read: (inputs, names) => ({
        name:
            inputs.optionalMatching("name", /^[\w./#-]{1,512}$/, "1 to 512 letters, digits, _, -, /, . and #") ??
            names.automatic(),
        retentionInDays: inputs.only("retentionInDays", ...RETENTION_DAYS),
        ...inputs.withoutEffect("tags"),
    }),
    async create({ name }, cloud) {
        return {
            id: name,
            outputs: { name, arn: `arn:${PARTITION}:logs:${cloud.region}:${ACCOUNT_ID}:log-group:${name}` },
        };
    },
});

/** Nobody measures anything in the embedded cloud, so an alarm never goes off. */
export const metricAlarm = resourceType({
    recordedOnly: true,
    read: (inputs, names) => ({
        name: inputs.optionalMatching("name", /^.{1,255}$/, "1 to 255 characters") ?? names.automatic(),
        ...readAlarm(inputs),
        ...inputs.withoutEffect("tags"),
    }),
    async create({ name, period, evaluationPeriods }, { region }) {
        if (period * evaluationPeriods > (period < 3_600 ? EVALUATED_SECONDS_MAX : EVALUATED_SECONDS_MAX * 7)) {
            throw new Error(
                `expected "period" times "evaluationPeriods" to be at most a day, or a week of whole hours`,
            );
        }
        const arn = `arn:${PARTITION}:cloudwatch:${region}:${ACCOUNT_ID}:alarm:${name}`;
        return { id: name, outputs: { name, arn } };
    },
});

const EVALUATED_SECONDS_MAX = 86_400;
const DIMENSIONS_MAX = 30;
const ACTIONS_MAX = 5;
const ARN = /^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{12}:.+$/;

/** What PutMetricAlarm takes for an alarm on one metric with a fixed threshold (API reference of CloudWatch). */
function readAlarm(inputs: Inputs) {
    const dimensions = inputs.stringMap("dimensions");
    const named = Object.entries(dimensions);
    if (named.length > DIMENSIONS_MAX || named.some(([, value]) => !/^.{1,1024}$/.test(value))) {
        throw new Error(`expected "dimensions" to be at most ${DIMENSIONS_MAX} of 1 to 1024 characters`);
    }
    const actions = [inputs.strings("alarmActions"), inputs.strings("okActions")];
    if (actions.some((arns) => arns.length > ACTIONS_MAX || !arns.every((arn) => ARN.test(arn)))) {
        throw new Error(`expected "alarmActions" and "okActions" to be at most ${ACTIONS_MAX} ARNs each`);
    }
    return {
        description: inputs.optionalMatching("alarmDescription", /^[^]{0,1024}$/, "at most 1024 characters"),
        namespace: inputs.matching("namespace", /^[^:][^]{0,254}$/, "1 to 255 characters"),
        metricName: inputs.matching("metricName", /^.{1,255}$/, "1 to 255 characters"),
        dimensions,
        statistic: inputs.oneOf("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum"),
        period: readPeriod(inputs),
        evaluationPeriods: inputs.integer("evaluationPeriods", 1, EVALUATED_SECONDS_MAX),
        comparisonOperator: inputs.oneOf(
            "comparisonOperator",
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ),
        threshold: inputs.number("threshold"),
        treatMissingData: inputs.only("treatMissingData", "missing", "ignore", "breaching", "notBreaching"),
        actions,
    };
}

function readPeriod(inputs: Inputs): number {
    const seconds = inputs.integer("period", 10, EVALUATED_SECONDS_MAX);
    if (![10, 20, 30].includes(seconds) && seconds % 60 !== 0) {
        throw new Error(`expected "period" to be 10, 20, 30, or a multiple of 60 seconds, got ${seconds}`);
    }
    return seconds;
}

/** There is no console to show it; the embedded cloud has a page of its own. */
export const dashboard = resourceType({
    recordedOnly: true,
    read: (inputs) => {
        const name = inputs.matching("dashboardName", /^[A-Za-z0-9_-]{1,255}$/, "1 to 255 letters, digits, - and _");
        checkDashboardBody(inputs.string("dashboardBody"));
        return { name };
    },
    async create({ name }) {
        const arn = `arn:${PARTITION}:cloudwatch::${ACCOUNT_ID}:dashboard/${name}`;
        return { id: name, outputs: { dashboardArn: arn } };
    },
});
