import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { NoSuchKey, S3, type S3ClientConfig } from "@aws-sdk/client-s3";
import { expect } from "chai";
import fc from "fast-check";
import { OBJECT_BYTES_MAX } from "../../../local/s3/object-store";
import { type ObjectChange, S3Service } from "../../../local/s3/service";
import { allow, rejection, startTestCloud, type TestCloud } from "../front-door/cloud";
import { sign } from "../front-door/signing";

const Bucket = "dev-failed-events";
const BUCKET_ARN = `arn:aws:s3:::${Bucket}`;

describe("S3 over the front door", () => {
    let service: S3Service;
    let cloud: TestCloud;
    let clients: S3[];

    beforeEach(async () => {
        service = new S3Service({ region: "us-east-1" });
        cloud = await startTestCloud({ services: [service] });
        clients = [];
        await service.createBucket(Bucket);
    });
    afterEach(async () => {
        clients.forEach((client) => client.destroy());
        await cloud.frontDoor.close();
        await service.close();
    });
    const client = (settings = cloud.administrator, more: S3ClientConfig = {}): S3 => {
        const made = new S3({ ...settings, forcePathStyle: true, ...more });
        clients.push(made);
        return made;
    };
    const textOf = async (s3: S3, Key: string): Promise<string | undefined> =>
        (await s3.getObject({ Bucket, Key })).Body?.transformToString();

    it("gives back what was put: content, type, metadata and headers", async () => {
        const s3 = client();
        const Key = "quarantine/posts/shardId-0/2026-06-01/1.ndjson";
        const Metadata = { reason: "malformed" };
        const { ETag } = await s3.putObject({
            Bucket,
            Key,
            Body: "content",
            ContentType: "application/x-ndjson",
            ContentEncoding: "identity",
            CacheControl: "no-cache",
            Metadata,
        });
        const got = await s3.getObject({ Bucket, Key });
        expect(await got.Body?.transformToString()).to.equal("content");
        expect(got).to.deep.include({
            ETag,
            Metadata,
            ContentType: "application/x-ndjson",
            ContentEncoding: "identity",
            CacheControl: "no-cache",
            ContentLength: 7,
        });
        const head = await s3.headObject({ Bucket, Key });
        expect(head).to.deep.include({ ETag, Metadata, ContentLength: 7, ContentType: "application/x-ndjson" });
        const range = await s3.getObject({ Bucket, Key, Range: "bytes=1-3" });
        expect(await range.Body?.transformToString()).to.equal("ont");
        const unchanged = await rejection(s3.getObject({ Bucket, Key, IfNoneMatch: ETag }));
        expect(unchanged.$metadata).to.include({ httpStatusCode: 304 });
        expect(ETag).to.equal('"9a0364b9e99bb480dd25e1f0284c8555"');
    });

    for (const [name, config] of [
        ["with checksums", {}],
        ["without checksums", { requestChecksumCalculation: "WHEN_REQUIRED" }],
    ] as const) {
        it(`takes a stream ${name}`, async () => {
            const s3 = client(undefined, config);
            const Body = Readable.from([Buffer.from("first "), Buffer.from("second")]);
            await s3.putObject({ Bucket, Key: "stream", Body, ContentLength: 12 });
            expect(await textOf(s3, "stream")).to.equal("first second");
        });
    }

    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
        it(`checks the checksum ${ChecksumAlgorithm} and gives it back`, async () => {
            const s3 = client();
            const put = await s3.putObject({ Bucket, Key: "k", Body: "content", ChecksumAlgorithm });
            const got = await s3.getObject({ Bucket, Key: "k", ChecksumMode: "ENABLED" });
            expect(put[`Checksum${ChecksumAlgorithm}`]).to.be.a("string");
            expect(got[`Checksum${ChecksumAlgorithm}`]).to.equal(put[`Checksum${ChecksumAlgorithm}`]);
        });
    }

    it("lists, page by page and by folders", async () => {
        const s3 = client();
        for (const Key of ["a/1", "a/2", "B/1", "b", "ä+ &<>\"'"]) {
            await s3.putObject({ Bucket, Key, Body: "x" });
        }
        const keys: (string | undefined)[] = [];
        let ContinuationToken: string | undefined;
        do {
            const page = await s3.listObjectsV2({ Bucket, MaxKeys: 2, ContinuationToken });
            keys.push(...(page.Contents ?? []).map((object) => object.Key));
            ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken !== undefined);
        expect(keys).to.deep.equal(["B/1", "a/1", "a/2", "b", "ä+ &<>\"'"]);
        const folders = await s3.listObjectsV2({ Bucket, Delimiter: "/", Prefix: "a/" });
        expect(folders).to.include({ KeyCount: 2, IsTruncated: false });
        const first = await s3.listObjects({ Bucket, Delimiter: "/", MaxKeys: 1 });
        expect(first).to.deep.include({ CommonPrefixes: [{ Prefix: "B/" }], NextMarker: "B/" });
        const rest = await s3.listObjects({ Bucket, Delimiter: "/", Marker: "B/" });
        expect(rest.CommonPrefixes).to.deep.equal([{ Prefix: "a/" }]);
        expect(rest.Contents?.map((object) => object.Key)).to.deep.equal(["b", "ä+ &<>\"'"]);
        expect((await s3.listBuckets({})).Buckets?.map((bucket) => bucket.Name)).to.deep.equal([Bucket]);
    });

    it("deletes one and several, and does not mind what is not there", async () => {
        const s3 = client();
        for (const Key of ["a", "&lt;", "c"]) {
            await s3.putObject({ Bucket, Key, Body: "x" });
        }
        await s3.deleteObject({ Bucket, Key: "a" });
        await s3.deleteObject({ Bucket, Key: "a" });
        const { Deleted } = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "&lt;" }, { Key: "none" }] } });
        expect(Deleted).to.deep.equal([{ Key: "&lt;" }, { Key: "none" }]);
        const quiet = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "c" }], Quiet: true } });
        expect(quiet.Deleted).to.equal(undefined);
        expect((await s3.listObjectsV2({ Bucket })).KeyCount).to.equal(0);
    });

    it("copies, and puts large objects together from parts", async () => {
        const s3 = client();
        await s3.putObject({ Bucket, Key: "from ü", Body: "x", ContentType: "text/plain", CacheControl: "no-store" });
        await s3.copyObject({ Bucket, Key: "to", CopySource: encodeURIComponent(`${Bucket}/from ü`) });
        const copied = await s3.getObject({ Bucket, Key: "to" });
        expect(copied).to.include({ ContentType: "text/plain", CacheControl: "no-store" });
        expect(await copied.Body?.transformToString()).to.equal("x");

        const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "large", ContentType: "text/csv" });
        const bodies = [Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.from("b")];
        const Parts = await Promise.all(
            bodies.map(async (Body, index) => {
                const PartNumber = index + 1;
                const { ETag, ChecksumCRC32 } = await s3.uploadPart({
                    Bucket,
                    Key: "large",
                    UploadId,
                    PartNumber,
                    Body,
                });
                return { ETag, ChecksumCRC32, PartNumber };
            }),
        );
        const other = { Bucket, Key: "other", UploadId, PartNumber: 1, Body: "x" };
        expect((await rejection(s3.uploadPart(other))).name).to.equal("NoSuchUpload");
        expect((await rejection(s3.completeMultipartUpload({ ...other, MultipartUpload: { Parts } }))).name).to.equal(
            "NoSuchUpload",
        );
        const zeroth = { ...other, Key: "large", PartNumber: 0 };
        expect((await rejection(s3.uploadPart(zeroth))).name).to.equal("InvalidArgument");
        const reversed = { Parts: Parts.toReversed() };
        expect(
            (await rejection(s3.completeMultipartUpload({ ...other, Key: "large", MultipartUpload: reversed }))).name,
        ).to.equal("InvalidPartOrder");
        expect(
            (await rejection(s3.completeMultipartUpload({ ...other, Key: "large", MultipartUpload: { Parts: [] } })))
                .name,
        ).to.equal("MalformedXML");
        await s3.completeMultipartUpload({ Bucket, Key: "large", UploadId, MultipartUpload: { Parts } });
        const { body, contentType } = await service.getObject(Bucket, "large");
        expect(contentType).to.equal("text/csv");
        expect(body.equals(Buffer.concat(bodies))).to.equal(true);
        const gone = await rejection(s3.abortMultipartUpload({ Bucket, Key: "large", UploadId }));
        expect(gone.name).to.equal("NoSuchUpload");
    });

    it("takes an object that is larger than requests of other services may be", async () => {
        const s3 = client();
        const body = Buffer.alloc(20 * 1024 * 1024, "0123456789abcdef!");
        await s3.putObject({ Bucket, Key: "large", Body: body, Metadata: { a: "b" } });
        const got = await s3.getObject({ Bucket, Key: "large" });
        expect(body.equals(await got.Body!.transformToByteArray())).to.equal(true);
        expect(got.Metadata).to.deep.equal({ a: "b" });
    });

    it("refuses an object that is larger than the memory may take, in one piece and in parts", async () => {
        const whole = await rejection(service.putObject(Bucket, "large", Buffer.alloc(OBJECT_BYTES_MAX + 1)));
        expect(whole.name).to.equal("EntityTooLarge");
        const overHttp = await rejection(
            client().putObject({ Bucket, Key: "large", Body: Buffer.alloc(service.requestBytesMax + 1) }),
        );
        expect(overHttp).to.include({ name: "EntityTooLarge" });
        expect(overHttp.$metadata).to.include({ httpStatusCode: 400 });
        expect((await service.listObjects(Bucket)).objects).to.deep.equal([]);
    });

    it("answers what is not there as AWS does", async () => {
        const s3 = client();
        const missing = await rejection(s3.getObject({ Bucket, Key: "none" }));
        expect(missing).to.be.instanceOf(NoSuchKey);
        expect(missing.message).to.equal("The specified key does not exist.");
        expect((await rejection(s3.headObject({ Bucket, Key: "none" }))).name).to.equal("NotFound");
        for (const call of [
            () => s3.getObject({ Bucket: "none", Key: "k" }),
            () => s3.putObject({ Bucket: "none", Key: "k", Body: "x" }),
            () => s3.listObjectsV2({ Bucket: "none" }),
            () => s3.deleteBucket({ Bucket: "none" }),
        ]) {
            expect((await rejection(call())).name).to.equal("NoSuchBucket");
        }
    });

    it("creates and deletes buckets", async () => {
        const s3 = client();
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
        const s3 = client();
        expect((await rejection(s3.getPublicAccessBlock({ Bucket }))).name).to.equal(
            "NoSuchPublicAccessBlockConfiguration",
        );
        const block = {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
        };
        await service.putBucketConfiguration(Bucket, "publicAccessBlock", block);
        expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).to.deep.equal(block);
        const Rules = [{ ID: "old", Status: "Enabled" as const, Filter: { Prefix: "" }, Expiration: { Days: 30 } }];
        await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
        expect((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules).to.deep.equal(Rules);
        await s3.deleteBucketLifecycle({ Bucket });
        expect((await rejection(s3.getBucketLifecycleConfiguration({ Bucket }))).name).to.equal(
            "NoSuchLifecycleConfiguration",
        );
        expect((await s3.getBucketLocation({ Bucket })).LocationConstraint).to.equal(undefined);
    });

    it("evaluates bucket policies", async () => {
        const statement = { Action: "s3:*", Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`], Principal: "*" };
        const overTls = { ...statement, Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } };
        const s3 = client();
        const set = (...statements: object[]): Promise<unknown> =>
            s3.putBucketPolicy({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) });
        await set(overTls);
        await s3.putObject({ Bucket, Key: "k", Body: "x" });
        expect(JSON.parse((await s3.getBucketPolicy({ Bucket })).Policy ?? "")).to.have.property("Statement");
        await set({ ...statement, Effect: "Deny", Action: "s3:GetObject" });
        const denied = await rejection(s3.getObject({ Bucket, Key: "k" }));
        expect(denied.message).to.contain("with an explicit deny in a resource-based policy");
        await set({ ...statement, Effect: "Allow" });
        const nobody = client(cloud.clientOf("nobody", allow("kinesis:*", "*")));
        expect(await textOf(nobody, "k")).to.equal("x");
        expect((await rejection(set({ ...statement, Effect: "Maybe" }))).name).to.equal("MalformedPolicy");
        await s3.deleteBucketPolicy({ Bucket });
        expect((await rejection(nobody.getObject({ Bucket, Key: "k" }))).name).to.equal("AccessDenied");
    });

    const denied: [action: string, resource: string, call: (s3: S3) => Promise<unknown>][] = [
        ["s3:PutObject", `${BUCKET_ARN}/k`, (s3) => s3.putObject({ Bucket, Key: "k", Body: "x" })],
        ["s3:GetObject", `${BUCKET_ARN}/a b/ü`, (s3) => s3.getObject({ Bucket, Key: "a b/ü" })],
        ["s3:DeleteObject", `${BUCKET_ARN}/k`, (s3) => s3.deleteObject({ Bucket, Key: "k" })],
        [
            "s3:DeleteObject",
            `${BUCKET_ARN}/other/k`,
            (s3) => s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "mine/k" }, { Key: "other/k" }] } }),
        ],
        ["s3:ListBucket", BUCKET_ARN, (s3) => s3.listObjectsV2({ Bucket, Prefix: "other/" })],
        ["s3:ListAllMyBuckets", "*", (s3) => s3.listBuckets({})],
        ["s3:CreateBucket", "arn:aws:s3:::another", (s3) => s3.createBucket({ Bucket: "another" })],
        ["s3:DeleteBucket", BUCKET_ARN, (s3) => s3.deleteBucket({ Bucket })],
        ["s3:PutBucketPolicy", BUCKET_ARN, (s3) => s3.putBucketPolicy({ Bucket, Policy: "{}" })],
        ["s3:GetLifecycleConfiguration", BUCKET_ARN, (s3) => s3.getBucketLifecycleConfiguration({ Bucket })],
        [
            "s3:GetObject",
            "arn:aws:s3:::secrets/key",
            (s3) => s3.copyObject({ Bucket, Key: "mine/k", CopySource: "secrets/key" }),
        ],
    ];
    for (const [action, resource, call] of denied) {
        it(`asks for ${action} on ${resource}`, async () => {
            const user = cloud.clientOf("u", {
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
            const error = await rejection(call(client(user)));
            expect(error.name).to.equal("AccessDenied");
            expect(error.$metadata).to.include({ httpStatusCode: 403 });
            expect(error.message).to.equal(
                `User: arn:aws:iam::000000000000:user/u is not authorized to perform: ${action} on resource: ${resource} ` +
                    `because no identity-based policy allows the ${action} action`,
            );
        });
    }

    it("lets list what a condition on the prefix allows", async () => {
        const condition = { Condition: { StringLike: { "s3:prefix": "mine/*" } } };
        const user = client(cloud.clientOf("u", allow("s3:ListBucket", BUCKET_ARN, condition)));
        expect((await user.listObjectsV2({ Bucket, Prefix: "mine/2026" })).KeyCount).to.equal(0);
    });

    const refused: [what: string, call: (s3: S3) => Promise<unknown>][] = [
        ["acl", (s3) => s3.getBucketAcl({ Bucket })],
        ["versioning", (s3) => s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } })],
        ["sub-resource of an object", (s3) => s3.getObjectTagging({ Bucket, Key: "k" })],
        ["x-amz-acl", (s3) => s3.putObject({ Bucket, Key: "k", Body: "x", ACL: "public-read" })],
        ["if-none-match", (s3) => s3.putObject({ Bucket, Key: "k", Body: "x", IfNoneMatch: "*" })],
        ["x-amz-storage-class", (s3) => s3.putObject({ Bucket, Key: "k", Body: "x", StorageClass: "GLACIER" })],
        [
            "x-amz-server-side-encryption",
            (s3) => s3.putObject({ Bucket, Key: "k", Body: "x", ServerSideEncryption: "aws:kms" }),
        ],
        [
            "x-amz-metadata-directive",
            (s3) => s3.copyObject({ Bucket, Key: "k", CopySource: `${Bucket}/l`, MetadataDirective: "REPLACE" }),
        ],
    ];
    for (const [what, call] of refused) {
        it(`refuses ${what} instead of ignoring it`, async () => {
            const error = await rejection(call(client()));
            expect(error.name).to.equal("NotImplemented");
            expect(error.message).to.contain(what);
        });
    }

    it("refuses keys that a URL would turn into others", async () => {
        const { credentials } = cloud.administrator;
        const request = await sign({
            ...credentials,
            service: "s3",
            method: "GET",
            path: `/${Bucket}/a/../b`,
            date: new Date(),
        });
        const { port } = cloud.frontDoor;
        const host = { ...request.headers, host: "127.0.0.1:4566" };
        const body = await new Promise<string>((resolve, reject) => {
            const sent = httpRequest({ port, host: "127.0.0.1", path: request.url, headers: host }, (response) => {
                response.setEncoding("utf8").once("data", resolve);
            });
            sent.once("error", reject).end();
        });
        expect(body).to.contain("<Code>InvalidURI</Code>");
    });

    it("takes the bucket from the host's name as well", async () => {
        await service.putObject(Bucket, "a b", "content");
        const { credentials } = cloud.administrator;
        const host = `${Bucket}.localhost:4566`;
        const request = await sign({
            ...credentials,
            service: "s3",
            method: "GET",
            path: "/a%20b",
            headers: { host },
            date: new Date(),
        });
        const { port } = cloud.frontDoor;
        const body = await new Promise<string>((resolve, reject) => {
            const sent = httpRequest(
                { port, host: "127.0.0.1", path: request.url, headers: request.headers },
                (response) => {
                    response.setEncoding("utf8").once("data", resolve);
                },
            );
            sent.once("error", reject).end();
        });
        expect(body).to.equal("content");
    });

    it("gives any object back by its key, whatever that is", async () => {
        const s3 = client();
        const part = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
        // S3's clients take a slash in front or twice in a row for what it is not.
        const key = part.filter((one) => !/^\/|\/\/|(^|\/)\.{1,2}(\/|$)|\p{Cc}/u.test(one));
        await fc.assert(
            fc.asyncProperty(key, async (Key) => {
                await s3.putObject({ Bucket, Key, Body: Key });
                expect((await service.getObject(Bucket, Key)).body.toString()).to.equal(Key);
                expect(await textOf(s3, Key)).to.equal(Key);
            }),
            { numRuns: 50 },
        );
    });
});

describe("S3 in the same process", () => {
    it("tells listeners what is written and deleted", async () => {
        const service = new S3Service({ region: "us-east-1", clock: () => 1_234 });
        const changes: ObjectChange[] = [];
        const stop = service.onWrite((change) => changes.push(change));
        await service.createBucket(Bucket);
        await service.putObject(Bucket, "k", "content", { contentType: "text/plain", metadata: { a: "b" } });
        expect(await service.getObject(Bucket, "k")).to.deep.include({
            contentType: "text/plain",
            metadata: { a: "b" },
            lastModified: new Date(1_234),
        });
        await service.deleteObject(Bucket, "k");
        await service.deleteObject(Bucket, "k");
        stop();
        await service.putObject(Bucket, "l", "content");
        expect(changes).to.deep.equal([
            { bucket: Bucket, key: "k", kind: "written", timeMs: 1_234 },
            { bucket: Bucket, key: "k", kind: "deleted", timeMs: 1_234 },
        ]);
        expect((await service.listObjects(Bucket)).objects.map(({ key }) => key)).to.deep.equal(["l"]);
        await service.close();
    });
});
