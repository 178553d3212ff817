import { AwsError } from "../aws-error";
import type { KnownKey, Principal } from "../iam/identities";
import { ALGORITHM, parseAuthorization, type SignedBy } from "./authorization-header";
import { type ChunkSigning, decodeAwsChunked, type DecodedChunks } from "./aws-chunked";
import { canonicalRequest } from "./canonical-request";
import { AUTHORITY, type RawRequest, splitUrl } from "./raw-request";
import { hmac, sameText, sha256Hex, type SigningKeys } from "./signing-key";
import { type Protocol, signatureError } from "./signature-errors";

export interface SignatureCheck {
    readonly request: RawRequest;
    /** The name in the credential scope. */
    readonly service: string;
    readonly protocol: Protocol;
    /** The one region of the services, or undefined where any will do. */
    readonly region: string | undefined;
    readonly nowMs: number;
    readonly findKey: (accessKeyId: string) => KnownKey | undefined;
    readonly signingKeys: SigningKeys;
}

/** Who signed, and the request as it was meant: chunked uploads put together, their trailers among the headers. */
export interface VerifiedRequest {
    readonly principal: Principal;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
}

/** How far the clocks of client and embedded cloud may be apart. */
const SKEW_MS_MAX = 5 * 60 * 1000;

const STREAMING = new Map([
    ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", { signed: false }],
    ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { signed: true }],
    ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { signed: true }],
]);

/**
 * Checks the SigV4 signature in the headers of a request, in the order in which AWS does: form, time, scope, key,
 * signature, payload, session token.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 * @throws AwsError in the words of the protocol
 */
export function verifySignature(check: SignatureCheck): VerifiedRequest {
    const { request, protocol } = check;
    const signedBy = parseAuthorization(authorizationOf(request, protocol), protocol);
    const dateTime = requestTime(check, signedBy);
    checkScope(check, signedBy);
    const key = check.findKey(signedBy.accessKeyId);
    if (!key) {
        throw signatureError(protocol, "unknown key");
    }
    const signingKey = check.signingKeys.get(key.secretAccessKey, signedBy);
    const payloadHash = payloadHashOf(check);
    const canonical = canonicalOrRefuse(check, signedBy, payloadHash);
    const text = [ALGORITHM, dateTime, signedBy.scope, sha256Hex(canonical)].join("\n");
    if (!sameText(hmac(signingKey, text).toString("hex"), signedBy.signature)) {
        throw signatureError(protocol, "mismatch");
    }
    checkSession(check, key);
    const signing = { key: signingKey, dateTime, scope: signedBy.scope, seed: signedBy.signature };
    const { headers, body } = payloadOf(check, payloadHash, signing);
    const plainHeaders = Object.entries(headers).filter(([name]) => name !== AUTHORITY);
    return { principal: key.principal, headers: Object.fromEntries(plainHeaders), body };
}

function authorizationOf(request: RawRequest, protocol: Protocol): string {
    const { authorization } = request.headers;
    const isPresigned = /(^|&)X-Amz-(Algorithm|Signature)=/i.test(splitUrl(request.url).query);
    if (isPresigned) {
        const message = "The embedded cloud takes signatures in the Authorization header only, not presigned URLs.";
        throw signatureError(protocol, "unsupported", message);
    }
    if (authorization === undefined || authorization === "") {
        throw signatureError(protocol, "missing");
    }
    return authorization;
}

/** The time of the signature, `YYYYMMDDTHHMMSSZ`, if it is not too far from now. */
function requestTime({ request, protocol, nowMs }: SignatureCheck, signedBy: SignedBy): string {
    const dateTime = request.headers["x-amz-date"] ?? "";
    const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(dateTime);
    const signedMs = match ? Date.parse(isoExtended(match)) : NaN;
    if (Number.isNaN(signedMs)) {
        const message = `Date must be in ISO-8601 'basic format'. Got '${dateTime}'. See http://en.wikipedia.org/wiki/ISO_8601`;
        throw signatureError(protocol, "incomplete", message);
    }
    if (signedBy.date !== dateTime.slice(0, 8)) {
        const message =
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
            `'${signedBy.date}' != '${dateTime.slice(0, 8)}', from '${dateTime}'.`;
        throw signatureError(protocol, "scope", message);
    }
    const [earliest, latest] = [nowMs - SKEW_MS_MAX, nowMs + SKEW_MS_MAX];
    if (signedMs < earliest) {
        const message = `Signature expired: ${dateTime} is now earlier than ${isoBasic(earliest)} (${isoBasic(nowMs)} - 5 min.)`;
        throw signatureError(protocol, "too old", message);
    }
    if (signedMs > latest) {
        const message = `Signature not yet current: ${dateTime} is still later than ${isoBasic(latest)} (${isoBasic(nowMs)} + 5 min.)`;
        throw signatureError(protocol, "too new", message);
    }
    return dateTime;
}

