import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RESPONSE_PAYLOAD_BYTES_MAX } from "./invocation";

/** What a runtime tells Lambda. Payloads are JSON text. */
export interface RuntimeListener {
    /** The runtime is initialized and waits for an invocation. */
    onNext(): void;
    onResponse(requestId: string, payload: string): void;
    onResponseTooLarge(requestId: string): void;
    onError(requestId: string, payload: string): void;
    onInitError(payload: string): void;
    /** The invocation that runs now. */
    currentRequestId(): string | undefined;
}

export interface NextInvocation {
    readonly requestId: string;
    readonly deadlineMs: number;
    readonly functionArn: string;
    readonly payload: string;
    readonly payloadBytes: number;
}

const PREFIX = "/2018-06-01/runtime";

/**
 * The Runtime API of one execution environment, on a port of its own: `AWS_LAMBDA_RUNTIME_API` is a host and a port, so
 * that any runtime client can use it, and the connection tells which environment speaks.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
    private waiting: ServerResponse | undefined;

    private constructor(
        private readonly server: Server,
        private readonly listener: RuntimeListener,
    ) {}

    static async start(listener: RuntimeListener): Promise<RuntimeApi> {
        // The runtime waits for its next invocation as long as it takes: no timeouts.
        const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
        const api = new RuntimeApi(server, listener);
        server.on("request", (request: IncomingMessage, response: ServerResponse) => api.handle(request, response));
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(0, "127.0.0.1", resolve);
        });
        return api;
    }

    /** `127.0.0.1:PORT`. */
    get address(): string {
        return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Answers the runtime's waiting request for its next invocation; there must be one. */
    deliver(next: NextInvocation): void {
        const response = this.waiting;
        if (response === undefined) {
            throw new Error("The runtime has not asked for an invocation.");
        }
        this.waiting = undefined;
        response.writeHead(200, {
            "Content-Type": "application/json",
            "Content-Length": next.payloadBytes,
            "Lambda-Runtime-Aws-Request-Id": next.requestId,
            "Lambda-Runtime-Deadline-Ms": next.deadlineMs,
            "Lambda-Runtime-Invoked-Function-Arn": next.functionArn,
            "Lambda-Runtime-Trace-Id": traceId(),
        });
        // Text of one byte a character is copied as it is; for UTF-8, three times as much memory is taken first.
        response.end(next.payload, next.payloadBytes === next.payload.length ? "latin1" : "utf8");
    }

    close(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    private handle(request: IncomingMessage, response: ServerResponse): void {
        const { method, url = "" } = request;
        if (method === "GET" && url === `${PREFIX}/invocation/next`) {
            this.waiting = response;
            this.listener.onNext();
            return;
        }
        const report = method === "POST" ? this.reportFor(url) : undefined;
        if (report === undefined) {
            request.resume();
            answer(response, 404, { errorMessage: `No such resource: ${method ?? ""} ${url}`, errorType: "NotFound" });
            return;
        }
        collect(request, (payload) => {
            if (payload === "too large") {
                answer(response, 413, {
                    errorMessage: `Exceeded maximum allowed payload size (${RESPONSE_PAYLOAD_BYTES_MAX} bytes).`,
                    errorType: "RequestEntityTooLarge",
                });
            } else {
                answer(response, 202, { status: "OK" });
            }
            report(payload);
        });
    }

    /** What to do with the body of a POST; undefined for paths that there are not. */
    private reportFor(url: string): ((body: Body) => void) | undefined {
        if (url === `${PREFIX}/init/error`) {
            return (body) => {
                this.listener.onInitError(body === "too large" ? "{}" : body.text);
            };
        }
        const match = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(url);
        const requestId = match?.[1];
        if (requestId === undefined || requestId !== this.listener.currentRequestId()) {
            return undefined;
        }
        return (body) => {
            if (body === "too large") {
                this.listener.onResponseTooLarge(requestId);
            } else if (match?.[2] === "response") {
                this.listener.onResponse(requestId, body.text);
            } else {
                this.listener.onError(requestId, body.text);
            }
        };
    }
}

/** The tracing header of X-Ray; nothing is traced here: `Root=1-<seconds>-<24 digits>;Parent=<16 digits>;Sampled=0`. */
function traceId(): string {
    const seconds = Math.floor(Date.now() / 1000).toString(16);
    const digits = randomBytes(20).toString("hex");
    return `Root=1-${seconds}-${digits.slice(0, 24)};Parent=${digits.slice(24)};Sampled=0`;
}

type Body = { readonly text: string } | "too large";

function collect(request: IncomingMessage, done: (body: Body) => void): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= RESPONSE_PAYLOAD_BYTES_MAX) {
            chunks.push(chunk);
        }
    });
    request.on("end", () => {
        done(bytes > RESPONSE_PAYLOAD_BYTES_MAX ? "too large" : { text: Buffer.concat(chunks).toString("utf8") });
    });
}

function answer(response: ServerResponse, status: number, body: object): void {
    const text = JSON.stringify(body);
    response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
    response.end(text);
}
