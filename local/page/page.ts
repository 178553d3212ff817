import type { Cloud } from "../cloud";
import type { DeployedResource } from "../deployment/monitor";
import type { Properties } from "../deployment/values";
import { explainPortError } from "../port-error";
import { showFailedEvent } from "./failed-event";
import { cutText, NEWEST_CHARACTERS_MAX, searchItems, showItem } from "./items";
import { Monitor, type NewItem } from "./monitor";
import { showResources } from "./resources";
import { startPageServer, type Answer, type Endpoint, type SendEvent } from "./server";

export interface PageOptions {
    /** 0 for any free port. */
    readonly port: number;
    readonly cloud: Cloud;
    /** What the program exports. */
    readonly outputs: Properties;
    /** What is deployed by now. */
    readonly resources: () => readonly DeployedResource[];
}

export interface Page {
    /** `http://127.0.0.1:PORT` */
    readonly address: string;
    close(): Promise<void>;
}

/** Items at the start, and with each of the figures: more than ten a second nobody can read. */
const ITEMS_SENT_MAX = 30;
const ITEMS_WITH_FIGURES_MAX = 5;
/** Objects and lines in one answer; there may be more. */
const FAILED_EVENTS_SENT_MAX = 200;
const LOG_EVENTS_SENT_MAX = 300;
const LOG_CHARACTERS_MAX = 4_000;

/**
 * Serves a page that shows the pipeline, live.
 * @throws UsageError where it cannot listen on the port
 */
export async function startPage({ port, cloud, outputs, resources }: PageOptions): Promise<Page> {
    const name = (output: string) => String(outputs.values[output]);
    const monitor = new Monitor(cloud, {
        streamName: name("kinesisStream"),
        functionName: name("eventProcessor"),
        tableName: name("eventDataTable"),
        bucketName: name("failedEventsBucket"),
    });
    try {
        const server = await startPageServer({
            port,
            endpoints: endpointsOf(cloud, monitor, () => showResources(resources(), outputs)),
            onWatcher: (send) => tellWatcher(cloud, monitor, send),
            // dynamodb-admin and its web framework take half a second to load, which only those wait for who look at it.
            openAdmin: async () => (await import("./admin")).openAdmin(cloud),
            onError: cloud.onInternalFailure,
        });
        const close = async () => {
            monitor.stop();
            await server.close();
        };
        return { address: `http://127.0.0.1:${server.port}`, close };
    } catch (error) {
        monitor.stop();
        throw explainPortError(error, { port, option: "--ui-port", purpose: " for the page" });
    }
}

/** Tells a browser what there is, and from then on what happens. */
function tellWatcher(cloud: Cloud, monitor: Monitor, send: SendEvent): () => void {
    const { endpointUrl, region } = cloud;
    const { items, logs, pipeline } = monitor;
    let itemsSent = items.total;
    const counts = () => ({ logs: logs.total, failed: monitor.failedChanges, denied: monitor.deniedTotal });
    send("start", {
        endpointUrl,
        region,
        pipeline,
        ...monitor.history(),
        items: items.since(0, ITEMS_SENT_MAX).map(toNewest),
        ...counts(),
    });
    return monitor.watch((figures, point) => {
        const fresh = items.since(itemsSent, ITEMS_WITH_FIGURES_MAX).map(toNewest);
        itemsSent = items.total;
        send("figures", { figures, point, items: fresh, ...counts() });
    });
}

function toNewest({ item, timeMs }: NewItem) {
    return { ...showItem(item, NEWEST_CHARACTERS_MAX), storedMs: timeMs };
}

function endpointsOf(cloud: Cloud, monitor: Monitor, resources: () => unknown): Readonly<Record<string, Endpoint>> {
    const { failedEvents, logs, pipeline } = monitor;
    return {
        "/api/items": async (query, signal) => {
            const [username, id] = [query.get("username") ?? "", query.get("id") ?? ""];
            if (username === "" && id === "") return answer({ items: [], searched: 0, complete: true });
            return answer(await searchItems(cloud.dynamodb, pipeline.tableName, { username, id }, signal));
        },
        "/api/failed-events": async (query) => {
            const skipped = countIn(query, "skip");
            const events = failedEvents.newest(skipped + FAILED_EVENTS_SENT_MAX).slice(skipped);
            return answer({ objects: failedEvents.objects, events });
        },
        "/api/failed-event": async (query) => {
            const key = query.get("key") ?? "";
            if (!failedEvents.has(key)) return answer(undefined);
            return answer(showFailedEvent(await cloud.s3.getObject(failedEvents.bucket, key), countIn(query, "skip")));
        },
        "/api/logs": async (query) => {
            const events = logs.since(countIn(query, "since"), LOG_EVENTS_SENT_MAX).map(({ timestampMs, message }) => ({
                timeMs: timestampMs,
                message: cutText(message, LOG_CHARACTERS_MAX),
            }));
            return answer({ total: logs.total, events });
        },
        "/api/resources": async () => answer(resources()),
        "/api/denied": async () => answer(monitor.denied()),
    };
}

/** 0 where it is no count. */
function countIn(query: URLSearchParams, name: string): number {
    return Math.max(Number.parseInt(query.get(name) ?? "", 10) || 0, 0);
}

function answer(value: unknown): Answer {
    return { value };
}
