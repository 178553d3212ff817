import type { PolicyDocument } from "./principal";

const WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

function allow(actions: readonly string[]): PolicyDocument {
    return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}

/**
 * The content of AWS's own policies, by ARN. One that is not here cannot be attached.
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export const MANAGED_POLICIES: ReadonlyMap<string, PolicyDocument> = new Map([
    ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", allow(WRITE_LOGS)],
    [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole",
        allow([
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            ...WRITE_LOGS,
        ]),
    ],
]);
