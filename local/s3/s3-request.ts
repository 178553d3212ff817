import { ACCOUNT_ID, PARTITION } from "../account";
import { AwsError } from "../aws-error";
import type { AuthorizationWithKeys } from "../iam/authorize";
import type { ServiceRequest } from "../service";

/** What an S3 request is about: method, path and host of a ServiceRequest taken apart. */
export interface S3Request {
    /** "" for requests about all buckets. */
    readonly bucket: string;
    /** "" for requests about a bucket. */
    readonly key: string;
    readonly query: URLSearchParams;
    readonly operation: S3Operation;
    /** The URL in path style, encoded anew, so that fauxqs sees the same bucket and key as the policies. */
    readonly url: string;
}

export type S3Operation =
    | "ListBuckets"
    | "CreateBucket"
    | "DeleteBucket"
    | "HeadBucket"
    | "GetBucketLocation"
    | "ListObjects"
    | "DeleteObjects"
    | "GetBucketConfiguration"
    | "PutBucketConfiguration"
    | "DeleteBucketConfiguration"
    | "PutObject"
    | "CopyObject"
    | "GetObject"
    | "HeadObject"
    | "DeleteObject"
    | "CreateMultipartUpload"
    | "UploadPart"
    | "CompleteMultipartUpload"
    | "AbortMultipartUpload";

/** The settings of a bucket by the sub-resource that names them in a URL, and the IAM actions on them. */
export const BUCKET_SETTINGS = {
    policy: { element: undefined, read: "GetBucketPolicy", write: "PutBucketPolicy", missing: "NoSuchBucketPolicy" },
    encryption: {
        element: "ServerSideEncryptionConfiguration",
        read: "GetEncryptionConfiguration",
        write: "PutEncryptionConfiguration",
        missing: "ServerSideEncryptionConfigurationNotFoundError",
    },
    lifecycle: {
        element: "LifecycleConfiguration",
        read: "GetLifecycleConfiguration",
        write: "PutLifecycleConfiguration",
        missing: "NoSuchLifecycleConfiguration",
    },
    publicAccessBlock: {
        element: "PublicAccessBlockConfiguration",
        read: "GetBucketPublicAccessBlock",
        write: "PutBucketPublicAccessBlock",
        missing: "NoSuchPublicAccessBlockConfiguration",
    },
    ownershipControls: {
        element: "OwnershipControls",
        read: "GetBucketOwnershipControls",
        write: "PutBucketOwnershipControls",
        missing: "OwnershipControlsNotFoundError",
    },
    tagging: { element: "Tagging", read: "GetBucketTagging", write: "PutBucketTagging", missing: "NoSuchTagSet" },
} as const;

export type BucketSetting = keyof typeof BUCKET_SETTINGS;

export function isBucketSetting(name: string): name is BucketSetting {
    return Object.hasOwn(BUCKET_SETTINGS, name);
}

/** The parameters of listing, and of requests that name their operation elsewhere. */
const PLAIN_PARAMETERS = new Set(
    [
        "x-id list-type prefix delimiter max-keys marker start-after continuation-token encoding-type",
        "uploadId partNumber uploads delete location",
    ].flatMap((names) => names.split(" ")),
);

function notImplemented(what: string): AwsError {
    return new AwsError("NotImplemented", `${what} is not implemented by the embedded cloud.`, 501);
}

/**
 * Takes a request apart: path style (`/bucket/key`) and virtual-host style (`bucket.localhost`).
 * @throws AwsError NotImplemented for what fauxqs would take for something else, InvalidURI
 */
export function parseS3Request({ method, url: sentUrl, headers }: ServiceRequest): S3Request {
    const virtualBucket = /^(.+)\.localhost(?::\d+)?$/i.exec(headers.host ?? "")?.[1];
    const url = virtualBucket === undefined ? sentUrl : `/${virtualBucket}${sentUrl}`;
    const [path = "", ...rest] = url.split("?");
    const query = new URLSearchParams(rest.join("?").replaceAll("+", "%2B"));
    const [bucket = "", ...keyParts] = decode(path).slice(1).split("/");
    const key = keyParts.join("/");
    if (key.split("/").some((segment) => segment === "." || segment === "..")) {
        throw new AwsError("InvalidURI", "The embedded cloud has no keys with '.' or '..' between slashes.");
    }
    const operation = operationOf(method, bucket, key, query, headers);
    const plainPath = [bucket, ...keyParts].map(encodeURIComponent).join("/");
    return { bucket, key, query, operation, url: `/${plainPath}?${query.toString()}` };
}

function decode(path: string): string {
    try {
        return decodeURIComponent(path);
    } catch {
        throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
    }
}

