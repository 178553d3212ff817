import { STATUS_CODES } from "node:http";
import { AwsError } from "../aws-error";
import { CBOR_TYPE, isCbor, writeCbor } from "../cbor";
import type { ServiceResponse } from "../service";
import type { WireRequest, WireResponse } from "./listener";
import type { Protocol } from "./signature-errors";

/** What is written about an error, besides its code and message. */
export interface ErrorDetails {
    readonly protocol: Protocol;
    readonly requestId: string;
    /** The path of the request: S3 names it in its errors. */
    readonly path: string;
    /** Of the request: who writes CBOR reads it as well. */
    readonly contentType: string | undefined;
}

/**
 * An error as the services of a protocol write it.
 * Sources: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization,
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
 */
export function errorResponse(error: AwsError, details: ErrorDetails): ServiceResponse {
    const { code, message, status, members } = error;
    const { protocol, requestId, path, contentType } = details;
    if (protocol === "json" && isCbor(contentType)) {
        const body = writeCbor({ __type: code, message, ...members });
        return { status, headers: { "content-type": CBOR_TYPE }, body };
    }
    if (protocol === "json") {
        const body = JSON.stringify({ __type: code, message, ...members });
        return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body };
    }
    if (protocol === "rest-json") {
        const headers = { "content-type": "application/json", "x-amzn-errortype": code };
        return { status, headers, body: JSON.stringify({ message }) };
    }
    const [plainCode, text] = [escapeXml(code), escapeXml(message)];
    if (protocol === "query") {
        const type = status < 500 ? "Sender" : "Receiver";
        const body =
            `<ErrorResponse><Error><Type>${type}</Type><Code>${plainCode}</Code><Message>${text}</Message></Error>` +
            `<RequestId>${requestId}</RequestId></ErrorResponse>`;
        return { status, headers: { "content-type": "text/xml" }, body };
    }
    const body =
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${plainCode}</Code><Message>${text}</Message>` +
        `<Resource>${escapeXml(path)}</Resource><RequestId>${requestId}</RequestId></Error>`;
    return { status, headers: { "content-type": "application/xml" }, body };
}

/** What a client is told when the embedded cloud itself is at fault; clients send such a request again. */
export function internalFailure(protocol: Protocol): AwsError {
    const message = "The request processing has failed because of an unknown error, exception or failure.";
    return new AwsError(protocol === "rest-xml" ? "InternalError" : "InternalFailure", message, 500);
}

/** A refused permission; S3 and the query protocol name it without `Exception` and answer 403. */
export function accessDenied(error: AwsError, protocol: Protocol): AwsError {
    const isDenied = error.code === "AccessDeniedException" && (protocol === "rest-xml" || protocol === "query");
    return isDenied ? new AwsError("AccessDenied", error.message, 403) : error;
}

/** The headers that AWS sends with every answer. */
export function commonHeaders(protocol: Protocol, requestId: string, nowMs: number): Record<string, string> {
    const date = new Date(nowMs).toUTCString();
    return protocol === "rest-xml"
        ? { date, "x-amz-request-id": requestId, "x-amz-id-2": Buffer.from(requestId).toString("base64") }
        : { date, "x-amzn-requestid": requestId, "x-amz-id-2": Buffer.from(requestId).toString("base64") };
}

/**
 * Writes an answer to the wire, HTTP/1.1 or HTTP/2. A request whose body was not read to its end leaves a connection
 * (of HTTP/2: a stream) that can carry nothing more, so it is closed.
 */
export function sendResponse(request: WireRequest, wire: WireResponse, response: ServiceResponse): void {
    const { status, body } = response;
    const hasBody = status !== 204 && status !== 304;
    const headers: Record<string, string> = { ...response.headers };
    if (hasBody) {
        headers["content-length"] ??= String(Buffer.byteLength(body));
    }
    const content = hasBody && request.method !== "HEAD" ? body : "";
    if ("stream" in wire) {
        if (!request.readableEnded) {
            wire.stream.once("finish", () => wire.stream.close());
        }
        wire.writeHead(status, headers);
        wire.end(content);
        return;
    }
    wire.writeHead(status, request.complete ? headers : { ...headers, connection: "close" });
    wire.end(content);
}

/** A bare HTTP/1.1 answer, for a connection that speaks neither protocol correctly. */
export function bareResponse(status: number): string {
    return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
};

/** XML 1.0 has no way to write control characters, so they are left out. */
function escapeXml(text: string): string {
    return text.replace(/[^\t\n\r\P{Cc}]/gu, "").replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
