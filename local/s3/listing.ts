import { AwsError } from "../aws-error";
import type { ObjectStore, StoredObject } from "./object-store";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const MAX_KEYS_DEFAULT = 1_000;

/**
 * ListObjects and ListObjectsV2. Not fauxqs's, which sorts by language instead of by bytes, so that pages lose keys.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @returns XML
 */
export function listObjectsXml(store: ObjectStore, bucket: string, query: URLSearchParams): string {
    const isV2 = query.get("list-type") === "2";
    const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
    const maxKeys = numberOf(query.get("max-keys"));
    const token = query.get("continuation-token");
    const marker = query.get("marker") ?? "";
    const after = isV2 ? (query.get("start-after") ?? "") : marker;
    const startAfter = token === null ? after : Buffer.from(token, "base64url").toString("utf8");
    const { objects, commonPrefixes, next } = store.listObjects(bucket, { prefix, delimiter, maxKeys, startAfter });

    const encoding = query.get("encoding-type");
    const text = (value: string): string => escapeXml(encoding === "url" ? encodeURIComponent(value) : value);
    const elements = [
        element("Name", escapeXml(bucket)),
        element("Prefix", text(prefix)),
        element("MaxKeys", String(maxKeys)),
        element("IsTruncated", String(next !== undefined)),
        delimiter === "" ? "" : element("Delimiter", text(delimiter)),
        encoding === null ? "" : element("EncodingType", escapeXml(encoding)),
        ...(isV2
            ? [
                  element("KeyCount", String(objects.length + commonPrefixes.length)),
                  after === "" ? "" : element("StartAfter", text(after)),
                  token === null ? "" : element("ContinuationToken", escapeXml(token)),
                  next === undefined ? "" : element("NextContinuationToken", Buffer.from(next).toString("base64url")),
              ]
            : [element("Marker", text(marker)), next === undefined ? "" : element("NextMarker", text(next))]),
        ...objects.map((object) => element("Contents", contents(object, text))),
        ...commonPrefixes.map((one) => element("CommonPrefixes", element("Prefix", text(one)))),
    ];
    return document("ListBucketResult", elements.join(""));
}

function contents({ key, lastModified, etag, contentLength }: StoredObject, text: (value: string) => string): string {
    return [
        element("Key", text(key)),
        element("LastModified", lastModified.toISOString()),
        element("ETag", escapeXml(etag)),
        element("Size", String(contentLength)),
        element("StorageClass", "STANDARD"),
    ].join("");
}

/** DeleteObjects: deletes what is listed and says so, unless the request wants to hear of failures only. */
export function deleteObjectsXml(
    store: ObjectStore,
    bucket: string,
    keys: readonly string[],
    isQuiet: boolean,
): string {
    keys.forEach((key) => store.deleteObject(bucket, key));
    const deleted = isQuiet ? [] : keys.map((key) => element("Deleted", element("Key", escapeXml(key))));
    return document("DeleteResult", deleted.join(""));
}

/** The answer to CopyObject and UploadPartCopy. */
export function copyXml(
    name: "CopyObjectResult" | "CopyPartResult",
    { etag, lastModified }: Pick<StoredObject, "etag" | "lastModified">,
): string {
    return document(name, element("LastModified", lastModified.toISOString()) + element("ETag", escapeXml(etag)));
}

/**
 * The parts that CompleteMultipartUpload lists. fauxqs overlooks those with checksums, and the object becomes empty.
 * @throws AwsError MalformedXML
 */
export function partsOf(xml: string): { partNumber: number; etag: string }[] {
    const parts = Array.from(xml.matchAll(/<Part>([\s\S]*?)<\/Part>/g), ([, part = ""]) => ({
        partNumber: Number(/<PartNumber>\s*(\d+)\s*<\/PartNumber>/.exec(part)?.[1]),
        etag: (/<ETag>([\s\S]*?)<\/ETag>/.exec(part)?.[1] ?? "").replace(/&quot;|&#34;/g, '"'),
    }));
    if (parts.length === 0 || parts.some(({ partNumber }) => Number.isNaN(partNumber))) {
        const message = "The XML you provided was not well-formed or did not validate against our published schema";
        throw new AwsError("MalformedXML", message);
    }
    return parts;
}

/** The answer to CompleteMultipartUpload. */
export function completionXml(bucket: string, { key, etag }: StoredObject): string {
    const elements = [
        element("Bucket", escapeXml(bucket)),
        element("Key", escapeXml(key)),
        element("ETag", escapeXml(etag)),
    ];
    return document("CompleteMultipartUploadResult", elements.join(""));
}

export function locationXml(region: string): string {
    return document("LocationConstraint", region === "us-east-1" ? "" : region);
}

/** A document of S3: `content` is XML. */
export function document(name: string, content: string): string {
    return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${NAMESPACE}">${content}</${name}>`;
}

/** Nested plain values as XML; a list becomes the same element several times. */
export function toXml(name: string, value: unknown): string {
    if (Array.isArray(value)) {
        return value.map((one) => toXml(name, one)).join("");
    }
    if (typeof value === "object" && value !== null) {
        const content = Object.entries(value).map(([child, one]) => toXml(child, one));
        return element(name, content.join(""));
    }
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return isPlain ? element(name, escapeXml(String(value))) : "";
}

function element(name: string, content: string): string {
    return `<${name}>${content}</${name}>`;
}

function numberOf(text: string | null): number {
    const number = text === null ? MAX_KEYS_DEFAULT : Number(text);
    if (!Number.isInteger(number) || number < 0) {
        throw new AwsError("InvalidArgument", "Provided max-keys not an integer or within integer range");
    }
    return number;
}

function escapeXml(text: string): string {
    return text.replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
