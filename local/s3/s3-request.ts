import { ACCOUNT_ID } from "../account";
import { AwsError } from "../aws-error";
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
    | "GetBucketVersioning"
    | "PutObject"
    | "CopyObject"
    | "GetObject"
    | "HeadObject"
    | "GetObjectTagging"
    | "DeleteObject"
    | "CreateMultipartUpload"
    | "UploadPart"
    | "UploadPartCopy"
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
        "uploadId partNumber uploads delete location versioning",
    ].flatMap((names) => names.split(" ")),
);

const CODE_POINT_MAX = 0x10ffff;

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
    if (method === "PUT" && query.has("versioning")) {
        throw notImplemented("The versioning of objects");
    }
    const verbs: Record<string, S3Operation | undefined> = {
        PUT: "CreateBucket",
        HEAD: "HeadBucket",
        DELETE: "DeleteBucket",
        GET: readingOperation(query),
        POST: query.has("delete") ? "DeleteObjects" : undefined,
    };
    return verbs[method];
}

function readingOperation(query: URLSearchParams): S3Operation | undefined {
    if (query.has("uploads")) {
        return undefined;
    }
    if (query.has("versioning")) {
        return "GetBucketVersioning";
    }
    return query.has("location") ? "GetBucketLocation" : "ListObjects";
}

function objectOperation(
    method: string,
    query: URLSearchParams,
    headers: ServiceRequest["headers"],
): S3Operation | undefined {
    if (method === "GET" && query.has("tagging")) {
        return "GetObjectTagging";
    }
    if (Array.from(query.keys()).some(isBucketSetting)) {
        throw notImplemented("This sub-resource of an object");
    }
    const isUpload = query.has("uploadId");
    const isCopy = "x-amz-copy-source" in headers;
    const puts = isUpload ? (["UploadPart", "UploadPartCopy"] as const) : (["PutObject", "CopyObject"] as const);
    const verbs: Record<string, S3Operation | undefined> = {
        PUT: puts[isCopy ? 1 : 0],
        GET: isUpload ? undefined : "GetObject",
        HEAD: "HeadObject",
        DELETE: isUpload ? "AbortMultipartUpload" : "DeleteObject",
        POST: query.has("uploads") ? "CreateMultipartUpload" : isUpload ? "CompleteMultipartUpload" : undefined,
    };
    return verbs[method];
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
    return text.replace(/&(?:#(x?)([0-9a-f]{1,6})|(lt|gt|quot|apos|amp));/gi, (...found: string[]) => {
        const [entity = "", isHexadecimal, digits = "", name] = found;
        const codePoint = parseInt(digits, isHexadecimal ? 16 : 10);
        return name === undefined ? characterOf(codePoint, entity) : (characters[name] ?? entity);
    });
}

function characterOf(codePoint: number, otherwise: string): string {
    return codePoint <= CODE_POINT_MAX ? String.fromCodePoint(codePoint) : otherwise;
}
