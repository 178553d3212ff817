import { expect } from "chai";
import fc from "fast-check";
import type { RawRequest } from "../../../local/front-door/raw-request";
import { verifySignature, type VerifiedRequest } from "../../../local/front-door/signature";
import { SigningKeys } from "../../../local/front-door/signing-key";
import type { Protocol } from "../../../local/front-door/signature-errors";
import type { KnownKey } from "../../../local/iam/identities";
import { sign, SIGNED_AT, type ToSign } from "./signing";

const USER_KEY = { accessKeyId: "AKIAUSER", secretAccessKey: "user/secret+key" };
const ROLE_KEY = { accessKeyId: "ASIAROLE", secretAccessKey: "role/secret+key", sessionToken: "token/of+the=role" };
const EXPIRES_MS = SIGNED_AT.getTime() + 60 * 60 * 1000;
const PRINCIPAL = { arn: "arn:aws:iam::000000000000:user/u", policies: () => [] };

const keys = new Map<string, KnownKey>([
    [USER_KEY.accessKeyId, { secretAccessKey: USER_KEY.secretAccessKey, principal: PRINCIPAL }],
    [
        ROLE_KEY.accessKeyId,
        {
            secretAccessKey: ROLE_KEY.secretAccessKey,
            session: { token: ROLE_KEY.sessionToken, expiresAtMs: EXPIRES_MS },
            principal: PRINCIPAL,
        },
    ],
]);

function verify(request: RawRequest, service = "kinesis", nowMs = SIGNED_AT.getTime()): VerifiedRequest {
    const protocol: Protocol = service === "s3" ? "rest-xml" : service === "sts" ? "query" : "json";
    const findKey = (accessKeyId: string): KnownKey | undefined => keys.get(accessKeyId);
    return verifySignature({
        request,
        service,
        protocol,
        region: "us-east-1",
        nowMs,
        findKey,
        signingKeys: new SigningKeys(),
    });
}

function codeOf(run: () => unknown): string {
    try {
        run();
        return "accepted";
    } catch (error) {
        return (error as { code?: string }).code ?? String(error);
    }
}

const withHeaders = (request: RawRequest, headers: Record<string, string>): RawRequest => ({
    ...request,
    headers: { ...request.headers, ...headers },
});
const changed = (request: RawRequest, header: string, from: string | RegExp, to: string): RawRequest =>
    withHeaders(request, { [header]: (request.headers[header] ?? "").replace(from, to) });
const without = (request: RawRequest, header: string): RawRequest => ({
    ...request,
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== header)),
});

