import { AwsError } from "../aws-error";
import type { ServiceRequest } from "../service";
import type { ObjectStore, StoredObject } from "./object-store";
import { copySource } from "./s3-request";

/** "You can copy a range only if the source object is greater than 5 MB": UploadPartCopy. */
const RANGE_SOURCE_BYTES_MIN = 5 * 1024 * 1024;

/**
 * The object that CopyObject and UploadPartCopy copy from.
 * @throws AwsError NoSuchBucket, NoSuchKey, PreconditionFailed
 */
export function objectToCopy(store: ObjectStore, headers: ServiceRequest["headers"]): StoredObject {
    const { bucket, key } = copySource(headers);
    const source = store.getObject(bucket, key);
    const expected = headers["x-amz-copy-source-if-match"];
    if (expected !== undefined && expected.replaceAll('"', "") !== source.etag.replaceAll('"', "")) {
        const message = "At least one of the pre-conditions you specified did not hold";
        throw new AwsError("PreconditionFailed", message, 412);
    }
    return source;
}

/**
 * What UploadPartCopy makes of an object: all of it, or the range that the request names.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 * @throws AwsError InvalidArgument, InvalidRequest
 */
export function partToCopy({ body }: StoredObject, headers: ServiceRequest["headers"]): Buffer {
    const range = headers["x-amz-copy-source-range"];
    if (range === undefined) {
        return body;
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    if (first === undefined || last === undefined) {
        const message = "The x-amz-copy-source-range value must be of the form bytes=first-last";
        throw new AwsError("InvalidArgument", message);
    }
    if (body.length <= RANGE_SOURCE_BYTES_MIN) {
        const message = "The specified copy source is not supported as a byte-range copy source";
        throw new AwsError("InvalidRequest", message);
    }
    if (Number(first) > Number(last) || Number(last) >= body.length) {
        const message = `Range specified is not valid for source object of size: ${body.length}`;
        throw new AwsError("InvalidArgument", message);
    }
    return body.subarray(Number(first), Number(last) + 1);
}
