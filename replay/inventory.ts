import { formatTable } from "../commandline/table";
import type { Bundle, Loaded } from "./failed-record";

/** A bundle that was looked at: what there is to know of it without its records. */
export interface Surveyed {
    readonly bundle: Bundle;
    /** The lowest position in it. */
    readonly first: bigint;
    readonly records: number;
    readonly expired: number;
    readonly bytes: number;
}

interface Row {
    records: number;
    readonly bundles: Set<Bundle>;
    firstMs: number;
    lastMs: number;
}

/** Rows of the table, and entries in `--json`; the rest is summed up. An item that is too large has its size in its reason. */
const REASONS_MAX = 20;
const OTHER_REASONS = "other reasons";

/** What is there to be replayed: how many records, why they failed, and when they arrived. */
export class Inventory {
    readonly surveyed: Surveyed[] = [];
    private readonly rows = new Map<string, Row & { origin: string; reason: string }>();
    private readonly reasons = new Map<string, number>();
    private firstMs = Infinity;
    private lastMs = -Infinity;
    /** Records that are gone for good. */
    expired = 0;
    /** Bundles that were listed and not there any more. */
    gone = 0;

    /** Counts what was read of a bundle. */
    add(bundle: Bundle, { records, bytes, expired }: Loaded): void {
        this.expired += expired;
        const [some] = records;
        if (some === undefined) return;
        let first = some.position;
        for (const { position, reason, arrivalMs } of records) {
            if (position < first) first = position;
            const shown = this.reasons.has(reason) || this.reasons.size < REASONS_MAX ? reason : OTHER_REASONS;
            this.reasons.set(shown, (this.reasons.get(shown) ?? 0) + 1);
            this.count(bundle, shown, arrivalMs);
        }
        this.surveyed.push({ bundle, first, records: records.length, expired, bytes });
    }

    get records(): number {
        return this.surveyed.reduce((sum, { records }) => sum + records, 0);
    }

    toJson() {
        const isEmpty = this.surveyed.length === 0;
        return {
            objects: this.surveyed.length,
            records: this.records,
            reasons: Object.fromEntries(this.reasons),
            firstArrival: isEmpty ? null : isoTime(this.firstMs),
            lastArrival: isEmpty ? null : isoTime(this.lastMs),
        };
    }

    /** For people; empty if there is nothing. */
    toTable(): string {
        if (this.rows.size === 0) return "";
        const rows = Array.from(this.rows.values())
            .sort((a, b) => (a.origin === b.origin ? b.records - a.records : a.origin < b.origin ? 1 : -1))
            .map(({ origin, reason, records, bundles, firstMs, lastMs }) => [
                origin,
                reason,
                records,
                bundles.size,
                isoTime(firstMs),
                isoTime(lastMs),
            ]);
        return formatTable({
            head: ["from", "reason", "records", "objects", "first arrival", "last arrival"],
            rows,
            cellCharactersMax: 60,
        });
    }

    private count(bundle: Bundle, reason: string, arrivalMs: number): void {
        const key = `${bundle.origin} ${reason}`;
        let row = this.rows.get(key);
        if (row === undefined) {
            row = {
                origin: bundle.origin,
                reason,
                records: 0,
                bundles: new Set(),
                firstMs: Infinity,
                lastMs: -Infinity,
            };
            this.rows.set(key, row);
        }
        row.records += 1;
        row.bundles.add(bundle);
        row.firstMs = Math.min(row.firstMs, arrivalMs);
        row.lastMs = Math.max(row.lastMs, arrivalMs);
        this.firstMs = Math.min(this.firstMs, arrivalMs);
        this.lastMs = Math.max(this.lastMs, arrivalMs);
    }
}

/** To the second, in UTC. */
function isoTime(milliseconds: number): string {
    return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
