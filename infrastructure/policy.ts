import * as pulumi from "@pulumi/pulumi";

/** What one statement of a policy allows: each action is written out, and each resource is one of ours. */
export interface Permission {
    readonly actions: readonly string[];
    readonly on: readonly pulumi.Input<string>[];
    /** The account that the resources must be of: the name of a bucket that is gone may be another account's tomorrow. */
    readonly account?: pulumi.Input<string>;
}

/** The JSON text of a policy that allows this and nothing else. */
export function allow(...permissions: readonly Permission[]): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: permissions.map(({ actions, on, account }) => ({
            Effect: "Allow",
            Action: actions,
            Resource: on,
            ...(account !== undefined && { Condition: { StringEquals: { "s3:ResourceAccount": account } } }),
        })),
    });
}

/** `["logs:CreateLogStream", "logs:PutLogEvents"]` of `actions("logs", "CreateLogStream", "PutLogEvents")`. */
export function actions(service: string, ...operations: readonly string[]): string[] {
    return operations.map((operation) => `${service}:${operation}`);
}

/** The account in an ARN: `arn:<partition>:<service>:<region>:<account>:<resource>`. */
export function accountOf(arn: pulumi.Output<string>): pulumi.Output<string> {
    return arn.apply((text) => text.split(":")[4] ?? "");
}
