import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { bareResponse } from "./responses";

export type WireRequest = IncomingMessage | Http2ServerRequest;
export type WireResponse = ServerResponse | Http2ServerResponse;

export interface Listener {
    readonly port: number;
    /** Stops listening and closes every connection, also those with a request under way. */
    close(): Promise<void>;
}

/** How an HTTP/2 client with prior knowledge begins; no HTTP/1.1 method begins with these letters. */
const HTTP2_PREFACE = Buffer.from("PRI");
/** A connection must say something within this time. */
const FIRST_BYTES_MS_MAX = 60_000;
/** Longer than clients keep idle connections, so that it is the client that closes them. */
const KEEP_ALIVE_MS = 120_000;
const HTTP2_STREAMS_MAX = 256;
/** Enough for a request of PutRecords to arrive without waiting for window updates. */
const HTTP2_WINDOW_BYTES = 1024 * 1024;

/**
 * Listens on 127.0.0.1 for HTTP/1.1 and for HTTP/2 without TLS on one port, told apart by a connection's first bytes.
 * @param port 0 for any free one
 * @param onConnectionError told of connections that break or do not speak HTTP; they concern no one else
 * @throws an Error with the code EADDRINUSE where the port is taken
 */
export async function listen(
    port: number,
    onRequest: (request: WireRequest, response: WireResponse) => void,
    onConnectionError: (error: Error) => void,
): Promise<Listener> {
    const sockets = new Set<Socket>();
    const http1 = createHttp1Server({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest);
    http1.on("clientError", (error, socket) => {
        onConnectionError(error);
        socket.end(socket.writable ? bareResponse(400) : undefined);
    });
    const http2 = createHttp2Server(
        { settings: { maxConcurrentStreams: HTTP2_STREAMS_MAX, initialWindowSize: HTTP2_WINDOW_BYTES } },
        onRequest,
    );
    http2.on("session", (session) => session.setLocalWindowSize(HTTP2_WINDOW_BYTES));
    http2.on("sessionError", onConnectionError);

    const server = createServer({ noDelay: true }, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        socket.on("error", onConnectionError);
        socket.setTimeout(FIRST_BYTES_MS_MAX, () => socket.destroy());
        peek(socket, (isHttp2) => {
            socket.setTimeout(0);
            if (isHttp2) {
                // Reads what was put back by itself, and all else below the socket.
                http2.emit("connection", socket);
            } else {
                http1.emit("connection", socket);
                socket.resume();
            }
        });
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => reject(explainListenError(error, port)));
        server.listen(port, "127.0.0.1", resolve);
    });
    return {
        port: (server.address() as AddressInfo).port,
        close: async () => {
            const closed = new Promise<void>((resolve) => server.close(() => resolve()));
            sockets.forEach((socket) => socket.destroy());
            await closed;
        },
    };
}

/** Waits for enough bytes to tell the protocol, and puts them back to be read again. */
function peek(socket: Socket, decided: (isHttp2: boolean) => void): void {
    const chunks: Buffer[] = [];
    const onReadable = (): void => {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) {
            return;
        }
        chunks.push(chunk);
        const start = Buffer.concat(chunks);
        const common = Math.min(start.length, HTTP2_PREFACE.length);
        const isHttp2 = start.subarray(0, common).equals(HTTP2_PREFACE.subarray(0, common));
        if (isHttp2 && common < HTTP2_PREFACE.length) {
            return;
        }
        socket.removeListener("readable", onReadable);
        socket.pause();
        socket.unshift(start);
        decided(isHttp2);
    };
    socket.on("readable", onReadable);
}

function explainListenError(error: NodeJS.ErrnoException, port: number): Error {
    if (error.code !== "EADDRINUSE") {
        return error;
    }
    const message = `Port ${port} of 127.0.0.1 is taken by another process.`;
    return Object.assign(new Error(message, { cause: error }), { code: error.code, syscall: error.syscall, port });
}
