import type { S3 } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { allow, rejection } from "../front-door/cloud";
import { Bucket, BUCKET_ARN, useS3 } from "./fixture";

describe("permissions of S3", () => {
    const test = useS3();

    const denied: [action: string, resource: string | undefined, call: (s3: S3) => Promise<unknown>][] = [
        ["s3:PutObject", `${BUCKET_ARN}/k`, (s3) => s3.putObject({ Bucket, Key: "k", Body: "x" })],
        ["s3:GetObject", `${BUCKET_ARN}/a b/ü`, (s3) => s3.getObject({ Bucket, Key: "a b/ü" })],
        ["s3:DeleteObject", `${BUCKET_ARN}/k`, (s3) => s3.deleteObject({ Bucket, Key: "k" })],
        [
            "s3:DeleteObject",
            `${BUCKET_ARN}/other/k`,
            (s3) => s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "mine/k" }, { Key: "other/k" }] } }),
        ],
        ["s3:ListBucket", BUCKET_ARN, (s3) => s3.listObjectsV2({ Bucket, Prefix: "other/" })],
        ["s3:ListAllMyBuckets", undefined, (s3) => s3.listBuckets({})],
        ["s3:CreateBucket", "arn:aws:s3:::another", (s3) => s3.createBucket({ Bucket: "another" })],
        ["s3:DeleteBucket", BUCKET_ARN, (s3) => s3.deleteBucket({ Bucket })],
        ["s3:PutBucketPolicy", BUCKET_ARN, (s3) => s3.putBucketPolicy({ Bucket, Policy: "{}" })],
        ["s3:GetLifecycleConfiguration", BUCKET_ARN, (s3) => s3.getBucketLifecycleConfiguration({ Bucket })],
        [
            "s3:GetObject",
            "arn:aws:s3:::secrets/key",
            (s3) => s3.copyObject({ Bucket, Key: "mine/k", CopySource: "secrets/key" }),
        ],
        [
            "s3:GetObject",
            "arn:aws:s3:::secrets/key",
            (s3) =>
                s3.uploadPartCopy({
                    Bucket,
                    Key: "mine/k",
                    UploadId: "u",
                    PartNumber: 1,
                    CopySource: "secrets/key",
                }),
        ],
        // Whether there is such an object is for those who may list to know.
        ["s3:ListBucket", BUCKET_ARN, (s3) => s3.getObject({ Bucket, Key: "mine/none" })],
        ["s3:ListBucket", BUCKET_ARN, (s3) => s3.getObjectTagging({ Bucket, Key: "mine/none" })],
        [
            "s3:ListBucket",
            BUCKET_ARN,
            (s3) => s3.copyObject({ Bucket, Key: "mine/k", CopySource: `${Bucket}/mine/none` }),
        ],
        ["s3:GetBucketVersioning", BUCKET_ARN, (s3) => s3.getBucketVersioning({ Bucket })],
    ];

    for (const [action, resource, call] of denied) {
        it(`asks for ${action} on ${resource ?? "no resource"}`, async () => {
            const user = test.cloud.clientOf("u", {
                Version: "2012-10-17",
                Statement: [
                    { Effect: "Allow", Action: "s3:*", Resource: `${BUCKET_ARN}/mine/*` },
                    {
                        Effect: "Allow",
                        Action: "s3:ListBucket",
                        Resource: BUCKET_ARN,
                        Condition: { StringLike: { "s3:prefix": "mine/*" } },
                    },
                ],
            });
            const error = await rejection(call(test.client(user)));
            expect(error.name).to.equal("AccessDenied");
            expect(error.$metadata).to.include({ httpStatusCode: 403 });
            expect(error.message).to.equal(
                `User: arn:aws:iam::000000000000:user/u is not authorized to perform: ${action}` +
                    `${resource === undefined ? "" : ` on resource: "${resource}"`} because no identity-based policy allows the ${action} action`,
            );
        });
    }

    it("answer a HEAD without a sentence, and tell who may list that there is no such object", async () => {
        const call = { Bucket, Key: "none" };
        const reader = allow("s3:GetObject", `${BUCKET_ARN}/*`);
        const error = await rejection(test.client(test.cloud.clientOf("reader", reader)).headObject(call));
        expect(error.$metadata).to.include({ httpStatusCode: 403 });
        const lister = allow(["s3:GetObject", "s3:ListBucket"], [BUCKET_ARN, `${BUCKET_ARN}/*`]);
        const told = test.client(test.cloud.clientOf("lister", lister));
        expect((await rejection(told.headObject(call))).name).to.equal("NotFound");
        expect((await rejection(told.getObject(call))).name).to.equal("NoSuchKey");
    });

    it("do not hide that there is no such bucket", async () => {
        const user = test.client(test.cloud.clientOf("u", allow("s3:GetObject", "*")));
        expect((await rejection(user.getObject({ Bucket: "none", Key: "k" }))).name).to.equal("NoSuchBucket");
    });

    it("let list what a condition on the prefix allows", async () => {
        const condition = { Condition: { StringLike: { "s3:prefix": "mine/*" } } };
        const user = test.client(test.cloud.clientOf("u", allow("s3:ListBucket", BUCKET_ARN, condition)));
        expect((await user.listObjectsV2({ Bucket, Prefix: "mine/2026" })).KeyCount).to.equal(0);
    });
});
