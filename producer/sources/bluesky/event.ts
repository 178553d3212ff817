import { checkWireRecord, type WireRecord } from "../../../wire-record";

const COLLECTION = "app.bsky.feed.post";
/**
 * Jetstream takes a cursor below this for a sequence number, not for a time (docs/README.md of bluesky-social/jetstream, 5.1):
 * the time of an event is never as small.
 */
export const TIME_US_MIN = 1_000_000_000_000_000;
/** An author's clock may be as much ahead of Jetstream's. */
const CREATED_AHEAD_MS_MAX = 5 * 60_000;
/** Earlier ones are clocks that were never set, not older posts that someone brought along with their dates. */
const CREATED_MS_MIN = Date.UTC(2000, 0, 1);
const DATETIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** A post was made. `timeUs` is when Jetstream saw it, in microseconds since 1970. */
export interface PostCreated {
    kind: "post";
    timeUs: number;
    did: string;
    recordKey: string;
    /** As its author's client wrote it: anything. */
    record: Record<string, unknown>;
}

/** `other` is what is no new post: an edit, a removal, another collection, news of an account. */
export type JetstreamEvent = PostCreated | { kind: "other"; timeUs: number } | { kind: "invalid"; reason: string };

/** Reads a message of Jetstream's `/subscribe`. Never throws. */
export function readEvent(text: string): JetstreamEvent {
    let event: unknown;
    try {
        event = JSON.parse(text);
    } catch {
        return { kind: "invalid", reason: "not JSON" };
    }
    if (!isObject(event) || typeof event.kind !== "string") return { kind: "invalid", reason: '"kind" is missing' };
    const { time_us: timeUs, did, commit } = event;
    if (typeof timeUs !== "number" || !Number.isSafeInteger(timeUs) || timeUs < TIME_US_MIN) {
        return { kind: "invalid", reason: '"time_us" is not a time in microseconds' };
    }
    if (event.kind !== "commit") return { kind: "other", timeUs };
    if (!isObject(commit)) return { kind: "invalid", reason: '"commit" is missing' };
    if (commit.operation !== "create" || commit.collection !== COLLECTION) return { kind: "other", timeUs };
    const { rkey: recordKey, record } = commit;
    if (typeof did !== "string" || !did.startsWith("did:")) return { kind: "invalid", reason: '"did" is not a DID' };
    if (typeof recordKey !== "string" || recordKey === "") return { kind: "invalid", reason: '"rkey" is missing' };
    if (!isObject(record)) return { kind: "invalid", reason: '"record" is missing' };
    return { kind: "post", timeUs, did, recordKey, record };
}

export type BlueskyPost = { ok: true; record: WireRecord; isTimeReplaced: boolean } | { ok: false; reason: string };

/**
 * Turns a post into a wire record. Never throws.
 *
 * - The author is told by the DID, which stays the same for ever: events carry no handle, and a handle can change and pass on
 *   to someone else. `https://bsky.app/profile/<DID>/post/<id>` shows the post.
 * - The time is what the author's client says. Where that is malformed, before the year 2000, or later than Jetstream saw the
 *   post (five minutes are allowed for), the time at which Jetstream saw it stands for it.
 * - The lexicon of a post: https://docs.bsky.app/docs/advanced-guides/posts
 */
export function readBlueskyPost({ did, recordKey, record, timeUs }: PostCreated): BlueskyPost {
    const seenMs = Math.floor(timeUs / 1000);
    const createdMs = readCreatedAt(record.createdAt);
    const isTimeReplaced = !(createdMs >= CREATED_MS_MIN && createdMs <= seenMs + CREATED_AHEAD_MS_MAX);
    const result = checkWireRecord({
        username: did,
        id: recordKey,
        timestamp: new Date(isTimeReplaced ? seenMs : createdMs).toISOString(),
        message: record.text,
        source: "bluesky",
    });
    // The names are those of the post, which is what people can look up.
    if (!result.ok)
        return { ok: false, reason: result.reason.replace('"message"', '"text"').replace('"username"', '"did"') };
    return { ok: true, record: result.record, isTimeReplaced };
}

/** In milliseconds since 1970; NaN for what is no time or leaves the time zone open. */
function readCreatedAt(createdAt: unknown): number {
    const day = typeof createdAt === "string" ? DATETIME.exec(createdAt)?.[1] : undefined;
    if (day === undefined) return NaN;
    // Date.parse takes 30 February for 2 March; the day must come back as it was written.
    const midnight = new Date(`${day}T00:00:00Z`);
    const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
    return exists ? Date.parse(createdAt as string) : NaN;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