function operationOf(
    method: string,
    bucket: string,
    key: string,
    query: URLSearchParams,
    headers: ServiceRequest["headers"],
): S3Operation {
    const unknown = Array.from(query.keys()).find((name) => !PLAIN_PARAMETERS.has(name) && !isBucketSetting(name));
    if (unknown !== undefined) {
        throw notImplemented(`The sub-resource or parameter '${unknown}'`);
    }
    const operation =
        bucket === "" ? accountOperation(method) : key === "" ? bucketOperation(method, query) : undefined;
    const found = operation ?? (key === "" ? undefined : objectOperation(method, query, headers));
    if (!found) {
        throw notImplemented(`${method} of this resource`);
    }
    return found;
}

function accountOperation(method: string): S3Operation | undefined {
    return method === "GET" ? "ListBuckets" : undefined;
}

function bucketOperation(method: string, query: URLSearchParams): S3Operation | undefined {
    if (Array.from(query.keys()).some(isBucketSetting)) {
        const verbs: Record<string, S3Operation> = {
            GET: "GetBucketConfiguration",
            PUT: "PutBucketConfiguration",
            DELETE: "DeleteBucketConfiguration",
        };
        return verbs[method];
    }
    const verbs: Record<string, S3Operation | undefined> = {
        PUT: "CreateBucket",
        HEAD: "HeadBucket",
        DELETE: "DeleteBucket",
        GET: query.has("uploads") ? undefined : query.has("location") ? "GetBucketLocation" : "ListObjects",
        POST: query.has("delete") ? "DeleteObjects" : undefined,
    };
    return verbs[method];
}

function objectOperation(
    method: string,
    query: URLSearchParams,
    headers: ServiceRequest["headers"],
): S3Operation | undefined {
    if (Array.from(query.keys()).some(isBucketSetting)) {
        throw notImplemented("This sub-resource of an object");
    }
    const isUpload = query.has("uploadId");
    const verbs: Record<string, S3Operation | undefined> = {
        PUT: isUpload ? "UploadPart" : "x-amz-copy-source" in headers ? "CopyObject" : "PutObject",
        GET: isUpload ? undefined : "GetObject",
        HEAD: "HeadObject",
        DELETE: isUpload ? "AbortMultipartUpload" : "DeleteObject",
        POST: query.has("uploads") ? "CreateMultipartUpload" : isUpload ? "CompleteMultipartUpload" : undefined,
    };
    return verbs[method];
}

/**
 * What a request needs to be allowed.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function authorizationsOf(request: S3Request, { headers, body }: ServiceRequest): AuthorizationWithKeys[] {
    const { bucket, key, query, operation } = request;
    const object = (action: string): AuthorizationWithKeys => ({ action, resource: objectArn(bucket, key) });
    const whole = (action: string): AuthorizationWithKeys => ({ action, resource: bucketArn(bucket) });
    switch (operation) {
        case "ListBuckets":
            return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
        case "HeadBucket":
        case "ListObjects":
            return [{ ...whole("s3:ListBucket"), keys: listingKeys(query) }];
        case "CreateBucket":
        case "DeleteBucket":
        case "GetBucketLocation":
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
            return [object("s3:GetObject")];
        case "DeleteObject":
            return [object("s3:DeleteObject")];
        case "AbortMultipartUpload":
            return [object("s3:AbortMultipartUpload")];
        case "CopyObject": {
            const source = copySource(headers);
            return [{ action: "s3:GetObject", resource: objectArn(source.bucket, source.key) }, object("s3:PutObject")];
        }
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

/** The settings that a URL's query names; more than one is a mistake of the client. */
export function settingsIn(query: URLSearchParams): BucketSetting[] {
    return Array.from(query.keys()).filter(isBucketSetting);
}

/** A request may say which account it expects to own the bucket. */
export function checkExpectedOwner(headers: ServiceRequest["headers"]): void {
    const owner = headers["x-amz-expected-bucket-owner"];
    if (owner !== undefined && owner !== ACCOUNT_ID) {
        throw new AwsError("AccessDenied", "Access Denied", 403);
    }
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

export function keysOfDeletion(body: Buffer): string[] {
    return Array.from(body.toString("utf8").matchAll(/<Key>([\s\S]*?)<\/Key>/g), (match) =>
        unescapeXml(match[1] ?? ""),
    );
}

/**
 * The object that CopyObject copies: `bucket/key`, percent-encoded.
 * @throws AwsError NotImplemented for a version of it
 */
export function copySource(headers: ServiceRequest["headers"]): { bucket: string; key: string } {
    const source = headers["x-amz-copy-source"] ?? "";
    if (source.includes("?versionId=")) {
        throw notImplemented("Copying a version of an object");
    }
    const [bucket = "", ...key] = decode(source).replace(/^\//, "").split("/");
    return { bucket, key: key.join("/") };
}

function unescapeXml(text: string): string {
    const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
    return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name] ?? "");
}
