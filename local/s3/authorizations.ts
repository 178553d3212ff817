import { PARTITION } from "../account";
import type { AuthorizationWithKeys } from "../iam/authorize";
import type { ServiceRequest } from "../service";
import type { ObjectStore } from "./object-store";
import { BUCKET_SETTINGS, copySource, keysOfDeletion, settingsIn, type S3Request } from "./s3-request";

/**
 * What a request needs to be allowed.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * @param store knows what is there: who may not list a bucket is not told that it has no such object, but that listing is
 * not allowed (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Permissions)
 */
export function authorizationsOf(
    request: S3Request,
    { headers, body }: ServiceRequest,
    store: Pick<ObjectStore, "hasBucket" | "hasObject">,
): AuthorizationWithKeys[] {
    const { bucket, key, query, operation } = request;
    const object = (action: string): AuthorizationWithKeys => ({ action, resource: objectArn(bucket, key) });
    const whole = (action: string): AuthorizationWithKeys => ({ action, resource: bucketArn(bucket) });
    const reading = (from: { bucket: string; key: string }, action = "s3:GetObject"): AuthorizationWithKeys[] => {
        const isMissing = store.hasBucket(from.bucket) && !store.hasObject(from.bucket, from.key);
        const listing = { action: "s3:ListBucket", resource: bucketArn(from.bucket) };
        return [{ action, resource: objectArn(from.bucket, from.key) }, ...(isMissing ? [listing] : [])];
    };
    switch (operation) {
        case "ListBuckets":
            return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
        case "HeadBucket":
        case "ListObjects":
            return [{ ...whole("s3:ListBucket"), keys: listingKeys(query) }];
        case "CreateBucket":
        case "DeleteBucket":
        case "GetBucketLocation":
        case "GetBucketVersioning":
            return [whole(`s3:${operation}`)];
        case "GetBucketConfiguration":
            return settingsIn(query).map((setting) => whole(`s3:${BUCKET_SETTINGS[setting].read}`));
        case "PutBucketConfiguration":
            return settingsIn(query).map((setting) => whole(`s3:${BUCKET_SETTINGS[setting].write}`));
        case "DeleteBucketConfiguration":
            return settingsIn(query).map((setting) =>
                whole(setting === "policy" ? "s3:DeleteBucketPolicy" : `s3:${BUCKET_SETTINGS[setting].write}`),
            );
        case "DeleteObjects":
            return keysOfDeletion(body).map((one) => ({
                action: "s3:DeleteObject",
                resource: objectArn(bucket, one),
            }));
        case "HeadObject":
        case "GetObject":
            return reading({ bucket, key });
        case "GetObjectTagging":
            return reading({ bucket, key }, "s3:GetObjectTagging");
        case "DeleteObject":
            return [object("s3:DeleteObject")];
        case "AbortMultipartUpload":
            return [object("s3:AbortMultipartUpload")];
        case "CopyObject":
        case "UploadPartCopy":
            return [...reading(copySource(headers)), object("s3:PutObject")];
        case "PutObject":
        case "CreateMultipartUpload":
        case "UploadPart":
        case "CompleteMultipartUpload":
            return [object("s3:PutObject")];
    }
}

export function bucketArn(bucket: string): string {
    return `arn:${PARTITION}:s3:::${bucket}`;
}

export function objectArn(bucket: string, key: string): string {
    return `${bucketArn(bucket)}/${key}`;
}

function listingKeys(query: URLSearchParams): Record<string, string> {
    const keys: Record<string, string> = {};
    for (const name of ["prefix", "delimiter", "max-keys"]) {
        const value = query.get(name);
        if (value !== null) {
            keys[`s3:${name}`] = value;
        }
    }
    return keys;
}
