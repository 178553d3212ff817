import * as aws from "@pulumi/aws";

export interface FailedEventsBucketOptions {
    /** Whether the bucket is kept when it still holds objects, and cannot be removed by mistake. */
    readonly protectData: boolean;
    /** Days until a failed event is removed, 0 for never. */
    readonly failedEventsDays: number;
    /** Days until an event that was sent again is removed, 0 for never. */
    readonly replayedEventsDays: number;
}

/** An upload in parts that has not ended after a day never will. */
const UNFINISHED_UPLOAD_DAYS = 1;

/**
 * A bucket that only this account can read, over TLS, encrypted, and that does not grow for ever.
 * @returns `guards` are to be in place before anything is written
 */
export function createFailedEventsBucket(name: string, options: FailedEventsBucketOptions) {
    const { protectData } = options;
    const bucket = new aws.s3.Bucket(name, { forceDestroy: !protectData }, { protect: protectData });
    const access = new aws.s3.BucketPublicAccessBlock(name, {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
    });
    // S3 answers two changes of a bucket's access at once with OperationAborted, so this one waits for the other.
    const policy = new aws.s3.BucketPolicy(
        name,
        { bucket: bucket.bucket, policy: bucket.arn.apply(denyWithoutTls) },
        { dependsOn: [access] },
    );
    // S3's own keys: those of KMS would cost a request for each object.
    new aws.s3.BucketServerSideEncryptionConfiguration(name, {
        bucket: bucket.bucket,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    new aws.s3.BucketLifecycleConfiguration(name, { bucket: bucket.bucket, rules: lifecycleRules(options) });
    return { bucket, guards: [access, policy] };
}

function denyWithoutTls(bucketArn: string): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "TlsOnly",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [bucketArn, `${bucketArn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}

function lifecycleRules({
    failedEventsDays,
    replayedEventsDays,
}: FailedEventsBucketOptions): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
    // Lambda and the function put what failed under the first two; a replay moves it from there to the third.
    const folders = [
        { id: "quarantined", prefix: "quarantine/", days: failedEventsDays },
        { id: "retries-used-up", prefix: "aws/lambda/", days: failedEventsDays },
        { id: "replayed", prefix: "replayed/", days: replayedEventsDays },
    ];
    return [
        {
            id: "unfinished-uploads",
            status: "Enabled",
            filter: { prefix: "" },
            abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOAD_DAYS },
        },
        ...folders
            .filter(({ days }) => days > 0)
            .map(({ id, prefix, days }) => ({ id, status: "Enabled", filter: { prefix }, expiration: { days } })),
    ];
}
