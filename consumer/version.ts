/**
 * Where a record was first in the stream, which tells the later one of two versions of a post. Records that the Kinesis Producer
 * Library packed into one share its sequence number.
 */
export interface Version {
    /** Decimal, up to 129 digits, so that it is a string. */
    sequenceNumber: string;
    /** The place among the records that share the sequence number, from 0. */
    subSequenceNumber: number;
}

/** Sorts the older version first. */
export function compareVersions(a: Version, b: Version): number {
    return compareSequenceNumbers(a.sequenceNumber, b.sequenceNumber) || a.subSequenceNumber - b.subSequenceNumber;
}

/**
 * Decimal numbers without leading zeros, which is how Kinesis writes them, are in order when the shorter text comes first
 * and equally long ones are sorted as text.
 */
function compareSequenceNumbers(a: string, b: string): number {
    if (a.length !== b.length) return a.length - b.length;
    if (a === b) return 0;
    return a < b ? -1 : 1;
}

/**
 * What a replay adds to the JSON of a record that it sends again (replay/mark.ts): the version that the record had at first, as in
 * `"4968…386"`, or `"4968…386:3"` for the fourth record of a pack. It says which of two versions of a post is the later one,
 * when the older one comes after it.
 */
export const MARK = "replayOf";

/** The mark as it stands in the text of JSON; in a message its quotation marks are escaped. */
const MARK_IN_JSON = `"${MARK}":`;

/** Kinesis: `0|([1-9]\d{0,128})` (Record in the API reference). */
const MARK_VALUE = /^(0|[1-9]\d{0,128})(?::([1-9]\d{0,8}))?$/;

export function markOf({ sequenceNumber, subSequenceNumber }: Version): string {
    return subSequenceNumber === 0 ? sequenceNumber : `${sequenceNumber}:${subSequenceNumber}`;
}

/** The version that a record had at first; undefined if it is not marked as replayed. Never throws. */
export function replayOf(data: Uint8Array): Version | undefined {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    // Nearly no record is a replayed one: they are not parsed a second time for this.
    if (!bytes.includes(MARK_IN_JSON)) return undefined;
    let mark: unknown;
    try {
        mark = (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> | null)?.[MARK];
    } catch {
        return undefined;
    }
    const [, sequenceNumber, place = "0"] = (typeof mark === "string" ? MARK_VALUE.exec(mark) : undefined) ?? [];
    return sequenceNumber === undefined ? undefined : { sequenceNumber, subSequenceNumber: Number(place) };
}
