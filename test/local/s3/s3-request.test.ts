import { request as httpRequest } from "node:http";
import { CopyObjectCommand, type S3 } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { rejection } from "../front-door/cloud";
import { sign } from "../front-door/signing";
import { Bucket, useS3 } from "./fixture";

describe("requests to S3", () => {
    const test = useS3();

    const refused: [what: string, call: (s3: S3) => Promise<unknown>][] = [
        ["acl", (s3) => s3.getBucketAcl({ Bucket })],
        ["versioning", (s3) => s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } })],
        [
            "sub-resource of an object",
            (s3) => s3.putObjectTagging({ Bucket, Key: "k", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } }),
        ],
        [
            "x-amz-copy-source-range",
            (s3) =>
                s3.send(
                    withHeader(
                        new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/l` }),
                        "x-amz-copy-source-range",
                        "bytes=0-1",
                    ),
                ),
        ],
        [
            "x-amz-copy-source-if-none-match",
            (s3) => s3.copyObject({ Bucket, Key: "k", CopySource: `${Bucket}/l`, CopySourceIfNoneMatch: "x" }),
        ],
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
            const error = await rejection(call(test.client()));
            expect(error.name).to.equal("NotImplemented");
            expect(error.message).to.contain(what);
        });
    }

    it("refuses keys that a URL would turn into others", async () => {
        const { credentials } = test.cloud.administrator;
        const request = await sign({
            ...credentials,
            service: "s3",
            method: "GET",
            path: `/${Bucket}/a/../b`,
            date: new Date(),
        });
        const { port } = test.cloud.frontDoor;
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
        await test.service.putObject(Bucket, "a b", "content");
        const { credentials } = test.cloud.administrator;
        const host = `${Bucket}.localhost:4566`;
        const request = await sign({
            ...credentials,
            service: "s3",
            method: "GET",
            path: "/a%20b",
            headers: { host },
            date: new Date(),
        });
        const { port } = test.cloud.frontDoor;
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
});

/** The command with a header that the SDK has no parameter for. */
function withHeader(command: CopyObjectCommand, name: string, value: string): CopyObjectCommand {
    command.middlewareStack.add(
        (next) => (args) => {
            (args.request as { headers: Record<string, string> }).headers[name] = value;
            return next(args);
        },
        { step: "build" },
    );
    return command;
}
