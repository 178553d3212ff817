import { AwsError } from "../aws-error";

/** Headers of an upload that are given back with the object. */
const KEPT = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

const METADATA_PREFIX = "x-amz-meta-";

/** Headers that ask for something that the embedded cloud does not do, unless they ask for what it does anyway. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
    "if-match": [],
    "if-none-match": [],
    "x-amz-acl": ["private", "bucket-owner-full-control"],
    "x-amz-metadata-directive": ["COPY"],
    "x-amz-server-side-encryption": ["AES256"],
    "x-amz-storage-class": ["STANDARD"],
    "x-amz-tagging": [],
    "x-amz-website-redirect-location": [],
    "x-amz-write-offset-bytes": [],
};
const REFUSED_PREFIXES = [
    "x-amz-grant-",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption-",
    "x-amz-copy-source-if-modified",
    "x-amz-copy-source-if-none",
    "x-amz-copy-source-if-unmodified",
    "x-amz-copy-source-range",
];

/**
 * Refuses an upload whose headers would silently be ignored.
 * @param honoured that are not, where they are
 * @throws AwsError NotImplemented
 */
export function checkUploadHeaders(headers: Readonly<Record<string, string>>, ...honoured: string[]): void {
    for (const [name, value] of Object.entries(headers).filter(([each]) => !honoured.includes(each))) {
        const harmless = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
        if ((harmless && !harmless.includes(value)) || REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
            throw new AwsError(
                "NotImplemented",
                `The embedded cloud does not honour the header ${name}: ${value}.`,
                501,
            );
        }
    }
}

/** The headers that S3 keeps with an object, besides type and metadata. */
export function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
        KEPT.flatMap((name) => {
            const value = headers[name];
            return value === undefined ? [] : [[name, value]];
        }),
    );
}

/** What came in `x-amz-meta-…` headers, without that. */
export function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith(METADATA_PREFIX));
    return Object.fromEntries(metadata.map(([name, value]) => [name.slice(METADATA_PREFIX.length), value]));
}
