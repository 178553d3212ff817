import { AwsError } from "../aws-error";
import type { Service } from "../service";

/** Those of our services, and that of services that are not here, whose clients are told so in their own words. */
export type Protocol = Service["protocol"] | "rest-json";

type Kind =
    | "missing"
    | "incomplete"
    | "unsupported"
    | "unknown key"
    | "invalid token"
    | "expired token"
    | "scope"
    | "too old"
    | "too new"
    | "payload"
    | "mismatch";

interface Form {
    readonly code: string;
    readonly status: number;
    /** AWS's sentence, where it says nothing about the request at hand. */
    readonly message?: string;
}

const MISMATCH =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " +
    "and signing method. Consult the service documentation for details.";
const INVALID_TOKEN = "The security token included in the request is invalid.";
const EXPIRED_TOKEN = "The security token included in the request is expired";
const SKEWED = "The difference between the request time and the current time is too large.";
const MISSING = "Request is missing Authentication Token";

/**
 * How each protocol's services name what is wrong with a signature.
 * Sources: https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const FORMS: Readonly<Record<Service["protocol"], Readonly<Record<Kind, Form>>>> = {
    json: forms(400, {
        missing: { code: "MissingAuthenticationTokenException", message: MISSING },
        incomplete: { code: "IncompleteSignatureException" },
        unsupported: { code: "IncompleteSignatureException" },
        "unknown key": { code: "UnrecognizedClientException", message: INVALID_TOKEN },
        "invalid token": { code: "UnrecognizedClientException", message: INVALID_TOKEN },
        "expired token": { code: "ExpiredTokenException", message: EXPIRED_TOKEN },
        scope: { code: "InvalidSignatureException" },
        "too old": { code: "InvalidSignatureException" },
        "too new": { code: "InvalidSignatureException" },
        payload: { code: "InvalidSignatureException", message: MISMATCH },
        mismatch: { code: "InvalidSignatureException", message: MISMATCH },
    }),
    query: forms(403, {
        missing: { code: "MissingAuthenticationToken", message: MISSING },
        incomplete: { code: "IncompleteSignature" },
        unsupported: { code: "IncompleteSignature" },
        "unknown key": { code: "InvalidClientTokenId", message: INVALID_TOKEN },
        "invalid token": { code: "InvalidClientTokenId", message: INVALID_TOKEN },
        "expired token": { code: "ExpiredToken", message: EXPIRED_TOKEN },
        scope: { code: "SignatureDoesNotMatch" },
        "too old": { code: "SignatureDoesNotMatch" },
        "too new": { code: "SignatureDoesNotMatch" },
        payload: { code: "SignatureDoesNotMatch", message: MISMATCH },
        mismatch: { code: "SignatureDoesNotMatch", message: MISMATCH },
    }),
    "rest-xml": forms(403, {
        missing: { code: "AccessDenied", message: "Access Denied" },
        incomplete: { code: "AuthorizationHeaderMalformed", status: 400 },
        unsupported: { code: "InvalidRequest", status: 400 },
        "unknown key": {
            code: "InvalidAccessKeyId",
            message: "The AWS Access Key Id you provided does not exist in our records.",
        },
        "invalid token": {
            code: "InvalidToken",
            status: 400,
            message: "The provided token is malformed or otherwise invalid.",
        },
        "expired token": { code: "ExpiredToken", status: 400, message: "The provided token has expired." },
        scope: { code: "AuthorizationHeaderMalformed", status: 400 },
        "too old": { code: "RequestTimeTooSkewed", message: SKEWED },
        "too new": { code: "RequestTimeTooSkewed", message: SKEWED },
        payload: {
            code: "XAmzContentSHA256Mismatch",
            status: 400,
            message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
        },
        mismatch: {
            code: "SignatureDoesNotMatch",
            message:
                "The request signature we calculated does not match the signature you provided. " +
                "Check your key and signing method.",
        },
    }),
};

function forms(status: number, kinds: Record<Kind, Omit<Form, "status"> & { status?: number }>): Record<Kind, Form> {
    return Object.fromEntries(
        Object.entries(kinds).map(([kind, form]) => [kind, { status, ...form }]),
    ) as unknown as Record<Kind, Form>;
}

/** What is wrong with a signature, in the words of the protocol; `detail` where AWS says more than a fixed sentence. */
export function signatureError(protocol: Protocol, kind: Kind, detail = ""): AwsError {
    // The two JSON protocols differ in how an error is written, not in its name.
    const { code, status, message } = FORMS[protocol === "rest-json" ? "json" : protocol][kind];
    return new AwsError(code, message ?? detail, status);
}
