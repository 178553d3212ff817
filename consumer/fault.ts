/**
 * What a failed request means:
 * - passing: throttling, a fault of the service, a lost connection, a time-out: the same request may succeed later;
 * - refused: the service has read the request and will never take it as it is: a record in it is at fault;
 * - lasting: missing permission, missing table, wrong schema: no request succeeds until someone repairs the deployment.
 */
export interface Fault {
    kind: "passing" | "refused" | "lasting";
    name: string;
    /** Fit for a log: never a part of a request or of a response. */
    message: string;
}

/** Errors that DynamoDB and S3 answer with a 4xx status although the same request may succeed later. */
const PASSING_NAMES = [
    "LimitExceededException",
    "OperationAborted",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "ThrottlingException",
    "TooManyRequestsException",
];

/**
 * Every item of this function has the same attributes of the same types, with keys that are neither empty nor too long. A
 * ValidationException about the schema is therefore the table's fault and would hit every post.
 */
const SCHEMA_MESSAGE = /key element does not match the schema|missing the key|type mismatch for (index )?key/i;

/** System errors of Node (ECONNRESET, ETIMEDOUT, EAI_AGAIN, EPIPE, …) and of its HTTP parser; not those of wrong arguments. */
const CONNECTION_CODE = /^(E(?!RR_)[A-Z_]+|HPE_[A-Z_]+)$/;

const MESSAGE_CHARACTERS_MAX = 300;

/** "1 validation error detected: Value '…' at 'requestItems' failed to satisfy constraint": the value can be a post. */
const QUOTED_VALUE = /\bValue '.*' at '/gs;

/** Reads an error of the AWS SDK. Its shape is not relied on: whatever was thrown gets an answer. */
export function describeFault(error: unknown): Fault {
    const { name, message, code, $metadata } = (error ?? {}) as {
        name?: unknown;
        message?: unknown;
        code?: unknown;
        $metadata?: { httpStatusCode?: unknown };
    };
    const fault = {
        name: typeof name === "string" && name !== "" ? name : "Error",
        message: (typeof message === "string" ? message : "")
            .replace(QUOTED_VALUE, "Value '…' at '")
            .slice(0, MESSAGE_CHARACTERS_MAX),
    };
    const status = Number($metadata?.httpStatusCode ?? 0);
    // The parser quotes what it could not read, and a response can contain posts.
    if (fault.name === "SyntaxError") {
        return {
            kind: "passing",
            name: "UnreadableResponse",
            message: `a response that is cut off or no JSON, HTTP ${status}`,
        };
    }
    if (fault.name === "ValidationException") {
        return { kind: SCHEMA_MESSAGE.test(fault.message) ? "lasting" : "refused", ...fault };
    }
    return { kind: mayPass(fault.name, code, status) ? "passing" : "lasting", ...fault };
}

function mayPass(name: string, code: unknown, status: number): boolean {
    if (PASSING_NAMES.includes(name) || name === "TimeoutError") return true;
    if (status >= 500 || status === 429 || status === 408) return true;
    return typeof code === "string" && CONNECTION_CODE.test(code);
}
