import { PARTITION } from "./account";
import { AwsError } from "./aws-error";
import { authorize } from "./iam/authorize";
import type { Identities, Principal } from "./iam/identities";
import type { Input, KinesisService, OperationName, Output } from "./kinesis/service";
import type { S3Service } from "./s3/service";

const LAMBDA = "lambda.amazonaws.com";

/** What Lambda's pollers call on the stream (role permissions for Kinesis in the Lambda developer guide). */
const POLLER_OPERATIONS = ["GetRecords", "GetShardIterator", "DescribeStream", "ListShards", "DescribeStreamSummary"];

/**
 * What Lambda does in the name of a function: with the role of the function, so that a permission which the role lacks is
 * missing here as it is on AWS.
 */
export class FunctionRole {
    /** With which the pollers act; opened when it is first needed, and again when it has expired. */
    private session: { readonly principal: Principal; readonly expiration: Date } | undefined;

    constructor(
        private readonly identities: Identities,
        private readonly roleArn: string,
        private readonly functionName: string,
    ) {}

    /** Temporary credentials for one execution environment. */
    assume() {
        return this.identities.assumeRole(this.roleArn, this.functionName, LAMBDA);
    }

    /** Kinesis as the mapping's poller may use it. */
    kinesis(kinesis: KinesisService, streamArn: string) {
        return {
            call: async <Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Output<Name>> => {
                authorize(this.principal(), `kinesis:${operation}`, streamArn);
                return kinesis.call(operation, input);
            },
            onRecords: (streamName: string, listener: () => void) => kinesis.onRecords(streamName, listener),
        };
    }

    /** Lambda does not make a mapping that could not read its stream. */
    checkStream(streamArn: string): void {
        try {
            for (const operation of POLLER_OPERATIONS) authorize(this.principal(), `kinesis:${operation}`, streamArn);
        } catch (error) {
            throw new AwsError(
                "InvalidParameterValueException",
                `Cannot access stream ${streamArn}. Please ensure the role can perform the GetRecords, GetShardIterator, ` +
                    "DescribeStream, ListShards, and DescribeStreamSummary Actions on your stream in IAM. " +
                    `(${(error as Error).message})`,
            );
        }
    }

    /**
     * Lambda does not make a mapping that could not give batches up into its bucket. It asks whether the role may put any object
     * there, though it writes under `aws/lambda/` only: a role for that folder alone is refused.
     */
    checkDestination(bucket: string): void {
        try {
            this.authorizeObject(bucket, "*");
        } catch (error) {
            const action = /s3:(\w+)/.exec((error as Error).message)?.[1] ?? "PutObject";
            throw new AwsError(
                "InvalidParameterValueException",
                `The function execution role does not have permissions to call ${action} on S3 (${(error as Error).message})`,
            );
        }
    }

    /** Writes an object to an on-failure destination. */
    async putObject(s3: S3Service, bucket: string, key: string, body: string): Promise<void> {
        this.authorizeObject(bucket, key);
        await s3.putObject(bucket, key, body);
    }

    private authorizeObject(bucket: string, key: string): void {
        const bucketArn = `arn:${PARTITION}:s3:::${bucket}`;
        authorize(this.principal(), "s3:ListBucket", bucketArn);
        authorize(this.principal(), "s3:PutObject", `${bucketArn}/${key}`);
    }

    private principal(): Principal {
        if (this.session === undefined || this.session.expiration.getTime() <= Date.now()) this.session = this.assume();
        return this.session.principal;
    }
}
