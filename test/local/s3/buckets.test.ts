import { expect } from "chai";
import { allow, rejection } from "../front-door/cloud";
import { Bucket, BUCKET_ARN, textOf, useS3 } from "./fixture";

describe("buckets of S3", () => {
    const test = useS3();

    it("creates and deletes buckets", async () => {
        const s3 = test.client();
        await s3.createBucket({ Bucket: "second-bucket" });
        await s3.headBucket({ Bucket: "second-bucket" });
        expect((await rejection(s3.createBucket({ Bucket: "second-bucket" }))).name).to.equal(
            "BucketAlreadyOwnedByYou",
        );
        expect((await rejection(s3.createBucket({ Bucket: "Second_Bucket" }))).name).to.equal("InvalidBucketName");
        const elsewhere = { LocationConstraint: "eu-west-1" } as const;
        expect(
            (await rejection(s3.createBucket({ Bucket: "third-bucket", CreateBucketConfiguration: elsewhere }))).name,
        ).to.equal("IllegalLocationConstraintException");
        await s3.putObject({ Bucket: "second-bucket", Key: "k", Body: "x" });
        expect((await rejection(s3.deleteBucket({ Bucket: "second-bucket" }))).name).to.equal("BucketNotEmpty");
        await s3.deleteObject({ Bucket: "second-bucket", Key: "k" });
        await s3.deleteBucket({ Bucket: "second-bucket" });
        expect((await rejection(s3.headBucket({ Bucket: "second-bucket" }))).name).to.equal("NotFound");
    });

    it("remembers the settings of a bucket", async () => {
        const s3 = test.client();
        expect((await rejection(s3.getPublicAccessBlock({ Bucket }))).name).to.equal(
            "NoSuchPublicAccessBlockConfiguration",
        );
        const block = {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
        };
        await test.service.putBucketConfiguration(Bucket, "publicAccessBlock", block);
        expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).to.deep.equal(block);
        const Rules = [{ ID: "old", Status: "Enabled" as const, Filter: { Prefix: "" }, Expiration: { Days: 30 } }];
        await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
        expect((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules).to.deep.equal(Rules);
        await s3.deleteBucketLifecycle({ Bucket });
        expect((await rejection(s3.getBucketLifecycleConfiguration({ Bucket }))).name).to.equal(
            "NoSuchLifecycleConfiguration",
        );
        expect((await s3.getBucketLocation({ Bucket })).LocationConstraint).to.equal(undefined);
        expect(await s3.getBucketVersioning({ Bucket })).to.not.have.any.keys("Status", "MFADelete");
    });

    it("evaluates bucket policies", async () => {
        const statement = { Action: "s3:*", Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`], Principal: "*" };
        const overTls = { ...statement, Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } };
        const s3 = test.client();
        const set = (...statements: object[]): Promise<unknown> =>
            s3.putBucketPolicy({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) });
        await set(overTls);
        await s3.putObject({ Bucket, Key: "k", Body: "x" });
        expect(JSON.parse((await s3.getBucketPolicy({ Bucket })).Policy ?? "")).to.have.property("Statement");
        await set({ ...statement, Effect: "Deny", Action: "s3:GetObject" });
        const denied = await rejection(s3.getObject({ Bucket, Key: "k" }));
        expect(denied.message).to.contain("with an explicit deny in a resource-based policy");
        await set({ ...statement, Effect: "Allow" });
        const nobody = test.client(test.cloud.clientOf("nobody", allow("kinesis:*", "*")));
        expect(await textOf(nobody, "k")).to.equal("x");
        expect((await rejection(set({ ...statement, Effect: "Maybe" }))).name).to.equal("MalformedPolicy");
        await s3.deleteBucketPolicy({ Bucket });
        expect((await rejection(nobody.getObject({ Bucket, Key: "k" }))).name).to.equal("AccessDenied");
    });
});
