import { PARTITION } from "../../account";
import { resourceType } from "../resource-type";

export const bucket = resourceType({
    read: (inputs, names) => ({
        // Bucket names have no capital letters (naming rules of S3).
        name: inputs.optionalString("bucket") ?? names.automatic().toLowerCase(),
        ...inputs.withoutEffect("tags", "forceDestroy"),
    }),
    async create({ name }, { s3, region }) {
        await s3.createBucket(name);
        const domain = `${name}.s3.amazonaws.com`;
        const arn = `arn:${PARTITION}:s3:::${name}`;
        return { id: name, outputs: { bucket: name, arn, region, bucketDomainName: domain } };
    },
});

/** Remembered by the bucket, where clients can read it; nothing in the embedded cloud is public without it either. */
export const bucketPublicAccessBlock = resourceType({
    read: (inputs) => ({
        bucket: inputs.string("bucket"),
        // What is not given is off, as in PutPublicAccessBlock.
        block: {
            BlockPublicAcls: inputs.optionalBoolean("blockPublicAcls") ?? false,
            IgnorePublicAcls: inputs.optionalBoolean("ignorePublicAcls") ?? false,
            BlockPublicPolicy: inputs.optionalBoolean("blockPublicPolicy") ?? false,
            RestrictPublicBuckets: inputs.optionalBoolean("restrictPublicBuckets") ?? false,
        },
    }),
    async create({ bucket: name, block }, { s3 }) {
        await s3.putBucketConfiguration(name, "publicAccessBlock", block);
        return { id: name, outputs: {} };
    },
});
