import { Readable } from "node:stream";
import { NoSuchKey } from "@aws-sdk/client-s3";
import { expect } from "chai";
import fc from "fast-check";
import { rejection } from "../front-door/cloud";
import { Bucket, textOf, useS3 } from "./fixture";

describe("objects of S3", () => {
    const test = useS3();

    it("gives back what was put: content, type, metadata and headers", async () => {
        const s3 = test.client();
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
            const s3 = test.client(undefined, config);
            const Body = Readable.from([Buffer.from("first "), Buffer.from("second")]);
            await s3.putObject({ Bucket, Key: "stream", Body, ContentLength: 12 });
            expect(await textOf(s3, "stream")).to.equal("first second");
        });
    }

    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
        it(`checks the checksum ${ChecksumAlgorithm} and gives it back`, async () => {
            const s3 = test.client();
            const put = await s3.putObject({ Bucket, Key: "k", Body: "content", ChecksumAlgorithm });
            const got = await s3.getObject({ Bucket, Key: "k", ChecksumMode: "ENABLED" });
            expect(put[`Checksum${ChecksumAlgorithm}`]).to.be.a("string");
            expect(got[`Checksum${ChecksumAlgorithm}`]).to.equal(put[`Checksum${ChecksumAlgorithm}`]);
        });
    }

    it("lists, page by page and by folders", async () => {
        const s3 = test.client();
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
        const s3 = test.client();
        for (const Key of ["a", "&lt;", "c"]) {
            await s3.putObject({ Bucket, Key, Body: "x" });
        }
        await s3.deleteObject({ Bucket, Key: "a" });
        await s3.deleteObject({ Bucket, Key: "a" });
        const { Deleted } = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "&lt;" }, { Key: "none" }] } });
        expect(Deleted).to.deep.equal([{ Key: "&lt;" }, { Key: "none" }]);
        // Written with a character reference, as it cannot be in XML otherwise.
        await s3.putObject({ Bucket, Key: "line\rbreak", Body: "x" });
        await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "line\rbreak" }] } });
        const quiet = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "c" }], Quiet: true } });
        expect(quiet.Deleted).to.equal(undefined);
        expect((await s3.listObjectsV2({ Bucket })).KeyCount).to.equal(0);
    });

    it("answers what is not there as AWS does", async () => {
        const s3 = test.client();
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

    it("gives any object back by its key, whatever that is", async () => {
        const s3 = test.client();
        const part = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
        // S3's clients take a slash in front or twice in a row for what it is not.
        const key = part.filter((one) => !/^\/|\/\/|(^|\/)\.{1,2}(\/|$)|\p{Cc}/u.test(one));
        await fc.assert(
            fc.asyncProperty(key, async (Key) => {
                await s3.putObject({ Bucket, Key, Body: Key });
                expect((await test.service.getObject(Bucket, Key)).body.toString()).to.equal(Key);
                expect(await textOf(s3, Key)).to.equal(Key);
            }),
            { numRuns: 50 },
        );
    });
});
