import type { UploadPartCopyCommandInput } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { OBJECT_BYTES_MAX } from "../../../local/s3/object-store";
import { rejection } from "../front-door/cloud";
import { Bucket, useS3 } from "./fixture";

describe("large objects of S3", () => {
    const test = useS3();

    it("copies, and puts large objects together from parts", async () => {
        const s3 = test.client();
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
        const { body, contentType } = await test.service.getObject(Bucket, "large");
        expect(contentType).to.equal("text/csv");
        expect(body.equals(Buffer.concat(bodies))).to.equal(true);
        const gone = await rejection(s3.abortMultipartUpload({ Bucket, Key: "large", UploadId }));
        expect(gone.name).to.equal("NoSuchUpload");
    });

    it("copies an object part by part, as clients do with one that is large to them", async () => {
        const s3 = test.client();
        const source = Buffer.concat([Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.alloc(1024, "b")]);
        const { ETag } = await s3.putObject({ Bucket, Key: "source", Body: source });
        const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "copy", ContentType: "text/csv" });
        const last = source.length - 1;
        const part = { Bucket, Key: "copy", UploadId, CopySource: `${Bucket}/source`, CopySourceIfMatch: ETag };
        const ranges = [`bytes=0-${last - 1024}`, `bytes=${last - 1023}-${last}`];
        const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
        for (const [index, CopySourceRange] of ranges.entries()) {
            const PartNumber = index + 1;
            const copied = await s3.uploadPartCopy({ ...part, PartNumber, CopySourceRange });
            expect(copied.CopyPartResult?.LastModified).to.be.instanceOf(Date);
            Parts.push({ PartNumber, ETag: copied.CopyPartResult?.ETag });
        }
        await s3.completeMultipartUpload({ Bucket, Key: "copy", UploadId, MultipartUpload: { Parts } });
        const copy = await test.service.getObject(Bucket, "copy");
        expect(copy.contentType).to.equal("text/csv");
        expect(copy.body.equals(source)).to.equal(true);
    });

    for (const [named, error, changes] of [
        ["a range that is none", "InvalidArgument", { CopySourceRange: "bytes=5" }],
        ["a range beyond the end", "InvalidArgument", { CopySourceRange: "bytes=0-5243000" }],
        ["a range the wrong way round", "InvalidArgument", { CopySourceRange: "bytes=2-1" }],
        ["a range of an object of 5 MB", "InvalidRequest", { CopySource: "small", CopySourceRange: "bytes=0-1" }],
        ["a source that is not there", "NoSuchKey", { CopySource: "none" }],
        ["a source that has changed", "PreconditionFailed", { CopySourceIfMatch: '"other"' }],
        ["an upload that is not there", "NoSuchUpload", { UploadId: "none" }],
        ["a part number that is none", "InvalidArgument", { PartNumber: 0 }],
    ] as const) {
        it(`does not copy a part from ${named}`, async () => {
            const s3 = test.client();
            await s3.putObject({ Bucket, Key: "source", Body: Buffer.alloc(5 * 1024 * 1024 + 1) });
            await s3.putObject({ Bucket, Key: "small", Body: Buffer.alloc(5 * 1024 * 1024) });
            const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "copy" });
            const { CopySource = "source", ...others }: Partial<UploadPartCopyCommandInput> = changes;
            const part = { Bucket, Key: "copy", UploadId, PartNumber: 1, ...others };
            const call = s3.uploadPartCopy({ ...part, CopySource: `${Bucket}/${CopySource}` });
            expect((await rejection(call)).name).to.equal(error);
        });
    }

    it("does not copy an object that has changed, and tells that it has no tags", async () => {
        const s3 = test.client();
        const { ETag } = await s3.putObject({ Bucket, Key: "source", Body: "x" });
        const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/source` };
        const changed = await rejection(s3.copyObject({ ...copy, CopySourceIfMatch: "other" }));
        expect(changed.name).to.equal("PreconditionFailed");
        expect(changed.$metadata).to.include({ httpStatusCode: 412 });
        await s3.copyObject({ ...copy, CopySourceIfMatch: ETag });
        expect((await s3.getObjectTagging({ Bucket, Key: "copy" })).TagSet).to.deep.equal([]);
        expect((await rejection(s3.getObjectTagging({ Bucket, Key: "none" }))).name).to.equal("NoSuchKey");
    });

    it("takes an object that is larger than requests of other services may be", async () => {
        const s3 = test.client();
        const body = Buffer.alloc(20 * 1024 * 1024, "0123456789abcdef!");
        await s3.putObject({ Bucket, Key: "large", Body: body, Metadata: { a: "b" } });
        const got = await s3.getObject({ Bucket, Key: "large" });
        expect(body.equals(await got.Body!.transformToByteArray())).to.equal(true);
        expect(got.Metadata).to.deep.equal({ a: "b" });
    });

    it("refuses an object that is larger than the memory may take, in one piece and in parts", async () => {
        const whole = await rejection(test.service.putObject(Bucket, "large", Buffer.alloc(OBJECT_BYTES_MAX + 1)));
        expect(whole.name).to.equal("EntityTooLarge");
        const overHttp = await rejection(
            test.client().putObject({ Bucket, Key: "large", Body: Buffer.alloc(test.service.requestBytesMax + 1) }),
        );
        expect(overHttp).to.include({ name: "EntityTooLarge" });
        expect(overHttp.$metadata).to.include({ httpStatusCode: 400 });
        expect((await test.service.listObjects(Bucket)).objects).to.deep.equal([]);
    });
});