describe("a signature", () => {
    const body = Buffer.from('{"StreamName":"posts"}');
    const plain: ToSign = {
        ...USER_KEY,
        body,
        headers: { "x-amz-target": "Kinesis_20131202.DescribeStream", "content-type": "application/x-amz-json-1.1" },
    };

    interface Manipulation {
        readonly name: string;
        readonly sign?: Partial<ToSign>;
        readonly change?: (request: RawRequest) => RawRequest;
        readonly expected: string;
    }
    const tomorrow = new Date(SIGNED_AT.getTime() + 24 * 60 * 60 * 1000);
    const manipulations: Manipulation[] = [
        { name: "as signed", expected: "accepted" },
        { name: "with temporary credentials", sign: ROLE_KEY, expected: "accepted" },
        {
            name: "an unsigned header added",
            change: (r) => withHeaders(r, { "user-agent": "x" }),
            expected: "accepted",
        },
        {
            name: "no Authorization",
            change: (r) => without(r, "authorization"),
            expected: "MissingAuthenticationTokenException",
        },
        {
            name: "another algorithm",
            change: (r) => changed(r, "authorization", "HMAC-SHA256", "HMAC-SHA1"),
            expected: "IncompleteSignatureException",
        },
        {
            name: "no Signature",
            change: (r) => changed(r, "authorization", /, Signature=.*/, ""),
            expected: "IncompleteSignatureException",
        },
        {
            name: "a credential of four parts",
            change: (r) => changed(r, "authorization", "/aws4_request", ""),
            expected: "IncompleteSignatureException",
        },
        {
            name: "another terminator",
            change: (r) => changed(r, "authorization", "aws4_request", "aws5_request"),
            expected: "InvalidSignatureException",
        },
        { name: "an unknown key", sign: { accessKeyId: "AKIANOBODY" }, expected: "UnrecognizedClientException" },
        { name: "a wrong secret", sign: { secretAccessKey: "user/secret+kez" }, expected: "InvalidSignatureException" },
        {
            name: "one digit of the signature",
            change: (r) => changed(r, "authorization", /.$/, (r.headers.authorization ?? "").endsWith("0") ? "1" : "0"),
            expected: "InvalidSignatureException",
        },
        {
            name: "a shorter signature",
            change: (r) => changed(r, "authorization", /.$/, ""),
            expected: "InvalidSignatureException",
        },
        {
            name: "another body",
            change: (r) => ({ ...r, body: Buffer.from('{"StreamName":"others"}') }),
            expected: "InvalidSignatureException",
        },
        {
            name: "another body with its hash",
            change: (r) =>
                withHeaders(
                    { ...r, body: Buffer.alloc(0) },
                    { "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
                ),
            expected: "InvalidSignatureException",
        },
        {
            name: "a body said not to be signed",
            change: (r) => withHeaders(r, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }),
            expected: "InvalidSignatureException",
        },
        {
            name: "another operation",
            change: (r) => changed(r, "x-amz-target", "Describe", "Delete"),
            expected: "InvalidSignatureException",
        },
        {
            name: "a signed header left out",
            change: (r) => without(r, "content-type"),
            expected: "InvalidSignatureException",
        },
        {
            name: "another host",
            change: (r) => withHeaders(r, { host: "127.0.0.1:4567" }),
            expected: "InvalidSignatureException",
        },
        {
            name: "host not signed",
            change: (r) => changed(r, "authorization", /;?\bhost\b/, ""),
            expected: "InvalidSignatureException",
        },
        { name: "another method", change: (r) => ({ ...r, method: "PUT" }), expected: "InvalidSignatureException" },
        { name: "another path", change: (r) => ({ ...r, url: "/x" }), expected: "InvalidSignatureException" },
        { name: "a query added", change: (r) => ({ ...r, url: "/?x=1" }), expected: "InvalidSignatureException" },
        {
            name: "another region in the scope",
            change: (r) => changed(r, "authorization", "us-east-1", "eu-west-1"),
            expected: "InvalidSignatureException",
        },
        { name: "signed for another region", sign: { region: "eu-west-1" }, expected: "InvalidSignatureException" },
        {
            name: "another service in the scope",
            change: (r) => changed(r, "authorization", "/kinesis/", "/dynamodb/"),
            expected: "InvalidSignatureException",
        },
        {
            name: "another day in the scope",
            change: (r) => changed(r, "authorization", "20260601", "20260602"),
            expected: "InvalidSignatureException",
        },
        {
            name: "another second",
            change: (r) => changed(r, "x-amz-date", "120000Z", "120001Z"),
            expected: "InvalidSignatureException",
        },
        { name: "no date", change: (r) => without(r, "x-amz-date"), expected: "IncompleteSignatureException" },
        {
            name: "a date in another form",
            change: (r) => withHeaders(r, { "x-amz-date": "2026-06-01T12:00:00Z" }),
            expected: "IncompleteSignatureException",
        },
        { name: "signed tomorrow", sign: { date: tomorrow }, expected: "InvalidSignatureException" },
        {
            name: "a session token for a user's key",
            sign: { sessionToken: "x" },
            expected: "UnrecognizedClientException",
        },
        {
            name: "no session token",
            sign: { ...ROLE_KEY, sessionToken: undefined },
            expected: "UnrecognizedClientException",
        },
        {
            name: "another session token",
            sign: { ...ROLE_KEY, sessionToken: "token/of+the=rolf" },
            expected: "UnrecognizedClientException",
        },
        {
            name: "a presigned URL",
            change: (r) => ({ ...r, url: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=x" }),
            expected: "IncompleteSignatureException",
        },
        {
            name: "a URL that is not encoded correctly",
            change: (r) => ({ ...r, url: "/?%zz" }),
            expected: "InvalidURI",
        },
    ];
    for (const { name, sign: differently = {}, change = (request: RawRequest) => request, expected } of manipulations) {
        it(`${name}: ${expected}`, async () => {
            const request = change(await sign({ ...plain, ...differently }));
            expect(codeOf(() => verify(request))).to.equal(expected);
        });
    }

    const minutes = (count: number): number => SIGNED_AT.getTime() + count * 60_000;
    it("counts for five minutes, and for a clock that is five minutes behind", async () => {
        const request = await sign(plain);
        expect(codeOf(() => verify(request, "kinesis", minutes(5)))).to.equal("accepted");
        expect(codeOf(() => verify(request, "kinesis", minutes(-5)))).to.equal("accepted");
        expect(() => verify(request, "kinesis", minutes(5) + 1000)).to.throw(
            "Signature expired: 20260601T120000Z is now earlier than 20260601T120001Z (20260601T120501Z - 5 min.)",
        );
        expect(() => verify(request, "kinesis", minutes(-5) - 1000)).to.throw(
            "Signature not yet current: 20260601T120000Z is still later than 20260601T115959Z (20260601T115459Z + 5 min.)",
        );
    });

    it("of temporary credentials no longer counts when they are expired", async () => {
        const date = new Date(EXPIRES_MS);
        const request = await sign({ ...plain, ...ROLE_KEY, date });
        expect(codeOf(() => verify(request, "kinesis", EXPIRES_MS - 1))).to.equal("accepted");
        expect(codeOf(() => verify(request, "kinesis", EXPIRES_MS))).to.equal("ExpiredTokenException");
    });
});

describe("a signature for S3", () => {
    const plain: ToSign = {
        ...USER_KEY,
        service: "s3",
        method: "PUT",
        path: "/bucket/key",
        body: Buffer.from("content"),
    };
    const cases: [
        name: string,
        differently: Partial<ToSign>,
        change: (request: RawRequest) => RawRequest,
        expected: string,
    ][] = [
        ["as signed", {}, (r) => r, "accepted"],
        [
            "an unsigned body",
            { headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } },
            (r) => ({ ...r, body: Buffer.from("x") }),
            "accepted",
        ],
        ["an unknown key", { accessKeyId: "AKIANOBODY" }, (r) => r, "InvalidAccessKeyId"],
        ["a wrong secret", { secretAccessKey: "x" }, (r) => r, "SignatureDoesNotMatch"],
        ["another body", {}, (r) => ({ ...r, body: Buffer.from("contend") }), "XAmzContentSHA256Mismatch"],
        ["another key in the path", {}, (r) => ({ ...r, url: "/bucket/kez" }), "SignatureDoesNotMatch"],
        ["no hash of the body", {}, (r) => without(r, "x-amz-content-sha256"), "InvalidRequest"],
        ["a hash that is none", { headers: { "x-amz-content-sha256": "abc" } }, (r) => r, "InvalidArgument"],
        [
            "chunks signed with asymmetric keys",
            { headers: { "x-amz-content-sha256": "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" } },
            (r) => r,
            "InvalidArgument",
        ],
        [
            "a header of AWS's that is not signed",
            {},
            (r) => withHeaders(r, { "x-amz-acl": "public-read" }),
            "AccessDenied",
        ],
        ["another region", { region: "eu-west-1" }, (r) => r, "AuthorizationHeaderMalformed"],
        ["a day later", { date: new Date(SIGNED_AT.getTime() - 86_400_000) }, (r) => r, "RequestTimeTooSkewed"],
        ["a wrong session token", { ...ROLE_KEY, sessionToken: "x" }, (r) => r, "InvalidToken"],
        ["nothing", {}, (r) => without(r, "authorization"), "AccessDenied"],
    ];
    for (const [name, differently, change, expected] of cases) {
        it(`${name}: ${expected}`, async () => {
            const request = change(await sign({ ...plain, ...differently }));
            expect(codeOf(() => verify(request, "s3"))).to.equal(expected);
        });
    }
});

describe("a signature for STS", () => {
    it("is refused in the words of the query protocol", async () => {
        const request = await sign({ ...USER_KEY, accessKeyId: "AKIANOBODY", service: "sts" });
        expect(codeOf(() => verify(request, "sts"))).to.equal("InvalidClientTokenId");
    });
});

describe("any signed request", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 });
    const segments = fc.array(text, { maxLength: 4 });
    const query = fc.dictionary(
        text.filter((name) => name !== "" && !/^x-amz-/i.test(name) && name !== "__proto__"),
        text,
    );
    const headers = fc.dictionary(fc.stringMatching(/^x-amz-meta-[a-z0-9]{1,8}$/), fc.stringMatching(/^[ -~]{0,12}$/));
    const body = fc.uint8Array({ maxLength: 64 });
    const encode = (part: string): string =>
        encodeURIComponent(part).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

    for (const service of ["kinesis", "s3"]) {
        it(`of ${service} is accepted as it is, and refused with another body`, async () => {
            const requests = fc.record({ segments, query, headers, body });
            await fc.assert(
                fc.asyncProperty(requests, async ({ segments: parts, body: content, ...rest }) => {
                    const path = `/${parts.map(encode).join("/")}`;
                    const request = await sign({ ...USER_KEY, ...rest, service, path, body: Buffer.from(content) });
                    expect(verify(request, service).principal).to.equal(PRINCIPAL);
                    const other = { ...request, body: Buffer.concat([request.body, Buffer.from("x")]) };
                    expect(codeOf(() => verify(other, service))).to.not.equal("accepted");
                }),
            );
        });
    }
});
