import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";

/** A request as it came over the wire, HTTP/1.1 or HTTP/2. */
export interface RawRequest {
    readonly method: string;
    /** The path with its query, as sent. */
    readonly url: string;
    /** Names in lower case; repeated headers joined with a comma; of HTTP/2 also `:authority`, which is `host` as well. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
}

/** As much as AWS's largest request of a JSON protocol needs: 10 MiB of PutRecords data in base64, and its JSON. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** So much of a body that is too large is read and dropped, so that the client, which sends first, hears the answer. */
const DROPPED_BYTES_MAX = 1024 * 1024 * 1024;

/** HTTP/2's form of `Host`; clients that speak it (the JavaScript SDK's for Kinesis) sign it under this name. */
export const AUTHORITY = ":authority";

export class BodyTooLargeError extends Error {}

/** The client closed the connection before the end of its request: there is no one to answer. */
export class ClientGoneError extends Error {}

/** The headers from Node's list of names and values, which keeps repeated ones apart. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string> {
    const headers: Record<string, string> = {};
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
        const name = (rawHeaders[at] ?? "").toLowerCase();
        const value = rawHeaders[at + 1] ?? "";
        if (name.startsWith(":") && name !== AUTHORITY) {
            continue;
        }
        headers[name] = Object.hasOwn(headers, name) ? `${headers[name] ?? ""},${value}` : value;
    }
    const authority = headers[AUTHORITY];
    if (authority !== undefined && !Object.hasOwn(headers, "host")) {
        headers.host = authority;
    }
    return headers;
}

/**
 * Reads the body to its end, also where it is too large.
 * @throws BodyTooLargeError past `bytesMax`, ClientGoneError
 */
export function readBody(request: IncomingMessage | Http2ServerRequest, bytesMax: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const tooLarge = (): void => reject(new BodyTooLargeError(`The body is larger than ${bytesMax} bytes`));
        let isEnded = false;
        const gone = (cause?: Error): void => {
            if (!isEnded) reject(new ClientGoneError("The client went away", { cause }));
        };
        request.on("data", (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes <= bytesMax) {
                chunks.push(chunk);
                return;
            }
            chunks.length = 0;
            if (bytes > bytesMax + DROPPED_BYTES_MAX) {
                request.pause();
                tooLarge();
            }
        });
        request.once("end", () => {
            // A stream of HTTP/2 that is reset ends like any other.
            if ("stream" in request && request.stream.aborted) {
                gone();
                return;
            }
            isEnded = true;
            if (bytes > bytesMax) {
                tooLarge();
            } else {
                resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes));
            }
        });
        request.once("error", gone);
        request.once("close", () => gone());
    });
}

/** The part of a URL before `?`, and the part after it. */
export function splitUrl(url: string): { path: string; query: string } {
    const mark = url.indexOf("?");
    return mark < 0 ? { path: url, query: "" } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
