/**
 * The wire record: one post as it travels through the stream, one JSON object in UTF-8 per Kinesis record, with the
 * partition key `username`. It is the one file that producer and consumer share; the consumer's copy is serialized into
 * the function, so everything here is a plain function.
 */
export interface WireRecord {
    /** The author's handle: partition key of the stream and hash key of the table. 1 to 256 characters. */
    username: string;
    /** The post's identifier at its source: range key of the table. 1 to 1,024 bytes of UTF-8. */
    id: string;
    /** When the post was made: ISO 8601 with a time zone, as in `2026-11-23T06:00:00.000Z`. */
    timestamp: string;
    /** The text of the post; may be empty. */
    message: string;
    /** Where the post comes from: `x`, `bluesky`, `sample`, … */
    source: string;
}

/** A value that is no wire record is the answer, not an exception: the caller decides what becomes of it. */
export type WireRecordResult = { ok: true; record: WireRecord } | { ok: false; reason: string };

/**
 * Kinesis: a partition key has at most 256 Unicode characters (PutRecordsRequestEntry in the API reference). That is
 * within the 2,048 bytes of a DynamoDB hash key.
 */
export const USERNAME_CHARACTERS_MAX = 256;
/** DynamoDB: a range key has at most 1,024 bytes (quotas page). */
export const ID_BYTES_MAX = 1024;

export function encodeWireRecord(record: WireRecord): Uint8Array {
    const { username, id, timestamp, message, source } = record;
    return Buffer.from(JSON.stringify({ username, id, timestamp, message, source }), "utf8");
}

/** Reads the bytes of a Kinesis record. Never throws. */
export function decodeWireRecord(bytes: Uint8Array): WireRecordResult {
    let text: string;
    try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        return { ok: false, reason: "not UTF-8" };
    }
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        return { ok: false, reason: "not JSON" };
    }
    return checkWireRecord(value);
}

/** Checks a parsed JSON value. Fields that a wire record does not have are left out of the result. Never throws. */
export function checkWireRecord(value: unknown): WireRecordResult {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return { ok: false, reason: "not a JSON object" };
    }
    const fields = value as Record<string, unknown>;
    for (const name of ["username", "id", "timestamp", "message", "source"]) {
        const field = fields[name];
        if (field === undefined) return { ok: false, reason: `"${name}" is missing` };
        if (typeof field !== "string") return { ok: false, reason: `"${name}" is not a string` };
        // A lone surrogate has no UTF-8 form: it would arrive in the table as another character.
        if (/\p{Surrogate}/u.test(field)) return { ok: false, reason: `"${name}" is not well-formed Unicode` };
        if (field === "" && name !== "message") return { ok: false, reason: `"${name}" is empty` };
    }
    const { username, id, timestamp, message, source } = fields as unknown as WireRecord;
    // Most have fewer UTF-16 units than that, and so fewer characters too: those need no counting.
    if (username.length > USERNAME_CHARACTERS_MAX && Array.from(username).length > USERNAME_CHARACTERS_MAX) {
        return { ok: false, reason: `"username" has more than ${USERNAME_CHARACTERS_MAX} characters` };
    }
    if (Buffer.byteLength(id, "utf8") > ID_BYTES_MAX) {
        return { ok: false, reason: `"id" has more than ${ID_BYTES_MAX} bytes` };
    }
    if (!isTimestamp(timestamp)) return { ok: false, reason: '"timestamp" is not an ISO 8601 time with a time zone' };
    return { ok: true, record: { username, id, timestamp, message, source } };
}

/** True for `2026-02-28T23:59:59Z` and `2026-02-28T23:59:59.123+01:00`, false for a day or a time that does not exist. */
function isTimestamp(text: string): boolean {
    const match = /^(\d{4}-\d{2}-(\d{2}))T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.exec(text);
    if (match === null || Number.isNaN(Date.parse(text))) return false;
    const [, date = "", day] = match;
    // Date.parse takes 30 February for 2 March; a day that not every month has must come back as it was written.
    return Number(day) <= 28 || new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}