function isoBasic(ms: number): string {
    return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function isoExtended([
    ,
    year = "",
    month = "",
    day = "",
    hour = "",
    minute = "",
    second = "",
]: RegExpExecArray): string {
    return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

function checkScope({ request, protocol, service, region }: SignatureCheck, signedBy: SignedBy): void {
    if (!signedBy.signedHeaders.includes("host") && !signedBy.signedHeaders.includes(AUTHORITY)) {
        const message = "'Host' must be a 'SignedHeader' in the AWS Authorization.";
        throw signatureError(protocol, "scope", message);
    }
    if (region !== undefined && signedBy.region !== region) {
        const message =
            protocol === "rest-xml"
                ? `The authorization header is malformed; the region '${signedBy.region}' is wrong; expecting '${region}'`
                : `Credential should be scoped to a valid region, not '${signedBy.region}'.`;
        throw signatureError(protocol, "scope", message);
    }
    const unsigned = Object.keys(request.headers).filter(
        (name) => name.startsWith("x-amz-") && !signedBy.signedHeaders.includes(name),
    );
    if (service === "s3" && unsigned.length > 0) {
        const message = `There were headers present in the request which were not signed: ${unsigned.join(", ")}`;
        throw new AwsError("AccessDenied", message, 403);
    }
}

/** What stands for the body in the canonical request. S3's clients choose it; elsewhere it is always the body's hash. */
function payloadHashOf({ request, service, protocol }: SignatureCheck): string {
    const given = request.headers["x-amz-content-sha256"];
    if (service !== "s3") {
        return sha256Hex(request.body);
    }
    if (given === undefined) {
        const message = "Missing required header for this request: x-amz-content-sha256";
        throw new AwsError("InvalidRequest", message);
    }
    if (given === "UNSIGNED-PAYLOAD" || STREAMING.has(given)) {
        return given;
    }
    if (!/^[0-9a-f]{64}$/.test(given)) {
        const message =
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, " +
            `${Array.from(STREAMING.keys()).join(", ")} or a valid sha256 value.`;
        throw new AwsError("InvalidArgument", message);
    }
    if (sha256Hex(request.body) !== given) {
        throw signatureError(protocol, "payload");
    }
    return given;
}

function canonicalOrRefuse({ request, service }: SignatureCheck, signedBy: SignedBy, payloadHash: string): string {
    try {
        return canonicalRequest(request, service, signedBy.signedHeaders, payloadHash);
    } catch (error) {
        if (error instanceof URIError) {
            throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
        }
        throw error;
    }
}

function checkSession({ request, protocol, nowMs }: SignatureCheck, { session }: KnownKey): void {
    const token = request.headers["x-amz-security-token"];
    if (!session) {
        if (token !== undefined) {
            throw signatureError(protocol, "invalid token");
        }
        return;
    }
    if (token === undefined || !sameText(token, session.token)) {
        throw signatureError(protocol, "invalid token");
    }
    if (session.expiresAtMs <= nowMs) {
        throw signatureError(protocol, "expired token");
    }
}

function payloadOf(
    { request }: SignatureCheck,
    payloadHash: string,
    signing: ChunkSigning,
): Pick<VerifiedRequest, "headers" | "body"> {
    const streaming = STREAMING.get(payloadHash);
    if (!streaming) {
        return { headers: request.headers, body: request.body };
    }
    const decoded = decodeAwsChunked(request.body, streaming.signed ? signing : undefined);
    return { headers: headersOfDecoded(request.headers, decoded), body: decoded.body };
}

/** The headers as if the upload had not been chunked; checksums that came as trailers are among them. */
function headersOfDecoded(headers: RawRequest["headers"], { body, trailers }: DecodedChunks): Record<string, string> {
    const length = headers["x-amz-decoded-content-length"];
    if (length !== undefined && Number(length) !== body.length) {
        const message = "You did not provide the number of bytes specified by the x-amz-decoded-content-length header";
        throw new AwsError("IncompleteBody", message);
    }
    const checksums = Object.entries(trailers).filter(([name]) => name.startsWith("x-amz-checksum-"));
    const decoded: Record<string, string> = { ...headers, ...Object.fromEntries(checksums) };
    const encodings = (headers["content-encoding"] ?? "").split(",").map((encoding) => encoding.trim());
    const rest = encodings.filter((encoding) => encoding !== "" && encoding !== "aws-chunked").join(",");
    delete decoded["content-encoding"];
    delete decoded["x-amz-trailer"];
    delete decoded["x-amz-decoded-content-length"];
    decoded["content-length"] = String(body.length);
    return rest === "" ? decoded : { ...decoded, "content-encoding": rest };
}
