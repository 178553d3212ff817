import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Makes the body of the answer to a request with that header `X-Amz-Target`; `application/x-amz-json-…` both. */
export type MakeAnswer = (target: string, body: Buffer) => Buffer;

/**
 * Serves a service that accepts everything, on 127.0.0.1, until the process ends. Each request is answered with the status 200
 * after so many milliseconds from when it was read.
 * @returns the port
 */
export async function serveStub(latencyMs: number, makeAnswer: MakeAnswer): Promise<number> {
    const server = createServer((request, response) => {
        handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    // Connections are kept while other sides are measured.
    server.keepAliveTimeout = 600_000;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;

    async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const answer = makeAnswer(String(request.headers["x-amz-target"]), Buffer.concat(chunks));
        setTimeout(() => {
            response.writeHead(200, {
                "content-type": request.headers["content-type"] ?? "application/x-amz-json-1.1",
                "content-length": answer.length,
                "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
            });
            response.end(answer);
        }, latencyMs);
    }
}

/** How often a text is in a body. */
export function countOf(text: Buffer, body: Buffer): number {
    let count = 0;
    for (let at = body.indexOf(text); at !== -1; at = body.indexOf(text, at + text.length)) count += 1;
    return count;
}
