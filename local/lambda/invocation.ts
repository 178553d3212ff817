import { AwsError } from "../aws-error";

/** Lambda quotas page: 6 MB each for request and response of a synchronous invocation; the exact numbers are AWS's. */
export const REQUEST_PAYLOAD_BYTES_MAX = 6_291_456;
export const RESPONSE_PAYLOAD_BYTES_MAX = 6_291_556;

/** The answer of Invoke: also a function that failed answers with status 200. */
export interface InvocationResult {
    readonly requestId: string;
    readonly statusCode: 200;
    readonly executedVersion: "$LATEST";
    /** `Unhandled` when the function failed: the payload is then an error object. */
    readonly functionError?: "Unhandled";
    /** JSON text: what the handler returned, or `{"errorType","errorMessage","trace"?}`. */
    readonly payload: string;
    readonly durationMs: number;
}

/** One run of the handler, as an execution environment sees it. */
export interface Invocation {
    readonly requestId: string;
    readonly payload: string;
    readonly payloadBytes: number;
}

export type InvocationStatus = "success" | "error" | "timeout";

export interface InvocationOutcome {
    readonly status: InvocationStatus;
    readonly payload: string;
    readonly durationMs: number;
}

/** Shape in which Lambda reports a failure: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export function errorPayload(errorType: string, errorMessage: string): string {
    return JSON.stringify({ errorType, errorMessage });
}

export function timeoutPayload(requestId: string, timeoutSeconds: number): string {
    const message = `RequestId: ${requestId} Error: ${timeoutMessage(timeoutSeconds)}`;
    return errorPayload("Sandbox.Timedout", message);
}

export function timeoutMessage(timeoutSeconds: number): string {
    return `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
}

/** How a process ended, in the words of Lambda's sandbox. */
export function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
    if (signal === "SIGABRT") {
        // What V8 does when the heap is full.
        return "Runtime exited with error: signal: aborted (core dumped)";
    }
    if (signal !== null) {
        return `Runtime exited with error: signal: ${SIGNAL_WORDS[signal] ?? signal}`;
    }
    return code === 0
        ? "Runtime exited without providing a reason"
        : `Runtime exited with error: exit status ${code ?? "unknown"}`;
}

const SIGNAL_WORDS: Readonly<Record<string, string>> = {
    SIGKILL: "killed",
    SIGTERM: "terminated",
    SIGSEGV: "segmentation fault (core dumped)",
    SIGINT: "interrupt",
};

export function exitPayload(requestId: string, reason: string): string {
    return errorPayload("Runtime.ExitError", `RequestId: ${requestId} Error: ${reason}`);
}

export function responseTooLargePayload(): string {
    return errorPayload(
        "Function.ResponseSizeTooLarge",
        `Response payload size exceeded maximum allowed payload size (${RESPONSE_PAYLOAD_BYTES_MAX} bytes).`,
    );
}

/** Throws RequestTooLargeException when the payload is over the limit; returns its size. */
export function checkPayload(payload: string): number {
    const bytes = Buffer.byteLength(payload);
    if (bytes > REQUEST_PAYLOAD_BYTES_MAX) {
        throw new AwsError(
            "RequestTooLargeException",
            `${bytes} byte payload is too large for the RequestResponse invocation type ` +
                `(limit ${REQUEST_PAYLOAD_BYTES_MAX} bytes)`,
            413,
        );
    }
    return bytes;
}
