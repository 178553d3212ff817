import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { selfSigned } from "./certificate";

export const BEARER_TOKEN = "AAAAtest%3Dtoken";
export const CONSUMER = { key: "consumer-key", secret: "consumer-secret" };

export interface ServedRule {
    id: string;
    value: string;
    tag?: string;
}

export interface Answer {
    status: number;
    body?: unknown;
    headers?: Record<string, string>;
    /** It begins, and its end never comes. */
    isEndless?: boolean;
}

/** One connection to the stream, as the server sees it. */
export interface StreamConnection {
    readonly number: number;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    /** Sends the bytes as one chunk of HTTP: they arrive as one, or as more, never together with others. */
    chunk(bytes: Uint8Array | string): Promise<void>;
    /** Sends bytes below HTTP. */
    raw(bytes: Uint8Array): Promise<void>;
    /** Ends the connection as a broken network does, after what was sent. */
    cut(): void;
    /** Ends the answer in good order. */
    end(): void;
}

export type StreamScript = (connection: StreamConnection) => Promise<void> | void;

/**
 * Speaks the protocol of X's filtered stream over HTTPS on a port of its own: the token, the rules, and a stream whose every
 * byte the test decides.
 */
export class XServer {
    readonly rules = new Map<string, ServedRule>();
    /** What was asked for, in order. */
    readonly requests: { method: string; url: URL; body: string; headers: IncomingMessage["headers"] }[] = [];
    /** Answers that the next requests get instead, by path. */
    readonly instead = new Map<string, Answer[]>();
    script: StreamScript = (connection) => connection.chunk("\r\n");
    private readonly identity = selfSigned();
    private readonly sockets = new Set<Socket>();
    private readonly failures: unknown[] = [];
    private ruleNumber = 1_273_026_480_692_322_304n;
    private streams = 0;
    private onRequest: () => void = () => undefined;
    private readonly server = createServer(
        { key: this.identity.key, cert: this.identity.certificate },
        (request, response) => {
            this.handle(request, response).catch((error: unknown) => {
                // A client that has gone is what some tests are about.
                if (!response.destroyed) this.failures.push(error);
                response.destroy();
            });
        },
    );

    static async start(): Promise<XServer> {
        const server = new XServer();
        server.server.on("connection", (socket: Socket) => {
            server.sockets.add(socket);
            socket.on("close", () => server.sockets.delete(socket));
            // A reset by the client is told here first.
            socket.on("error", () => undefined);
        });
        await new Promise<void>((resolve) => server.server.listen(0, "127.0.0.1", resolve));
        return server;
    }

    get url(): string {
        return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** The certificate, for whoever has to trust it. */
    get certificate(): string {
        return this.identity.certificate;
    }

    get streamsOpened(): number {
        return this.streams;
    }

    get socketsOpen(): number {
        return this.sockets.size;
    }

    /** Resolves when every client has closed its connections. */
    async allClosed(): Promise<void> {
        while (this.sockets.size > 0) {
            const [socket] = this.sockets;
            await new Promise((resolve) => socket?.once("close", resolve));
        }
    }

    /** Resolves when that path has been asked for so many times, counted from the start. */
    async requested(path: string, count: number): Promise<void> {
        while (this.requests.filter(({ url }) => url.pathname === path).length < count) {
            await new Promise<void>((resolve) => (this.onRequest = resolve));
        }
    }

    cutAll(): void {
        for (const socket of this.sockets) socket.destroy();
    }

    agent(): Agent {
        return new Agent({ ca: this.certificate });
    }

    addRule(value: string, tag?: string): ServedRule {
        const id = String((this.ruleNumber += 1n));
        const rule = tag === undefined ? { id, value } : { id, value, tag };
        this.rules.set(id, rule);
        return rule;
    }

    answerInstead(path: string, ...answers: Answer[]): void {
        this.instead.set(path, [...(this.instead.get(path) ?? []), ...answers]);
    }

    async close(): Promise<void> {
        const closed = new Promise((resolve) => this.server.close(resolve));
        this.cutAll();
        await closed;
        if (this.failures.length > 0) throw new AggregateError(this.failures, "The server failed.");
    }

    private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const pieces: Buffer[] = [];
        for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
        const body = Buffer.concat(pieces).toString();
        const url = new URL(request.url ?? "", this.url);
        const { method = "" } = request;
        this.requests.push({ method, url, body, headers: request.headers });
        this.onRequest();
        const answer = this.instead.get(url.pathname)?.shift() ?? this.answer(request, url.pathname, body);
        if (answer === "stream") await this.stream(request, response);
        else reply(response, answer);
    }

