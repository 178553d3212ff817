import { AwsError } from "../aws-error";
import { parsePolicy } from "../iam/policy-document";
import type { PolicyDocument } from "../iam/principal";
import { document, toXml } from "./listing";
import { BUCKET_SETTINGS, type BucketSetting } from "./s3-request";

/**
 * What has been set about the buckets: remembered and given back as it was set. Policies are evaluated, too; nothing is
 * public, whatever the public access block says; lifecycle rules find nothing that is old enough.
 */
export class BucketSettings {
    private readonly documents = new Map<string, Map<BucketSetting, string>>();
    private readonly policies = new Map<string, PolicyDocument>();

    /**
     * @param value for `policy` JSON, for all else XML; or a plain value whose members are XML's elements
     * @throws AwsError MalformedPolicy
     */
    put(bucket: string, setting: BucketSetting, value: unknown): void {
        if (setting === "policy") {
            this.policies.set(bucket, parseBucketPolicy(value));
        }
        const all = this.documents.get(bucket) ?? new Map<BucketSetting, string>();
        this.documents.set(bucket, all.set(setting, textOf(setting, value)));
    }

    /** @throws AwsError with the name that says which setting is missing */
    get(bucket: string, setting: BucketSetting): string {
        const text = this.documents.get(bucket)?.get(setting);
        if (text === undefined) {
            throw new AwsError(BUCKET_SETTINGS[setting].missing, `The ${setting} of the bucket does not exist`, 404);
        }
        return text;
    }

    delete(bucket: string, setting: BucketSetting): void {
        this.documents.get(bucket)?.delete(setting);
        if (setting === "policy") {
            this.policies.delete(bucket);
        }
    }

    policy(bucket: string): PolicyDocument | undefined {
        return this.policies.get(bucket);
    }

    forget(bucket: string): void {
        this.documents.delete(bucket);
        this.policies.delete(bucket);
    }

    clear(): void {
        this.documents.clear();
        this.policies.clear();
    }
}

/** S3 has a name of its own for a malformed policy. */
function parseBucketPolicy(value: unknown): PolicyDocument {
    try {
        return parsePolicy(value, "resource");
    } catch (error) {
        const isMalformed = error instanceof AwsError && error.code === "MalformedPolicyDocument";
        throw isMalformed ? new AwsError("MalformedPolicy", error.message) : error;
    }
}

function textOf(setting: BucketSetting, value: unknown): string {
    if (typeof value === "string") {
        return value;
    }
    const { element } = BUCKET_SETTINGS[setting];
    if (element === undefined) {
        return JSON.stringify(value);
    }
    const content = Object.entries(value as object).map(([name, one]) => toXml(name, one));
    return document(element, content.join(""));
}
