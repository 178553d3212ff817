import { figures, pointOf, type Point } from "../../../local/page/figures";
import type { Reading } from "../../../local/page/reading";
import { startPageServer, type Endpoint, type SendEvent } from "../../../local/page/server";
import { reading } from "./readings";

export interface Stub {
    readonly address: string;
    readonly port: number;
    /** Tells the browsers that watch of the figures of this reading, counted from `before`. */
    tell(now: Partial<Reading>, before?: Partial<Reading>, more?: object): void;
    close(): Promise<void>;
}

export interface StubOptions {
    /** 0 for any free port. */
    readonly port?: number;
    readonly endpoints?: Readonly<Record<string, Endpoint>>;
    /** What a browser is told at first. */
    readonly now?: Partial<Reading>;
    readonly items?: readonly object[];
    /** Of the charts. */
    readonly points?: readonly Point[];
    /** How much there is of `logs`, `failed` and `denied`, for the panels. */
    readonly counts?: object;
}

/** The page with the figures of a test instead of a pipeline's. */
export async function startStub(options: StubOptions = {}): Promise<Stub> {
    const { port = 0, endpoints = {}, now: first = {}, items = [], points = [], counts = {} } = options;
    const watchers = new Set<SendEvent>();
    const shown = (now: Partial<Reading>, before: Partial<Reading> = now) => {
        const timeMs = Date.now();
        const earlier = reading({ timeMs: timeMs - 1_000, ...before });
        return figures(reading({ timeMs, ...now }), earlier, earlier);
    };
    const none = { logs: 0, failed: 0, denied: 0, ...counts };
    const server = await startPageServer({
        port,
        endpoints: {
            "/api/logs": async () => ({ value: { total: 0, events: [] } }),
            "/api/resources": async () => ({ value: [] }),
            ...endpoints,
        },
        onWatcher: (send) => {
            watchers.add(send);
            const pipeline = { tableName: "local-EventData" };
            const place = { endpointUrl: "http://127.0.0.1:1", region: "us-east-1", pipeline };
            send("start", { ...place, figures: shown(first), points, items, ...none });
            return () => watchers.delete(send);
        },
        openAdmin: () => Promise.reject(new Error("There is no table.")),
        onError: () => undefined,
    });
    return {
        address: `http://127.0.0.1:${server.port}`,
        port: server.port,
        tell: (now, before, more = {}) => {
            const told = shown(now, before);
            for (const send of watchers)
                send("figures", { figures: told, point: pointOf(told), items: [], ...none, ...more });
        },
        close: () => server.close(),
    };
}
