import { AwsError } from "../aws-error";
import type { ServiceRequest } from "../service";
import { objectToCopy, partToCopy } from "./copying";
import { completionXml, copyXml, partsOf } from "./listing";
import type { ObjectStore } from "./object-store";
import type { S3Request } from "./s3-request";
import { checkUploadHeaders } from "./upload-headers";

const PART_NUMBER_MAX = 10_000;

/** @throws AwsError InvalidArgument */
export function partNumberOf(query: URLSearchParams): number {
    const text = query.get("partNumber") ?? "";
    const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > PART_NUMBER_MAX) {
        const message = `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`;
        throw new AwsError("InvalidArgument", message);
    }
    return number;
}

/** UploadPartCopy: by what clients copy objects that they take for large, aws-cli those of 8 MB and more. */
export function copyPart(store: ObjectStore, request: S3Request, { headers }: ServiceRequest): string {
    checkUploadHeaders(headers, "x-amz-copy-source-range");
    const uploadId = uploadOf(store, request);
    const source = objectToCopy(store, headers);
    const etag = store.uploadPart(uploadId, partNumberOf(request.query), partToCopy(source, headers));
    return copyXml("CopyPartResult", { ...source, etag });
}

/** CompleteMultipartUpload. */
export function completeUpload(store: ObjectStore, request: S3Request, { headers, body }: ServiceRequest): string {
    checkUploadHeaders(headers);
    const uploadId = uploadOf(store, request);
    const object = store.completeMultipartUpload(uploadId, partsOf(body.toString("utf8")));
    return completionXml(request.bucket, object);
}

function uploadOf(store: ObjectStore, { bucket, key, query }: S3Request): string {
    const uploadId = query.get("uploadId") ?? "";
    store.checkUpload(uploadId, bucket, key);
    return uploadId;
}
