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

/** Nothing but the account's own keys can reach the embedded cloud, so there is no public access to block. */
export const bucketPublicAccessBlock = resourceType({
    recordedOnly: true,
    read: (inputs) => ({
        bucket: inputs.string("bucket"),
        blocks: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].map((name) =>
            inputs.optionalBoolean(name),
        ),
    }),
    async create({ bucket: name }) {
        return { id: name, outputs: {} };
    },
});
