import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

export const TIME_US = 1_780_000_000_000_000;

export interface EventDetails {
    timeUs?: number;
    did?: string;
    recordKey?: string;
    operation?: string;
    collection?: string;
    record?: unknown;
}

/** An event as Jetstream's `/subscribe` sends it. */
export function event(details: EventDetails = {}): string {
    const { timeUs = TIME_US, did = "did:plc:ada", recordKey = "3kaaa", operation = "create" } = details;
    const { collection = "app.bsky.feed.post" } = details;
    const record = "record" in details ? details.record : post();
    const commit = { rev: "3kaab", operation, collection, rkey: recordKey, record, cid: "bafyrei" };
    return JSON.stringify({ did, time_us: timeUs, kind: "commit", commit });
}

export function post(text = "hello", createdAt: unknown = new Date(TIME_US / 1000).toISOString()) {
    return { $type: "app.bsky.feed.post", text, createdAt, langs: ["en"] };
}

/** The event of the post number `index`: one every millisecond. */
export function numbered(index: number, text = `post ${index}`): string {
    return event({ timeUs: TIME_US + index * 1000, recordKey: `key${index}`, record: post(text) });
}

export interface Client {
    socket: WebSocket;
    /** The connection below, for what the protocol does not allow. */
    raw: Socket;
    url: URL;
    /** Sends everything from the cursor on, or nothing without one. */
    replay: () => void;
}

/**
 * A Jetstream instance that remembers every event and replays from a cursor. What it does with a connection is that of
 * `script`, if there is something left in it, for one connection after the other; else it replays, and sends what is pushed.
 */
export class JetstreamServer {
    readonly script: ((client: Client) => void)[] = [];
    readonly log: string[] = [];
    /** With what addresses it was connected to. */
    readonly urls: URL[] = [];
    readonly port: number;
    readonly url: string;

    private constructor(private readonly server: WebSocketServer) {
        ({ port: this.port } = server.address() as AddressInfo);
        this.url = `ws://127.0.0.1:${this.port}/subscribe`;
        server.on("connection", (socket, request) => this.connected(socket, request));
    }

    static async start(options: { autoPong?: boolean; port?: number } = {}): Promise<JetstreamServer> {
        const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
        await once(server, "listening");
        return new JetstreamServer(server);
    }

    /** Connections that are open. */
    get open(): number {
        return this.server.clients.size;
    }

    push(...events: readonly string[]): void {
        this.log.push(...events);
        for (const client of this.server.clients) for (const each of events) client.send(each);
    }

    /** Resolves when the client's connection is gone. */
    async abandoned(): Promise<void> {
        await Promise.all([...this.server.clients].map((client) => once(client, "close")));
    }

    /** Resolves at the next connection, after its script has run. */
    async connection(): Promise<Client> {
        const [socket, request] = (await once(this.server, "connection")) as [WebSocket, IncomingMessage];
        return this.client(socket, request);
    }

    async stop(): Promise<void> {
        for (const client of this.server.clients) client.terminate();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private connected(socket: WebSocket, request: IncomingMessage): void {
        const client = this.client(socket, request);
        this.urls.push(client.url);
        const act = this.script.shift();
        if (act === undefined) client.replay();
        else act(client);
    }

    private client(socket: WebSocket, request: IncomingMessage): Client {
        const url = new URL(request.url ?? "", this.url);
        const cursorUs = Number(url.searchParams.get("cursor") ?? Infinity);
        const replay = () => {
            for (const each of this.log) {
                if ((JSON.parse(each) as { time_us: number }).time_us >= cursorUs) socket.send(each);
            }
        };
        return { socket, raw: request.socket, url, replay };
    }
}

/** A text frame of a server, as bytes. */
export function frame(text: string | Uint8Array, opcode = 0x81): Buffer {
    const payload = Buffer.from(text);
    const { length } = payload;
    const head =
        length < 126
            ? Buffer.from([opcode, length])
            : length < 65_536
              ? Buffer.from([opcode, 126, length >> 8, length & 255])
              : Buffer.from([opcode, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >> shift) & 255)]);
    return Buffer.concat([head, payload]);
}
