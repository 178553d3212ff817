import { createHash, randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";

/** An object in the form that fauxqs reads. */
export interface StoredObject {
    readonly key: string;
    readonly body: Buffer;
    readonly contentType: string;
    readonly contentLength: number;
    /** With its quotation marks. */
    readonly etag: string;
    readonly lastModified: Date;
    /** What came in `x-amz-meta-…` headers, without that. */
    readonly metadata: Readonly<Record<string, string>>;
    /** Headers to be given back with the object, such as `content-encoding` and checksums. */
    readonly systemHeaders: Readonly<Record<string, string>>;
}

/** An object has been written or deleted. */
export interface ObjectChange {
    readonly bucket: string;
    readonly key: string;
    readonly kind: "written" | "deleted";
    readonly timeMs: number;
}

interface Bucket {
    readonly name: string;
    readonly creationDate: Date;
    readonly objects: Map<string, StoredObject>;
    readonly uploads: Map<string, Upload>;
}

interface Upload extends Pick<StoredObject, "key" | "contentType" | "metadata"> {
    readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

export interface ListOptions {
    readonly prefix?: string;
    readonly delimiter?: string;
    readonly maxKeys?: number;
    /** Only what comes after this key, or after all keys with this common prefix. */
    readonly startAfter?: string;
}

export interface Listing {
    readonly objects: readonly StoredObject[];
    readonly commonPrefixes: readonly string[];
    /** Where to go on, if there is more. */
    readonly next: string | undefined;
}

/** Of an object, and of an upload in parts so far: S3's 5 GiB and 50 TiB would not fit into the memory of one machine. */
export const OBJECT_BYTES_MAX = 256 * 1024 * 1024;
const LISTED_MAX = 1_000;
const KEY_BYTES_MAX = 1_024;
const PART_BYTES_MIN = 5 * 1024 * 1024;
const HEADERS_PARAMETER = ";system-headers=";

/** The buckets and objects, in memory; it takes the place of fauxqs's own store, with the same methods. */
export class ObjectStore {
    private readonly buckets = new Map<string, Bucket>();

    constructor(
        private readonly clock: () => number,
        private readonly onChange: (change: ObjectChange) => void,
    ) {}

    /** @throws AwsError BucketAlreadyOwnedByYou, InvalidBucketName */
    createBucket(name: string): void {
        if (this.buckets.has(name)) {
            const message = "Your previous request to create the named bucket succeeded and you already own it.";
            throw new AwsError("BucketAlreadyOwnedByYou", message, 409);
        }
        if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes("..")) {
            throw new AwsError("InvalidBucketName", "The specified bucket is not valid.");
        }
        const creationDate = new Date(this.clock());
        this.buckets.set(name, { name, creationDate, objects: new Map(), uploads: new Map() });
    }

    /** @throws AwsError NoSuchBucket, BucketNotEmpty */
    deleteBucket(name: string): void {
        const { objects } = this.bucket(name);
        if (objects.size > 0) {
            throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
        }
        this.buckets.delete(name);
    }

    hasBucket(name: string): boolean {
        return this.buckets.has(name);
    }

    hasObject(bucketName: string, key: string): boolean {
        return this.buckets.get(bucketName)?.objects.has(key) ?? false;
    }

    listBuckets(): { name: string; creationDate: Date }[] {
        return Array.from(this.buckets.values()).sort((a, b) => compareKeys(a.name, b.name));
    }

    /** @param contentType may carry headers to be kept, see `withSystemHeaders` */
    putObject(
        bucketName: string,
        key: string,
        body: Buffer,
        contentType?: string,
        metadata: Readonly<Record<string, string>> = {},
    ): StoredObject {
        const bucket = this.bucket(bucketName);
        if (Buffer.byteLength(key) > KEY_BYTES_MAX) {
            throw new AwsError("KeyTooLongError", "Your key is too long");
        }
        checkSize(body.length);
        return this.write(bucket, { key, body, etag: `"${md5(body)}"`, ...unpack(contentType), metadata });
    }

    /** @throws AwsError NoSuchBucket, NoSuchKey */
    getObject(bucketName: string, key: string): StoredObject {
        const object = this.bucket(bucketName).objects.get(key);
        if (!object) {
            throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
        }
        return object;
    }

    /** The copy has everything of the original but its time. */
    copyObject(from: StoredObject, bucketName: string, key: string): StoredObject {
        return this.write(this.bucket(bucketName), { ...from, key });
    }

    headObject(bucketName: string, key: string): StoredObject {
        return this.getObject(bucketName, key);
    }

    /** Deleting what is not there is no mistake. */
    deleteObject(bucketName: string, key: string): void {
        if (this.bucket(bucketName).objects.delete(key)) {
            this.onChange({ bucket: bucketName, key, kind: "deleted", timeMs: this.clock() });
        }
    }

    /** In the order of the keys' UTF-8 bytes, as S3 lists. */
    listObjects(
        bucketName: string,
        { prefix = "", delimiter = "", maxKeys, startAfter = "" }: ListOptions = {},
    ): Listing {
        const { objects } = this.bucket(bucketName);
        const keys = Array.from(objects.keys()).filter((key) => key.startsWith(prefix));
        const listed: StoredObject[] = [];
        const commonPrefixes = new Set<string>();
        const limit = Math.min(maxKeys ?? LISTED_MAX, LISTED_MAX);
        let last = startAfter;
        for (const key of keys.sort(compareKeys)) {
            const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
            const name = end < 0 ? key : key.slice(0, end + delimiter.length);
            const isPassed = compareKeys(name, startAfter) <= 0 && startAfter !== "";
            if (isPassed || commonPrefixes.has(name)) {
                continue;
            }
            if (listed.length + commonPrefixes.size >= limit) {
                return {
                    objects: listed,
                    commonPrefixes: Array.from(commonPrefixes),
                    next: limit > 0 ? last : undefined,
                };
            }
            const object = objects.get(key);
            if (end >= 0) {
                commonPrefixes.add(name);
            } else if (object) {
                listed.push(object);
            }
            last = name;
        }
        return { objects: listed, commonPrefixes: Array.from(commonPrefixes), next: undefined };
    }

    createMultipartUpload(bucketName: string, key: string, contentType?: string, metadata = {}): string {
        const uploadId = randomUUID();
        this.bucket(bucketName).uploads.set(uploadId, {
            key,
            contentType: contentType ?? "",
            metadata,
            parts: new Map(),
        });
        return uploadId;
    }

    /** @throws AwsError NoSuchUpload, also for an upload of another object */
    checkUpload(uploadId: string, bucketName: string, key: string): void {
        const { bucket, upload } = this.upload(uploadId);
        if (bucket.name !== bucketName || upload.key !== key) {
            throw noSuchUpload();
        }
    }

    uploadPart(uploadId: string, partNumber: number, body: Buffer): string {
        const { parts } = this.upload(uploadId).upload;
        const others = Array.from(parts).filter(([number]) => number !== partNumber);
        checkSize(others.reduce((bytes, [, part]) => bytes + part.body.length, body.length));
        const etag = `"${md5(body)}"`;
        parts.set(partNumber, { body, etag });
        return etag;
    }

    /** @throws AwsError NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall */
    completeMultipartUpload(uploadId: string, listed: readonly { partNumber: number; etag: string }[]): StoredObject {
        const { bucket, upload } = this.upload(uploadId);
        if (listed.some(({ partNumber }, at) => at > 0 && partNumber <= (listed[at - 1]?.partNumber ?? 0))) {
            throw new AwsError("InvalidPartOrder", "The list of parts was not in ascending order.");
        }
        const bodies = listed.map(({ partNumber, etag }, at) => {
            const part = upload.parts.get(partNumber);
            if (part?.etag.replaceAll('"', "") !== etag.replaceAll('"', "")) {
                const message = "One or more of the specified parts could not be found.";
                throw new AwsError("InvalidPart", message);
            }
            if (at < listed.length - 1 && part.body.length < PART_BYTES_MIN) {
                const message = "Your proposed upload is smaller than the minimum allowed size";
                throw new AwsError("EntityTooSmall", message);
            }
            return part.body;
        });
        const digests = Buffer.concat(bodies.map((body) => Buffer.from(md5(body), "hex")));
        bucket.uploads.delete(uploadId);
        const { key, contentType, metadata } = upload;
        const etag = `"${md5(digests)}-${bodies.length}"`;
        return this.write(bucket, { key, body: Buffer.concat(bodies), etag, ...unpack(contentType), metadata });
    }

    abortMultipartUpload(uploadId: string): void {
        this.upload(uploadId).bucket.uploads.delete(uploadId);
    }

    clear(): void {
        this.buckets.clear();
    }

    private write(bucket: Bucket, object: Omit<StoredObject, "contentLength" | "lastModified">): StoredObject {
        const timeMs = this.clock();
        const stored = { ...object, contentLength: object.body.length, lastModified: new Date(timeMs) };
        bucket.objects.set(object.key, stored);
        this.onChange({ bucket: bucket.name, key: object.key, kind: "written", timeMs });
        return stored;
    }

    private bucket(name: string): Bucket {
        const bucket = this.buckets.get(name);
        if (!bucket) {
            throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
        }
        return bucket;
    }

    private upload(uploadId: string): { bucket: Bucket; upload: Upload } {
        for (const bucket of this.buckets.values()) {
            const upload = bucket.uploads.get(uploadId);
            if (upload) {
                return { bucket, upload };
            }
        }
        throw noSuchUpload();
    }
}

/**
 * A content type that carries further headers through fauxqs, which hands on the type alone.
 * It stays a valid media type, as fauxqs's HTTP framework demands.
 */
export function withSystemHeaders(contentType: string, headers: Readonly<Record<string, string>>): string {
    const packed = Buffer.from(JSON.stringify({ contentType, headers })).toString("base64url");
    return `application/octet-stream${HEADERS_PARAMETER}${packed}`;
}

function unpack(contentType = "application/octet-stream"): Pick<StoredObject, "contentType" | "systemHeaders"> {
    const [, packed] = contentType.split(HEADERS_PARAMETER);
    if (packed === undefined) {
        return { contentType, systemHeaders: {} };
    }
    const { contentType: plain, headers } = JSON.parse(Buffer.from(packed, "base64url").toString("utf8")) as {
        contentType: string;
        headers: Record<string, string>;
    };
    return { contentType: plain, systemHeaders: headers };
}

function checkSize(bytes: number): void {
    if (bytes > OBJECT_BYTES_MAX) {
        throw new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    }
}

function noSuchUpload(): AwsError {
    const message =
        "The specified upload does not exist. The upload ID may be invalid, " +
        "or the upload may have been aborted or completed.";
    return new AwsError("NoSuchUpload", message, 404);
}

function compareKeys(a: string, b: string): number {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function md5(data: Buffer): string {
    return createHash("md5").update(data).digest("hex");
}
