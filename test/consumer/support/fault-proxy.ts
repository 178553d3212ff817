import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ProxiedRequest {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: Buffer;
}

/** An answer, or what happens to the connection: closed at once, silent, silent after the headers, closed within the body. */
export type Reply = { status: number; body: string } | "close" | "hang" | "hang in the body" | "cut";

/** Decides about one request; `forward` sends it, or another body in its place, to the server behind the proxy. */
export type Behaviour = (request: ProxiedRequest, forward: (body?: string) => Promise<Reply>) => Reply | Promise<Reply>;

export const forwardAll: Behaviour = (_request, forward) => forward();

/** An HTTP server in front of another one that can misbehave as a network or a service does. */
export class FaultProxy {
    behaviour: Behaviour = forwardAll;
    readonly requests: ProxiedRequest[] = [];
    #onRequest = (): void => undefined;
    /** Connections that clients opened. */
    connections = 0;
    readonly #server: Server;

    private constructor(private readonly target: string) {
        this.#server = createServer((request, response) => {
            this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
        });
        this.#server.on("connection", () => this.connections++);
        // A connection that is not used for a while stays, however long the while is.
        this.#server.keepAliveTimeout = 0;
    }

    static async start(target: string): Promise<FaultProxy> {
        const proxy = new FaultProxy(target);
        await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
        return proxy;
    }

    get url(): string {
        return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    reset(): void {
        this.behaviour = forwardAll;
        this.requests.length = 0;
    }

    /** Resolves when so many requests have arrived since the last reset. */
    async arrived(count: number): Promise<void> {
        while (this.requests.length < count) await new Promise<void>((resolve) => (this.#onRequest = resolve));
    }

    async close(): Promise<void> {
        await new Promise((resolve) => {
            this.#server.close(resolve);
            this.#server.closeAllConnections();
        });
    }

    async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        const request: ProxiedRequest = {
            method: incoming.method ?? "",
            path: incoming.url ?? "",
            headers: incoming.headers as Record<string, string>,
            body: Buffer.concat(chunks),
        };
        this.requests.push(request);
        this.#onRequest();
        const reply = await this.behaviour(request, (body) => this.#forward(request, body));
        if (reply === "close") {
            incoming.socket.destroy();
        } else if (reply === "cut" || reply === "hang in the body") {
            response.writeHead(200, { "content-type": "application/x-amz-json-1.0", "content-length": "1000" });
            response.write('{"Unpro', () => {
                if (reply === "cut") incoming.socket.destroy();
            });
        } else if (reply !== "hang") {
            response.writeHead(reply.status, { "content-type": "application/x-amz-json-1.0" });
            response.end(reply.body);
        }
    }

    async #forward(request: ProxiedRequest, body?: string): Promise<Reply> {
        const headers = { ...request.headers };
        for (const name of ["host", "connection", "content-length", "expect"]) Reflect.deleteProperty(headers, name);
        const answer = await fetch(this.target + request.path, {
            method: request.method,
            headers,
            body: request.method === "GET" ? undefined : (body ?? new Uint8Array(request.body)),
        });
        return { status: answer.status, body: await answer.text() };
    }
}

/** Forwards the request, and then loses the answer. */
export const loseAnswer: Behaviour = async (_request, forward): Promise<Reply> => {
    await forward();
    return "close";
};

/** An error in the form in which DynamoDB answers it. */
export function dynamoDbError(name: string, status = 400, message = name): Reply {
    return { status, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }) };
}
