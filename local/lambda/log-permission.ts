import { ACCOUNT_ID, PARTITION } from "../account";
import { AwsError } from "../aws-error";
import { authorize } from "../iam/authorize";
import type { Principal } from "../iam/principal";
import type { FunctionConfiguration } from "./function-configuration";

/**
 * Why nothing that a function writes appears in its log group: its role must allow to make a log stream, and to write to it.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 * @returns AWS's sentence, or undefined where the role may
 */
export function logDenial(
    principal: Principal,
    { region, logGroupName }: Pick<FunctionConfiguration, "region" | "logGroupName">,
    logStreamName: string,
): string | undefined {
    const logStream = `arn:${PARTITION}:logs:${region}:${ACCOUNT_ID}:log-group:${logGroupName}:log-stream:`;
    try {
        // The log stream has no name before it is there.
        authorize(principal, "logs:CreateLogStream", logStream);
        authorize(principal, "logs:PutLogEvents", `${logStream}${logStreamName}`);
        return undefined;
    } catch (error) {
        if (error instanceof AwsError) {
            return error.message;
        }
        throw error;
    }
}
