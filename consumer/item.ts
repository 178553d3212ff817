import { decodeWireRecord } from "../wire-record";
import type { WireRecord } from "../wire-record";
import { isAggregate } from "./aggregation";
import { replayOf } from "./version";
import type { Version } from "./version";

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
    /**
     * Of the Kinesis record in which the post was first in the stream: the version of the item. A replay brings it along, so
     * that it never puts an older version in the place of a later one.
     */
    SequenceNumber: string;
    /** The place in that record, where it is not the first of several that the Kinesis Producer Library packed into it. */
    SubSequenceNumber?: number;
    /** When DynamoDB may remove the item, seconds since 1970; without it, never. */
    ExpiresAt?: number;
}

/** A value that can never become an item is an answer here, and not an exception. */
export type ItemResult = { ok: true; item: Item; isReplay: boolean } | { ok: false; reason: string };

/** DynamoDB: an item has at most 400 KB, attribute names and UTF-8 values together (quotas page; dynalite agrees). */
export const ITEM_BYTES_MAX = 400 * 1024;
/** What a number can take at most (DynamoDB item sizes and formats in the developer guide). */
const NUMBER_BYTES_MAX = 21;
/** What an item can have that is not in the data of its record: names, sequence number (of 56 digits), two numbers. */
const ITEM_OVERHEAD_BYTES_MAX = 256;

/**
 * Reads the bytes of a record that is at the given place in the stream. Never throws.
 * @param expiresAt when the item may be removed, seconds since 1970; undefined for never
 */
export function decodeItem(data: Uint8Array, place: Version, expiresAt?: number): ItemResult {
    if (isAggregate(data)) return { ok: false, reason: "a damaged aggregate of the Kinesis Producer Library" };
    const result = decodeWireRecord(data);
    if (!result.ok) return result;
    const original = replayOf(data);
    const post = toItem(result.record, original ?? place);
    const item = expiresAt === undefined ? post : { ...post, ExpiresAt: expiresAt };
    // Its values are in the data, where JSON makes none of them shorter: a short record needs no counting.
    const bytes = data.length + ITEM_OVERHEAD_BYTES_MAX > ITEM_BYTES_MAX ? itemBytes(item) : 0;
    if (bytes > ITEM_BYTES_MAX) {
        return {
            ok: false,
            reason: `the item has ${bytes} bytes, more than the ${ITEM_BYTES_MAX} that DynamoDB takes`,
        };
    }
    return { ok: true, item, isReplay: original !== undefined };
}

function toItem({ username, id, timestamp, message, source }: WireRecord, version: Version): Item {
    const { sequenceNumber, subSequenceNumber } = version;
    return {
        Username: username,
        Id: id,
        Timestamp: timestamp,
        Message: message,
        Source: source,
        SequenceNumber: sequenceNumber,
        ...(subSequenceNumber > 0 && { SubSequenceNumber: subSequenceNumber }),
    };
}

/** Of the record in which the post was first in the stream. */
export function versionOf({ SequenceNumber, SubSequenceNumber = 0 }: Item): Version {
    return { sequenceNumber: SequenceNumber, subSequenceNumber: SubSequenceNumber };
}

/** The size of an item as DynamoDB counts it. */
export function itemBytes(item: Item): number {
    let bytes = 0;
    for (const [name, value] of Object.entries(item) as [string, string | number][]) {
        bytes += Buffer.byteLength(name, "utf8");
        bytes += typeof value === "string" ? Buffer.byteLength(value, "utf8") : NUMBER_BYTES_MAX;
    }
    return bytes;
}

/** One text for each pair of hash and range key, whatever characters they have. */
export function itemKey({ Username, Id }: Item): string {
    return `${Username.length}:${Username}${Id}`;
}
