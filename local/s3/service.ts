import { AwsError } from "../aws-error";
import type { AuthorizationWithKeys, ResourcePolicies } from "../iam/authorize";
import type { PolicyDocument } from "../iam/principal";
import type { Service, ServiceRequest, ServiceResponse } from "../service";
import { BucketSettings } from "./bucket-settings";
import { authorizationsOf, bucketArn } from "./authorizations";
import { checkChecksums } from "./checksums";
import { objectToCopy } from "./copying";
import { FauxqsApp } from "./fauxqs-app";
import { copyXml, deleteObjectsXml, document, listObjectsXml, locationXml } from "./listing";
import { completeUpload, copyPart, partNumberOf } from "./multipart";
import {
    type Listing,
    type ListOptions,
    OBJECT_BYTES_MAX,
    type ObjectChange,
    ObjectStore,
    type StoredObject,
    withSystemHeaders,
} from "./object-store";
import {
    type BucketSetting,
    checkExpectedOwner,
    keysOfDeletion,
    parseS3Request,
    type S3Request,
    settingsIn,
} from "./s3-request";
import { checkUploadHeaders, keptHeaders, metadataOf } from "./upload-headers";

export type { Listing, ListOptions, ObjectChange, StoredObject } from "./object-store";
export type { BucketSetting } from "./s3-request";

export interface S3Options {
    readonly region: string;
    /** Milliseconds since the epoch. */
    readonly clock?: () => number;
}

export interface PutObjectOptions {
    readonly contentType?: string;
    readonly metadata?: Readonly<Record<string, string>>;
}

const XML = { "content-type": "application/xml" };
const CHECKSUM = "x-amz-checksum-";
/** What the chunks of a streamed upload of the largest object may take beside it: 8 KiB each, with a signature. */
const FRAMING_BYTES_MAX = 4 * 1024 * 1024;
const UPLOADS = new Set(["PutObject", "CreateMultipartUpload", "UploadPart"]);

/** S3 in memory: fauxqs's operations on a store of ours, and the permissions, checks and settings that fauxqs lacks. */
export class S3Service implements Service, ResourcePolicies {
    readonly name = "s3";
    readonly protocol = "rest-xml";
    readonly requestBytesMax = OBJECT_BYTES_MAX + FRAMING_BYTES_MAX;
    private readonly store: ObjectStore;
    private readonly fauxqs: FauxqsApp;
    private readonly settings = new BucketSettings();
    private readonly listeners = new Set<(change: ObjectChange) => void>();
    /** Taken apart once for the permissions and the operation. */
    private readonly parsed = new WeakMap<ServiceRequest, S3Request>();

    constructor(private readonly options: S3Options) {
        this.store = new ObjectStore(options.clock ?? Date.now, (change) =>
            this.listeners.forEach((listener) => listener(change)),
        );
        this.fauxqs = new FauxqsApp(this.store);
    }

