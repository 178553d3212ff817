import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountOf, actions, allow, type Permission } from "./policy";

/** What the identities work with. */
export interface Places {
    readonly stream: aws.kinesis.Stream;
    readonly table: aws.dynamodb.Table;
    readonly failedEvents: aws.s3.Bucket;
    readonly logGroup: aws.cloudwatch.LogGroup;
}

/** The key pair that programs should use now, both parts secret; null in a stack whose clients have their own. */
export interface ClientUser {
    readonly accessKeyId: pulumi.Output<string> | null;
    readonly secretAccessKey: pulumi.Output<string> | null;
}

/** Pulumi warns of an output that is undefined, at each update. */
const NO_KEY: ClientUser = { accessKeyId: null, secretAccessKey: null };

/**
 * The function's role: it reads the one stream, writes the one table, the one bucket, and its own log. Lambda itself uses it
 * to read the stream and to write the failed batches, for which it wants to list the bucket.
 * @returns `rolePolicy` is to be in place before the function is made
 */
export function createFunctionRole(name: string, { stream, table, failedEvents, logGroup }: Places) {
    const role = new aws.iam.Role(name, {
        assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
    });
    const account = accountOf(stream.arn);
    const rolePolicy = new aws.iam.RolePolicy(name, {
        role: role.name,
        policy: allow(
            { actions: actions("kinesis", "DescribeStream", "DescribeStreamSummary", "ListShards"), on: [stream.arn] },
            { actions: actions("kinesis", "GetRecords", "GetShardIterator"), on: [stream.arn] },
            // A post that is replayed is put by itself, unless the table has a later version.
            { actions: actions("dynamodb", "BatchWriteItem", "PutItem"), on: [table.arn] },
            // In the whole bucket: CreateEventSourceMapping refuses a role for the folders alone ("does not have permissions to call
            // PutObject on S3"), though that is where the function and Lambda write.
            { actions: ["s3:PutObject"], on: [pulumi.interpolate`${failedEvents.arn}/*`], account },
            { actions: ["s3:ListBucket"], on: [failedEvents.arn], account },
            // The streams of the one log group, which Lambda names.
            {
                actions: actions("logs", "CreateLogStream", "PutLogEvents"),
                on: [pulumi.interpolate`${logGroup.arn}:*`],
            },
        ),
    });
    return { role, rolePolicy };
}

/**
 * The producer's user may put records into the one stream: the producer by PutRecords, other clients that are given its key,
 * such as `aws kinesis put-record`, by PutRecord. `kinesis:Put*` would also match PutResourcePolicy, which opens the stream to
 * other accounts.
 */
export function createProducerUser(
    name: string,
    { stream }: Pick<Places, "stream">,
    keys: readonly string[],
): ClientUser {
    return createClientUser(name, keys, { actions: actions("kinesis", "PutRecord", "PutRecords"), on: [stream.arn] });
}

/**
 * The replay's user reads what failed, sends it to the stream again, and moves it to `replayed/` in the bucket. It reads the
 * stream for what is known of a failed batch by its place there only.
 */
export function createReplayUser(
    name: string,
    { stream, failedEvents }: Pick<Places, "stream" | "failedEvents">,
    keys: readonly string[],
): ClientUser {
    const account = accountOf(stream.arn);
    return createClientUser(
        name,
        keys,
        { actions: ["s3:ListBucket"], on: [failedEvents.arn], account },
        { actions: actions("s3", "GetObject", "DeleteObject"), on: failedFolders(failedEvents), account },
        { actions: ["s3:PutObject"], on: [folder(failedEvents, "replayed")], account },
        { actions: actions("kinesis", "PutRecords", "GetShardIterator", "GetRecords"), on: [stream.arn] },
    );
}

/** @param keys the access keys that exist, up to two; the first is the one to use. There is no user without a key. */
function createClientUser(name: string, keys: readonly string[], ...permissions: Permission[]): ClientUser {
    if (keys.length === 0) return NO_KEY;
    // Keys that were made by hand would otherwise keep the user from being destroyed.
    const user = new aws.iam.User(name, { forceDestroy: true });
    new aws.iam.UserPolicy(name, { user: user.name, policy: allow(...permissions) });
    const [current] = keys.map((key) => new aws.iam.AccessKey(`${name}-${key}`, { user: user.name }));
    return current === undefined
        ? NO_KEY
        : { accessKeyId: pulumi.secret(current.id), secretAccessKey: pulumi.secret(current.secret) };
}

/** Where the function and Lambda put what failed. */
function failedFolders(failedEvents: aws.s3.Bucket): pulumi.Output<string>[] {
    return [folder(failedEvents, "quarantine"), folder(failedEvents, "aws/lambda")];
}

function folder({ arn }: aws.s3.Bucket, name: string): pulumi.Output<string> {
    return pulumi.interpolate`${arn}/${name}/*`;
}
