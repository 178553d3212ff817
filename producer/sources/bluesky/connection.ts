import type WebSocket from "ws";
import { printable } from "../../../commandline/text";
import type { Surroundings } from "../../surroundings";
import { EVENT_BYTES_MAX } from "./endpoint";

const HANDSHAKE_MS_MAX = 10_000;
/** Jetstream leaves out what is above `EVENT_BYTES_MAX`; a message above this ends the connection before it fills the memory. */
export const MESSAGE_BYTES_MAX = 2 * EVENT_BYTES_MAX;
/**
 * The connection is looked at this often. Jetstream pings every 30 s. After an interval in which nothing at all came, it is
 * pinged; after another one it is given up. One that has lasted for an interval is steady.
 */
export const WATCH_MS = 15_000;

export interface ConnectionSettings {
    url: URL;
    /** Aborted to end it at once. */
    signal: AbortSignal;
    after: Surroundings["after"];
    /** Begins without reading. */
    isPaused: boolean;
    /** Given up after so many intervals of `WATCH_MS` without a message, whatever else comes. */
    quietIntervalsMax: number;
    onOpen: () => void;
    /** A message, text or binary. */
    onMessage: (data: Buffer, isBinary: boolean) => void;
}

export interface ConnectionEnd {
    /** For people, in a few words. */
    reason: string;
    hasOpened: boolean;
    /** It lasted for `WATCH_MS` or longer. */
    wasSteady: boolean;
    /** What came breaks the protocol or is too large: it may well come again. */
    isUnreadable: boolean;
}

/** One WebSocket connection to a Jetstream instance, from the attempt to connect until nothing is left of it. */
export class Connection {
    /** Resolves when it has ended, for whatever reason; never rejects. */
    readonly ended: Promise<ConnectionEnd>;
    private readonly socket: WebSocket;
    private readonly end: ConnectionEnd = { reason: "", hasOpened: false, wasSteady: false, isUnreadable: false };
    private isPaused: boolean;
    private isOver = false;
    /** Anything came in this interval. */
    private wasHeard = true;
    private isPingOut = false;
    private quietIntervals = 0;
    private cancelTimer: () => void;

    constructor(private readonly settings: ConnectionSettings) {
        this.isPaused = settings.isPaused;
        const socket = new (loadWebSocket())(settings.url, {
            maxPayload: MESSAGE_BYTES_MAX,
            // It would cost the server more than anything else, as its makers measured, and a message could swell in memory.
            perMessageDeflate: false,
        });
        this.socket = socket;
        this.cancelTimer = settings.after(HANDSHAKE_MS_MAX, () => this.giveUp("it did not answer"));
        socket.on("open", () => this.opened());
        socket.on("message", (data, isBinary) => {
            if (this.isOver) return;
            this.wasHeard = true;
            this.quietIntervals = 0;
            // Buffers, as `binaryType` is left at its default.
            settings.onMessage(data as Buffer, isBinary);
        });
        socket.on("ping", () => (this.wasHeard = true));
        socket.on("pong", () => (this.wasHeard = true));
        socket.on("unexpected-response", (_, response) => {
            response.destroy();
            this.giveUp(`it answered with the HTTP status ${response.statusCode ?? 0}`);
        });
        socket.on("error", (error) => {
            this.end.isUnreadable ||= this.end.hasOpened && !this.isOver && isProtocolError(error);
            this.giveUp(reasonOf(error));
        });
        this.ended = this.untilClosed();
    }

    /** Stops reading: what the server sends waits at the server, which ends the connection if that lasts. */
    pause(): void {
        this.isPaused = true;
        this.socket.pause();
    }

    resume(): void {
        this.isPaused = false;
        this.wasHeard = true;
        this.socket.resume();
    }

    private opened(): void {
        this.end.hasOpened = true;
        this.cancelTimer();
        if (this.isPaused) this.socket.pause();
        this.watch();
        this.settings.onOpen();
    }

    private watch(): void {
        this.cancelTimer = this.settings.after(WATCH_MS, () => {
            this.end.wasSteady = true;
            if (!this.isPaused) this.look();
            if (!this.isOver) this.watch();
        });
    }

    private look(): void {
        this.quietIntervals += 1;
        if (this.wasHeard) {
            this.wasHeard = false;
            this.isPingOut = false;
        } else if (this.isPingOut) {
            this.giveUp("it fell silent");
        } else {
            this.socket.ping();
            this.isPingOut = true;
        }
        if (this.quietIntervals > this.settings.quietIntervalsMax) this.giveUp("it sent no more events");
    }

    private giveUp(reason: string): void {
        if (this.isOver) return;
        this.isOver = true;
        this.end.reason = reason;
        this.socket.terminate();
    }

    private async untilClosed(): Promise<ConnectionEnd> {
        const { signal } = this.settings;
        const stop = () => this.giveUp("stopped");
        signal.addEventListener("abort", stop, { once: true });
        if (signal.aborted) stop();
        await new Promise<void>((resolve) => {
            this.socket.once("close", (code, reason) => {
                if (!this.isOver) this.end.reason = closeReason(code, reason.toString("utf8"));
                this.isOver = true;
                resolve();
            });
        });
        signal.removeEventListener("abort", stop);
        this.cancelTimer();
        return this.end;
    }
}

function closeReason(code: number, reason: string): string {
    // 1005 and 1006 stand for a close without a code and for none at all.
    if (code === 1006) return "the connection broke";
    const said = reason === "" ? "" : `: ${printable(reason, 60)}`;
    return `it closed the connection${code === 1005 ? "" : ` with ${code}`}${said}`;
}

/** ws gives these codes to what the receiving side finds wrong with what came. */
function isProtocolError(error: Error): boolean {
    return "code" in error && typeof error.code === "string" && error.code.startsWith("WS_ERR_");
}

/** `connect ECONNREFUSED 127.0.0.1:6008`; an error of several addresses has the text in its parts. */
function reasonOf(error: Error): string {
    const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
    const { message } = first instanceof Error ? first : error;
    return printable(message === "" ? error.name : message, 100);
}

/** It takes 20 ms to load, and other sources do not need it. */
function loadWebSocket(): typeof WebSocket {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a constructor cannot wait for import()
    return require("ws") as typeof WebSocket;
}