    /**
     * Calls `listener` after every object written or deleted, over HTTP or in this process.
     * @returns what ends it
     */
    onWrite(listener: (change: ObjectChange) => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    /** @throws AwsError BucketAlreadyOwnedByYou, InvalidBucketName */
    async createBucket(bucket: string): Promise<void> {
        this.store.createBucket(bucket);
    }

    /** @throws AwsError NoSuchBucket, BucketNotEmpty */
    async deleteBucket(bucket: string): Promise<void> {
        this.store.deleteBucket(bucket);
        this.settings.forget(bucket);
    }

    /** @throws AwsError NoSuchBucket */
    async putObject(
        bucket: string,
        key: string,
        body: string | Buffer,
        { contentType, metadata }: PutObjectOptions = {},
    ): Promise<StoredObject> {
        return this.store.putObject(bucket, key, Buffer.from(body), contentType, metadata);
    }

    /** @throws AwsError NoSuchBucket, NoSuchKey */
    async getObject(bucket: string, key: string): Promise<StoredObject> {
        return this.store.getObject(bucket, key);
    }

    /** @throws AwsError NoSuchBucket */
    async deleteObject(bucket: string, key: string): Promise<void> {
        this.store.deleteObject(bucket, key);
    }

    /** At most 1,000 objects; `next` is the `startAfter` to go on with. */
    async listObjects(bucket: string, options?: ListOptions): Promise<Listing> {
        return this.store.listObjects(bucket, options);
    }

    /**
     * Sets something about a bucket.
     * @param document for `policy` JSON text or an object; else XML, or an object whose members are its elements
     * @throws AwsError NoSuchBucket, MalformedPolicy
     */
    async putBucketConfiguration(bucket: string, setting: BucketSetting, document: unknown): Promise<void> {
        this.checkBucket(bucket);
        this.settings.put(bucket, setting, document);
    }

    /** @throws AwsError NoSuchBucket, or that it is not set */
    async getBucketConfiguration(bucket: string, setting: BucketSetting): Promise<string> {
        this.checkBucket(bucket);
        return this.settings.get(bucket, setting);
    }

    async deleteBucketConfiguration(bucket: string, setting: BucketSetting): Promise<void> {
        this.checkBucket(bucket);
        this.settings.delete(bucket, setting);
    }

    resourcePolicy(resource: string): PolicyDocument | undefined {
        const [bucket = ""] = resource.slice(bucketArn("").length).split("/");
        return this.settings.policy(bucket);
    }

    authorizations(request: ServiceRequest): AuthorizationWithKeys[] {
        return authorizationsOf(this.parse(request), request, this.store);
    }

    async handle(request: ServiceRequest): Promise<ServiceResponse> {
        const parsed = this.parse(request);
        const { bucket, key, operation, query } = parsed;
        checkExpectedOwner(request.headers);
        if (bucket !== "" && operation !== "CreateBucket") {
            this.checkBucket(bucket);
        }
        switch (operation) {
            case "ListObjects":
                return xml(listObjectsXml(this.store, bucket, query));
            case "DeleteObjects":
                return this.deleteObjects(bucket, request);
            case "GetBucketLocation":
                return xml(locationXml(this.options.region));
            case "GetBucketVersioning":
                // Of a bucket for which it was never set.
                return xml(document("VersioningConfiguration", ""));
            case "GetObjectTagging":
                this.store.getObject(bucket, key);
                return xml(document("Tagging", "<TagSet></TagSet>"));
            case "GetBucketConfiguration":
            case "PutBucketConfiguration":
            case "DeleteBucketConfiguration":
                return this.configure(parsed, request);
            case "CreateBucket":
                checkLocation(request.body, this.options.region);
                return this.fauxqs.handle(request, parsed.url);
            case "DeleteBucket":
                await this.deleteBucket(bucket);
                return { status: 204, headers: {}, body: "" };
            case "CopyObject":
                return this.copyObject(parsed, request);
            case "UploadPartCopy":
                return xml(copyPart(this.store, parsed, request));
            case "CompleteMultipartUpload":
                return xml(completeUpload(this.store, parsed, request));
            default:
                return this.handleObject(parsed, request);
        }
    }

    /** Lets go of all objects and listeners, and of fauxqs if it was needed. */
    async close(): Promise<void> {
        this.listeners.clear();
        this.store.clear();
        this.settings.clear();
        await this.fauxqs.close();
    }

    private parse(request: ServiceRequest): S3Request {
        let parsed = this.parsed.get(request);
        if (!parsed) {
            parsed = parseS3Request(request);
            this.parsed.set(request, parsed);
        }
        return parsed;
    }

    private checkBucket(bucket: string): void {
        if (!this.store.hasBucket(bucket)) {
            throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
        }
    }

    private async handleObject(parsed: S3Request, request: ServiceRequest): Promise<ServiceResponse> {
        const { bucket, key, operation, url, query } = parsed;
        const uploadId = query.get("uploadId");
        if (uploadId !== null) {
            this.store.checkUpload(uploadId, bucket, key);
        }
        if (!UPLOADS.has(operation)) {
            const response = await this.fauxqs.handle(request, url);
            const isRead = operation === "GetObject" || operation === "HeadObject";
            return isRead && response.status < 300 ? this.withKeptHeaders(response, bucket, key, request) : response;
        }
        checkUploadHeaders(request.headers);
        const { headers, body } = request;
        const checksums = checkChecksums(headers, body);
        const type = headers["content-type"] ?? "application/octet-stream";
        const packedType = withSystemHeaders(type, { ...keptHeaders(headers), ...checksums });
        if (operation === "CreateMultipartUpload") {
            const packed = { ...headers, "content-type": packedType };
            return this.fauxqs.handle({ method: request.method, headers: packed, body }, url);
        }
        // Not fauxqs's, which takes 11 MiB at most.
        const etag =
            operation === "UploadPart"
                ? this.store.uploadPart(uploadId ?? "", partNumberOf(query), ownBuffer(body))
                : this.store.putObject(bucket, key, ownBuffer(body), packedType, metadataOf(headers)).etag;
        return { status: 200, headers: { etag, ...checksums }, body: "" };
    }

    private copyObject({ bucket, key }: S3Request, { headers }: ServiceRequest): ServiceResponse {
        checkUploadHeaders(headers);
        const copy = this.store.copyObject(objectToCopy(this.store, headers), bucket, key);
        return xml(copyXml("CopyObjectResult", copy));
    }

    /** Adds what was kept with an object; its checksums only where they are asked for and are about what is sent. */
    private withKeptHeaders(
        response: ServiceResponse,
        bucket: string,
        key: string,
        request: ServiceRequest,
    ): ServiceResponse {
        const { systemHeaders } = this.store.getObject(bucket, key);
        const withChecksums = request.headers["x-amz-checksum-mode"] === "ENABLED" && response.status === 200;
        const kept = Object.entries(systemHeaders).filter(([name]) => withChecksums || !name.startsWith(CHECKSUM));
        return { ...response, headers: { ...response.headers, "accept-ranges": "bytes", ...Object.fromEntries(kept) } };
    }

    private deleteObjects(bucket: string, { headers, body }: ServiceRequest): ServiceResponse {
        checkChecksums(headers, body);
        const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/.test(body.toString("utf8"));
        return xml(deleteObjectsXml(this.store, bucket, keysOfDeletion(body), isQuiet));
    }

    private async configure(
        { bucket, query, operation }: S3Request,
        request: ServiceRequest,
    ): Promise<ServiceResponse> {
        const [setting, more] = settingsIn(query);
        if (setting === undefined || more !== undefined) {
            throw new AwsError("InvalidArgument", "Conflicting query string parameters");
        }
        switch (operation) {
            case "GetBucketConfiguration": {
                const headers = setting === "policy" ? { "content-type": "application/json" } : XML;
                return { status: 200, headers, body: this.settings.get(bucket, setting) };
            }
            case "PutBucketConfiguration":
                checkChecksums(request.headers, request.body);
                await this.putBucketConfiguration(bucket, setting, request.body.toString("utf8"));
                return { status: setting === "policy" ? 204 : 200, headers: {}, body: "" };
            default:
                this.settings.delete(bucket, setting);
                return { status: 204, headers: {}, body: "" };
        }
    }
}

/** @param body a document of S3 */
function xml(body: string): ServiceResponse {
    return { status: 200, headers: XML, body };
}

/** There is one region; a bucket cannot be made in another. */
function checkLocation(body: Buffer, region: string): void {
    const location = /<LocationConstraint>\s*([^<\s]*)\s*<\/LocationConstraint>/.exec(body.toString("utf8"))?.[1];
    if (location !== undefined && location !== "" && location !== region) {
        const message =
            `The ${location} location constraint is incompatible for the region specific endpoint ` +
            "this request was sent to.";
        throw new AwsError("IllegalLocationConstraintException", message);
    }
}

/** A body that came in one piece with other data would keep all of that in memory. */
function ownBuffer(body: Buffer): Buffer {
    return body.length === body.buffer.byteLength ? body : Buffer.from(body);
}
