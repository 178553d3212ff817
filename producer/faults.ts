import { printable } from "../commandline/text";
import type { StreamTarget } from "./stream";
import { StreamFault } from "./stream-fault";

const REASON_CHARACTERS_MAX = 300;

/** Errors of a request that pass by themselves, beside all that come with a 5xx status. */
const THROTTLED = [
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "KMSThrottlingException",
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
];

/** The key pair is not, or no longer, what the service knows. Their messages quote parts of the signed request. */
const CREDENTIALS_REFUSED = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "InvalidAccessKeyId",
    "ExpiredTokenException",
    "ExpiredToken",
];

/** The SDK's own: its default chain found none, or the profile is not what it expects. Their messages say which was tried. */
const CREDENTIALS_MISSING = ["CredentialsProviderError", "TokenProviderError"];

/** A request that was signed by a clock that is wrong is refused with one of these, or with `SIGNED_AT_WRONG_TIME`. */
const CLOCK_REFUSED = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"];
const SIGNED_AT_WRONG_TIME = /^Signature (expired|not yet current)/;

/** The parts of an error of the AWS SDK, of the HTTP handler, or of Node's network that tell what happened. */
interface Fault {
    name: string;
    message: string;
    /** Of the system, the network or TLS, as in `ECONNRESET`. */
    code: string | undefined;
    /** HTTP status, if there was a response. */
    status: number | undefined;
    /** The SDK has set its clock by the service's: the next request is signed with the right time. */
    clockCorrected: boolean;
}

/**
 * Says of an error that `client.send` threw whether it may pass, in a sentence that says what to check if it does not. An
 * error that is none of the service or the network is handed back as it is.
 */
export function explainFault(error: unknown, target: StreamTarget): unknown {
    if (!(error instanceof Error) || error instanceof StreamFault) return error;
    const fault = readFault(error);
    if (CREDENTIALS_MISSING.includes(fault.name)) {
        return new StreamFault(`There are no AWS credentials to send with: ${clause(fault, target)}.`, false);
    }
    // The SDK's rules for endpoints, as for FIPS with an endpoint of one's own: a setting of the environment or of a profile.
    if (fault.name === "EndpointError") {
        return new StreamFault(
            `No endpoint follows from the settings of the AWS SDK: ${clause(fault, target)}.`,
            false,
        );
    }
    if (fault.name === "AbortError") return new StreamFault("the request was aborted", false);
    if (mayPass(fault)) return new StreamFault(clause(fault, target), true);
    if (fault.status !== undefined) return new StreamFault(advice(fault, target), false);
    if (fault.code !== undefined)
        return new StreamFault(`No connection to the stream: ${clause(fault, target)}.`, false);
    return error;
}

/** Whether `client.send` threw it for want of credentials that the service takes. */
export function isForCredentials(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    return [...CREDENTIALS_REFUSED, ...CREDENTIALS_MISSING].includes(error.name) && !mayPass(readFault(error));
}

function readFault(error: Error): Fault {
    const { $metadata, $response, code } = error as {
        $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
        $response?: { statusCode?: number };
        code?: unknown;
    };
    return {
        name: error.name,
        message: error.message,
        code: typeof code === "string" ? code : undefined,
        status: $metadata?.httpStatusCode ?? $response?.statusCode,
        clockCorrected: $metadata?.clockSkewCorrected === true,
    };
}

function mayPass({ name, message, code, status, clockCorrected }: Fault): boolean {
    if (THROTTLED.includes(name)) return true;
    // The SDK says so of every error while the machine's clock is wrong: most of them have nothing to do with it.
    if (clockCorrected && (CLOCK_REFUSED.includes(name) || SIGNED_AT_WRONG_TIME.test(message))) return true;
    // An answer that was cut short comes with its status of 200.
    if (status !== undefined) return status >= 500 || status === 429 || status < 300;
    if (name === "TimeoutError") return true;
    // What is wrong with a certificate or an address stays wrong; all else between two machines can pass.
    return code !== undefined && /^(E[A-Z]+|EAI_AGAIN|UND_ERR_.*|ERR_(STREAM|HTTP2|SOCKET)_.*)$/.test(code);
}

function advice(fault: Fault, target: StreamTarget): string {
    const { streamName, region, credentials } = target;
    if (CREDENTIALS_REFUSED.includes(fault.name)) {
        const remedy =
            credentials === undefined
                ? "check them with `aws sts get-caller-identity`."
                : "check `accessKeyId` and `secretAccessKey` in the outputs of the stack; `pulumi up` makes a key again that was deleted.";
        return `The stream refused the credentials (${fault.name}): ${remedy}`;
    }
    if (fault.name === "AccessDeniedException") {
        return `These credentials may not write to the stream: check the policy of their user (${describe(fault, target)}).`;
    }
    if (fault.name === "ResourceNotFoundException") {
        return (
            `There is no stream \`${streamName}\` in ${region}: check \`kinesisStream\` and \`region\` in the outputs of the ` +
            `stack, and that it has not been destroyed.`
        );
    }
    return `The stream refused the request (${describe(fault, target)}).`;
}

/** What was said, to be followed by a full stop. */
function clause(fault: Fault, target: StreamTarget): string {
    return describe(fault, target).replace(/\.+$/, "");
}

/** What was said, without the key pair. */
function describe({ name, message, code }: Fault, { credentials }: StreamTarget): string {
    const kind = code ?? name;
    // Node's error for an address with several numbers has no message.
    const explained = message === "" ? kind : `${kind}: ${message}`;
    let said = message.includes(kind) ? message : explained;
    for (const secret of Object.values(credentials ?? {})) said = said.replaceAll(secret, "[secret]");
    return printable(said, REASON_CHARACTERS_MAX);
}
