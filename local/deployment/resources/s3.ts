import { PARTITION } from "../../account";
import type { Inputs } from "../inputs";
import { resourceType } from "../resource-type";

/** More than that is a mistake; S3 itself takes any number of days. */
const DAYS_MAX = 2_147_483_647;
const RULES_MAX = 1_000;

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

/**
 * Evaluated for every request to the bucket. The endpoint is HTTP on the loopback interface, which stands for AWS's HTTPS: a
 * condition on `aws:SecureTransport` finds it true (local/iam/context.ts).
 */
export const bucketPolicy = resourceType({
    read: (inputs) => ({ bucket: inputs.string("bucket"), policy: inputs.json("policy") }),
    async create({ bucket: name, policy }, { s3 }) {
        await s3.putBucketConfiguration(name, "policy", policy);
        return { id: name, outputs: {} };
    },
});

/** Remembered by the bucket, where clients can read it; objects are in memory only, and gone with the embedded cloud. */
export const bucketEncryption = resourceType({
    recordedOnly: true,
    read: (inputs) => ({
        bucket: inputs.string("bucket"),
        rules: inputs.objects("rules").map((rule) => {
            const byDefault = rule.object("applyServerSideEncryptionByDefault");
            return {
                // Keys are not modelled, so those of KMS are refused.
                ApplyServerSideEncryptionByDefault: { SSEAlgorithm: byDefault.oneOf("sseAlgorithm", "AES256") },
                BucketKeyEnabled: rule.optionalBoolean("bucketKeyEnabled"),
            };
        }),
    }),
    async create({ bucket: name, rules }, { s3 }) {
        if (rules.length !== 1) throw new Error(`expected "rules" to hold one rule, got ${rules.length}`);
        await s3.putBucketConfiguration(name, "encryption", { Rule: rules });
        return { id: name, outputs: {} };
    },
});

/** Remembered by the bucket, where clients can read it; nothing gets a day old in the embedded cloud. */
export const bucketLifecycle = resourceType({
    recordedOnly: true,
    read: (inputs) => ({ bucket: inputs.string("bucket"), rules: inputs.objects("rules").map(readLifecycleRule) }),
    async create({ bucket: name, rules }, { s3 }) {
        if (rules.length === 0 || rules.length > RULES_MAX) {
            throw new Error(`expected "rules" to hold 1 to ${RULES_MAX} rules, got ${rules.length}`);
        }
        if (new Set(rules.map(({ ID }) => ID)).size < rules.length) {
            throw new Error('expected each of "rules" to have another "id"');
        }
        await s3.putBucketConfiguration(name, "lifecycle", { Rule: rules });
        return { id: name, outputs: {} };
    },
});

function readLifecycleRule(rule: Inputs) {
    const days = rule.optionalObject("expiration")?.integer("days", 1, DAYS_MAX);
    const uploadDays = rule
        .optionalObject("abortIncompleteMultipartUpload")
        ?.integer("daysAfterInitiation", 1, DAYS_MAX);
    const id = rule.matching("id", /^.{1,255}$/, "1 to 255 characters");
    if (days === undefined && uploadDays === undefined) throw new Error(`the lifecycle rule "${id}" does nothing`);
    return {
        ID: id,
        Filter: { Prefix: rule.object("filter").string("prefix") },
        Status: rule.oneOf("status", "Enabled", "Disabled"),
        ...(days !== undefined && { Expiration: { Days: days } }),
        ...(uploadDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: uploadDays } }),
    };
}
