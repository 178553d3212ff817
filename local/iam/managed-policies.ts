import { AwsError } from "../aws-error";
import { parsePolicy } from "./policy-document";
import { type ManagedPolicy, noSuchEntity } from "./policy-holder";
import type { PolicyDocument } from "./principal";

const WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

function allow(actions: readonly string[]): PolicyDocument {
    return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}

/**
 * The content of AWS's own policies, by ARN. One that is not here cannot be attached.
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const POLICIES_OF_AWS: ReadonlyMap<string, PolicyDocument> = new Map([
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

/** The policies that can be attached: those of AWS whose content is known, and the account's own. */
export class ManagedPolicies {
    private readonly byArn = new Map<string, ManagedPolicy>();

    constructor() {
        for (const [arn, document] of POLICIES_OF_AWS) {
            this.byArn.set(arn, { arn, document, attachments: 0 });
        }
    }

    /** @throws AwsError EntityAlreadyExists, MalformedPolicyDocument */
    create(arn: string, policyName: string, document: unknown): void {
        if (this.byArn.has(arn)) {
            throw new AwsError("EntityAlreadyExists", `A policy called ${policyName} already exists.`, 409);
        }
        this.byArn.set(arn, { arn, document: parsePolicy(document, "identity"), attachments: 0 });
    }

    /** Replaces the content for everyone that the policy is attached to. */
    update(arn: string, document: unknown): void {
        this.own(arn).document = parsePolicy(document, "identity");
    }

    /** @throws AwsError NoSuchEntity; DeleteConflict while it is attached */
    delete(arn: string): void {
        if (this.own(arn).attachments > 0) {
            throw new AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
        }
        this.byArn.delete(arn);
    }

    /** @throws AwsError NoSuchEntity */
    get(arn: string): ManagedPolicy {
        const policy = this.byArn.get(arn);
        if (!policy) {
            const known = Array.from(POLICIES_OF_AWS.keys()).join(", ");
            const hint = arn.includes("::aws:policy/") ? ` The embedded cloud knows the content of ${known}.` : "";
            throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.${hint}`);
        }
        return policy;
    }

    private own(arn: string): ManagedPolicy {
        const policy = POLICIES_OF_AWS.has(arn) ? undefined : this.byArn.get(arn);
        if (!policy) {
            throw noSuchEntity(`Policy ${arn} was not found.`);
        }
        return policy;
    }
}
