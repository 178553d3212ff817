import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Admin } from "./admin";
import { ASSETS, readAsset } from "./assets";
import { ADMIN_HEADERS, PAGE_HEADERS, refusalOf } from "./guard";

/** A question of the page; what it answers is sent as JSON. `signal` is aborted when nobody waits for the answer any more. */
export type Endpoint = (query: URLSearchParams, signal: AbortSignal) => Promise<Answer>;

/** `undefined` as the value: there is no such thing. */
export interface Answer {
    readonly value: unknown;
}

/** Sends an event to one browser, unless it is too slow to take it now. */
export type SendEvent = (name: string, value: unknown) => void;

export interface PageServerOptions {
    /** 0 for any free port. */
    readonly port: number;
    readonly endpoints: Readonly<Record<string, Endpoint>>;
    /** A browser wants to be told what happens; returns what ends that. */
    readonly onWatcher: (send: SendEvent) => () => void;
    readonly openAdmin: () => Promise<Admin>;
    /** Told of a mistake of ours. */
    readonly onError: (error: unknown) => void;
}

export interface PageServer {
    readonly port: number;
    close(): Promise<void>;
}

const EVENTS_PATH = "/events";
const ADMIN = /^\/admin(\/|\?|$)/;
/** Browsers that are told what happens; one browser has six connections to a server at most. */
export const WATCHERS_MAX = 32;
/** What waits to be read by a browser: beyond it, that browser misses events. */
const WAITING_BYTES_MAX = 1024 * 1024;
const URL_CHARACTERS_MAX = 4_096;
const TEXT = { "content-type": "text/plain; charset=utf-8" };

/**
 * Serves the page on 127.0.0.1, to this machine's browsers alone: see guard.ts.
 * @throws an Error with the code EADDRINUSE where the port is taken
 */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
    const handler = new Handler(options);
    const server = createServer((request, response) => {
        handler.handle(request, response).catch((error: unknown) => {
            options.onError(error);
            if (!response.headersSent) response.writeHead(500, { ...PAGE_HEADERS, ...TEXT });
            response.end();
        });
    });
    await listen(server, options.port);
    const { port } = server.address() as AddressInfo;
    handler.port = port;
    return {
        port,
        close: async () => {
            const closed = new Promise<void>((resolve) => server.close(() => resolve()));
            server.closeAllConnections();
            await closed;
            await handler.close();
        },
    };
}

class Handler {
    port = 0;
    private readonly watchers = new Set<ServerResponse>();
    private admin: Promise<Admin> | undefined;

    constructor(private readonly options: PageServerOptions) {}

    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "GET", url = "/" } = request;
        const refusal = refusalOf(method, request.headers, this.port);
        if (refusal !== undefined) {
            reply(response, refusal.status, `${refusal.message}\n`);
        } else if (ADMIN.test(url)) {
            const { handle } = await this.openAdmin();
            for (const [name, value] of Object.entries(ADMIN_HEADERS)) response.setHeader(name, value);
            handle(request, response);
        } else if (method !== "GET" && method !== "HEAD") {
            reply(response, 405, "Only GET.\n", { allow: "GET, HEAD" });
        } else if (url.length > URL_CHARACTERS_MAX) {
            reply(response, 414, "The address is too long.\n");
        } else {
            await this.answer(url, method, response);
        }
    }

    async close(): Promise<void> {
        // That it could not be opened was told before.
        (await this.admin?.catch(() => undefined))?.close();
    }

    private openAdmin(): Promise<Admin> {
        this.admin ??= this.options.openAdmin().catch((error: unknown) => {
            this.admin = undefined; // The next request tries again.
            throw error;
        });
        return this.admin;
    }

    private async answer(url: string, method: string, response: ServerResponse): Promise<void> {
        // Not by URL, which takes `//` for the beginning of a host.
        const [pathname = ""] = url.split("?", 1);
        const asset = ASSETS.get(pathname);
        const { endpoints } = this.options;
        const endpoint = Object.hasOwn(endpoints, pathname) ? endpoints[pathname] : undefined;
        if (asset !== undefined) {
            const content = await readAsset(asset);
            response.writeHead(200, { ...PAGE_HEADERS, "content-type": asset.type, "content-length": content.length });
            response.end(method === "HEAD" ? undefined : content);
        } else if (pathname === EVENTS_PATH && method === "GET") {
            this.watch(response);
        } else if (endpoint !== undefined) {
            const gone = new AbortController();
            response.once("close", () => gone.abort());
            const { value } = await endpoint(new URLSearchParams(url.slice(pathname.length)), gone.signal);
            if (value === undefined) reply(response, 404, "There is no such thing (any more).\n");
            else reply(response, 200, JSON.stringify(value), { "content-type": "application/json" });
        } else {
            reply(response, 404, "There is no such page.\n");
        }
    }

    /** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
    private watch(response: ServerResponse): void {
        if (this.watchers.size >= WATCHERS_MAX) {
            reply(response, 503, `${WATCHERS_MAX} browsers are watching already.\n`);
            return;
        }
        this.watchers.add(response);
        response.writeHead(200, { ...PAGE_HEADERS, "content-type": "text/event-stream" });
        const end = this.options.onWatcher((name, value) => {
            if (response.writableLength > WAITING_BYTES_MAX) return;
            response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
        });
        response.once("close", () => {
            this.watchers.delete(response);
            end();
        });
    }
}

function reply(
    response: ServerResponse,
    status: number,
    text: string,
    headers: Readonly<Record<string, string>> = {},
): void {
    response.writeHead(status, { ...PAGE_HEADERS, ...TEXT, ...headers });
    response.end(text);
}

function listen(server: Server, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
            server.off("error", reject);
            resolve();
        });
    });
}
