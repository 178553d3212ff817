import { randomBytes } from "node:crypto";
import { ACCOUNT_ID, PARTITION } from "../account";
import type { Cloud } from "../cloud";
import type { Inputs } from "./inputs";
import type { Provider } from "./monitor";
import type { Names, ResourceType } from "./resource-type";
import { dashboard, logGroup, metricAlarm } from "./resources/cloudwatch";
import { table } from "./resources/dynamodb";
import { accessKey, role, rolePolicy, rolePolicyAttachment, user, userPolicy } from "./resources/iam";
import { stream } from "./resources/kinesis";
import { eventSourceMapping, lambdaFunction, permission } from "./resources/lambda";
import { bucket, bucketEncryption, bucketLifecycle, bucketPolicy, bucketPublicAccessBlock } from "./resources/s3";
import { topic, topicSubscription } from "./resources/sns";

/** Every resource type that the embedded cloud knows; any other stops the deployment. */
const RESOURCE_TYPES: Readonly<Record<string, ResourceType<unknown>>> = {
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
    "aws:cloudwatch/logGroup:LogGroup": logGroup,
    "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
    "aws:dynamodb/table:Table": table,
    "aws:iam/accessKey:AccessKey": accessKey,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": rolePolicy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
    "aws:iam/user:User": user,
    "aws:iam/userPolicy:UserPolicy": userPolicy,
    "aws:kinesis/stream:Stream": stream,
    "aws:lambda/eventSourceMapping:EventSourceMapping": eventSourceMapping,
    "aws:lambda/function:Function": lambdaFunction,
    "aws:lambda/permission:Permission": permission,
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycle,
    "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketPublicAccessBlock,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucketEncryption,
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
};

/** Makes a program's resources real in the embedded cloud. */
export class EmbeddedProvider implements Provider {
    constructor(private readonly cloud: Cloud) {}

    isRecordedOnly(type: string): boolean {
        return resourceTypeNamed(type).recordedOnly === true;
    }

    async create(
        type: string,
        name: string,
        inputs: Inputs,
    ): Promise<{ id: string; outputs: Record<string, unknown> }> {
        const resourceType = resourceTypeNamed(type);
        const names: Names = {
            logical: name,
            automatic: () => `${name}-${randomBytes(4).toString("hex").slice(0, 7)}`,
        };
        const settings = resourceType.read(inputs, names);
        inputs.refuseUnread();
        return resourceType.create(settings, this.cloud);
    }

    async invoke(token: string, inputs: Inputs): Promise<Record<string, unknown>> {
        const result = this.functionResult(token);
        inputs.refuseUnread();
        return result;
    }

    private functionResult(token: string): Record<string, unknown> {
        const { region } = this.cloud;
        switch (token) {
            case "aws:index/getRegion:getRegion":
                return {
                    id: region,
                    region,
                    name: region,
                    description: region,
                    endpoint: `ec2.${region}.amazonaws.com`,
                };
            case "aws:index/getCallerIdentity:getCallerIdentity": {
                const arn = `arn:${PARTITION}:iam::${ACCOUNT_ID}:user/administrator`;
                return { id: ACCOUNT_ID, accountId: ACCOUNT_ID, arn, userId: ACCOUNT_ID };
            }
            case "aws:index/getPartition:getPartition":
                return {
                    id: PARTITION,
                    partition: PARTITION,
                    dnsSuffix: "amazonaws.com",
                    reverseDnsPrefix: "com.amazonaws",
                };
            default:
                throw new Error("the embedded cloud does not know this function");
        }
    }
}

function resourceTypeNamed(type: string): ResourceType<unknown> {
    const resourceType = RESOURCE_TYPES[type];
    if (resourceType === undefined) throw new Error("the embedded cloud does not know this resource type");
    return resourceType;
}