    private answer(request: IncomingMessage, path: string, body: string): Answer | "stream" {
        if (path === "/oauth2/token") return this.token(request, body);
        if (request.headers.authorization !== `Bearer ${BEARER_TOKEN}`) {
            return problem(401, "Unauthorized", "Unauthorized");
        }
        if (path === "/2/tweets/search/stream/rules") return this.editRules(request.method, body);
        if (path !== "/2/tweets/search/stream") return problem(404, "Not Found", `No ${path}`);
        return this.rules.size === 0 ? problem(409, "ConnectionException", "There are no rules.") : "stream";
    }

    private token({ headers }: IncomingMessage, body: string): Answer {
        const expected = `Basic ${Buffer.from(`${CONSUMER.key}:${CONSUMER.secret}`).toString("base64")}`;
        const errors = [{ code: 99, message: "Unable to verify your credentials", label: "authenticity_token_error" }];
        if (headers.authorization !== expected || body !== "grant_type=client_credentials") {
            return { status: 403, body: { errors } };
        }
        return { status: 200, body: { token_type: "bearer", access_token: BEARER_TOKEN } };
    }

    private editRules(method: string | undefined, body: string): Answer {
        const sent = new Date().toISOString();
        if (method === "GET") {
            const data = [...this.rules.values()];
            // X leaves `data` out when there are none.
            return {
                status: 200,
                body: { ...(data.length > 0 && { data }), meta: { sent, result_count: data.length } },
            };
        }
        const edit = JSON.parse(body) as { add?: { value: string; tag?: string }[]; delete?: { ids: string[] } };
        if (edit.delete !== undefined) {
            const gone = edit.delete.ids.filter((id) => this.rules.delete(id)).length;
            const summary = { deleted: gone, not_deleted: edit.delete.ids.length - gone };
            return { status: 200, body: { meta: { sent, summary } } };
        }
        const data: ServedRule[] = [];
        const errors: unknown[] = [];
        for (const { value, tag } of edit.add ?? []) {
            const same = [...this.rules.values()].find((rule) => rule.value === value);
            const type = "https://api.twitter.com/2/problems/";
            if (same !== undefined) {
                errors.push({ value, id: same.id, title: "DuplicateRule", type: `${type}duplicate-rules` });
            } else if (value.endsWith(":")) {
                const details = [`Operator ${value} needs a value (at position 1)`];
                errors.push({ value, details, title: "UnprocessableEntity", type: `${type}invalid-rules` });
            } else data.push(this.addRule(value, tag));
        }
        const summary = {
            created: data.length,
            not_created: errors.length,
            valid: data.length,
            invalid: errors.length,
        };
        const status = data.length === 0 ? 400 : 201;
        return {
            status,
            body: { ...(data.length > 0 && { data }), meta: { sent, summary }, ...(errors.length > 0 && { errors }) },
        };
    }

    private async stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
        this.streams += 1;
        response.setHeader("content-type", "application/json; charset=utf-8");
        await this.script({
            number: this.streams,
            request,
            response,
            chunk: (bytes) => new Promise((resolve) => response.write(bytes, () => resolve())),
            raw: (bytes) => new Promise((resolve) => request.socket.write(bytes, () => resolve())),
            cut: () => request.socket.destroy(),
            end: () => response.end(),
        });
    }
}

export function problem(status: number, title: string, detail: string): Answer {
    return { status, body: { title, detail, type: "about:blank", status } };
}

function reply(response: ServerResponse, { status, body, headers = {}, isEndless = false }: Answer): void {
    const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
    const type = typeof body === "string" ? "text/html" : "application/json; charset=utf-8";
    response.writeHead(status, { "content-type": type, ...headers }).write(text);
    if (!isEndless) response.end();
}
