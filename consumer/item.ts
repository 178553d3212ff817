import { decodeWireRecord } from "../wire-record";
import type { WireRecord } from "../wire-record";
import { isAggregate } from "./aggregation";

/** One post in the table. */
export interface Item {
    /** Hash key. */
    Username: string;
    /** Range key. */
    Id: string;
    /** ISO 8601, as the producer wrote it. */
    Timestamp: string;
    Message: string;
    Source: string;
}

/** A value that can never become an item is an answer here, and not an exception. */
export type ItemResult = { ok: true; item: Item } | { ok: false; reason: string };

/** DynamoDB: an item has at most 400 KB, attribute names and UTF-8 values together (quotas page; dynalite agrees). */
export const ITEM_BYTES_MAX = 400 * 1024;

/** Reads the bytes of a record. Never throws. */
export function decodeItem(data: Uint8Array): ItemResult {
    if (isAggregate(data)) return { ok: false, reason: "a damaged aggregate of the Kinesis Producer Library" };
    const result = decodeWireRecord(data);
    if (!result.ok) return result;
    const item = toItem(result.record);
    const bytes = itemBytes(item);
    if (bytes > ITEM_BYTES_MAX) {
        return {
            ok: false,
            reason: `the item has ${bytes} bytes, more than the ${ITEM_BYTES_MAX} that DynamoDB takes`,
        };
    }
    return { ok: true, item };
}

export function toItem({ username, id, timestamp, message, source }: WireRecord): Item {
    return { Username: username, Id: id, Timestamp: timestamp, Message: message, Source: source };
}

/** The size of an item as DynamoDB counts it. */
export function itemBytes(item: Item): number {
    let bytes = 0;
    for (const [name, value] of Object.entries(item) as [string, string][]) {
        bytes += Buffer.byteLength(name, "utf8") + Buffer.byteLength(value, "utf8");
    }
    return bytes;
}

/** One text for each pair of hash and range key, whatever characters they have. */
export function itemKey({ Username, Id }: Item): string {
    return `${Username.length}:${Username}${Id}`;
}
