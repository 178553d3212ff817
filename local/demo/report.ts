import { formatTable } from "../../commandline/table";
import { timings } from "../timings";
import type { Account, StoredItem } from "./account";

/** What a demo found out. */
export interface Result extends Account {
    /** From the first post to the last item. */
    readonly seconds: number;
    readonly postsPerSecond: number;
    /** From the start of the command to the first item. */
    readonly firstItemSeconds: number;
    /** From the making of a post to its item. */
    readonly latencyMs: { readonly p50: number; readonly p99: number };
    /** A few of the items. */
    readonly items: readonly StoredItem[];
    /** How often each fault was injected, where faults were asked for. */
    readonly faults: Readonly<Record<string, number>> | undefined;
    /** Every post was sent, and is stored once or quarantined. */
    readonly complete: boolean;
}

const COLUMNS_DEFAULT = 100;
const USERNAME_COLUMNS = 14;
const ID_COLUMNS = 19;
/** `08:04:30.059` of the timestamp: all items are of today. */
const TIME_COLUMNS = 12;
/** Five lines, and a space on either side of four cells. */
const FRAME_COLUMNS = 13;
const MESSAGE_COLUMNS_LEAST = 16;

/** A table as wide as the terminal. */
export function itemsTable(items: readonly StoredItem[], terminalColumns = 0): string {
    const columns = terminalColumns > 0 ? Math.min(terminalColumns, COLUMNS_DEFAULT) : COLUMNS_DEFAULT;
    const others = USERNAME_COLUMNS + ID_COLUMNS + TIME_COLUMNS + FRAME_COLUMNS;
    return formatTable({
        head: ["Username", "Id", "Time (UTC)", "Message"],
        rows: items.map(({ Username, Id, Timestamp, Message }) => [Username, Id, Timestamp.slice(11, 23), Message]),
        widths: [USERNAME_COLUMNS, ID_COLUMNS, TIME_COLUMNS, Math.max(columns - others, MESSAGE_COLUMNS_LEAST)],
    });
}

export function accountTable(result: Result): string {
    const { sent, stored, quarantined, lost, duplicates } = result;
    return formatTable({
        rows: [
            ["sent", sent],
            ["stored", stored],
            ["quarantined", quarantined],
            ["lost", lost],
            ["duplicates", duplicates],
            ["seconds", rounded(result.seconds, 2)],
            ["posts per second", rounded(result.postsPerSecond, 0)],
            ["latency p50, ms", rounded(result.latencyMs.p50, 0)],
            ["latency p99, ms", rounded(result.latencyMs.p99, 0)],
            ["first item after, s", rounded(result.firstItemSeconds, 2)],
        ],
    });
}

/** Which faults were injected, and how often. */
export function faultsTable(faults: Readonly<Record<string, number>>): string {
    return formatTable({ head: ["injected fault", "times"], rows: Object.entries(faults) });
}

/** What the time until the first stored post was spent on. */
export function timingsTable(): string {
    let beforeMs = 0;
    const rows = timings().map(({ moment, atMs }) => {
        const row = [moment, rounded(atMs, 0), rounded(atMs - beforeMs, 0)] as const;
        beforeMs = atMs;
        return row;
    });
    return formatTable({ head: ["moment", "ms", "+ ms"], rows });
}

export function jsonLine(result: Result): string {
    const { sent, stored, quarantined, lost, duplicates } = result;
    return JSON.stringify({
        ...{ sent, stored, quarantined, lost, duplicates },
        seconds: rounded(result.seconds, 3),
        postsPerSecond: rounded(result.postsPerSecond, 0),
        latencyMs: { p50: rounded(result.latencyMs.p50, 0), p99: rounded(result.latencyMs.p99, 0) },
        firstItemSeconds: rounded(result.firstItemSeconds, 3),
        // Left out where it is undefined.
        faults: result.faults,
    });
}

function rounded(value: number, digits: number): number {
    return Number(value.toFixed(digits));
}
