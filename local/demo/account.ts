import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeWireRecord, type WireRecord } from "../../wire-record";

/** An item of the table, as its attributes are read back. */
export interface StoredItem {
    readonly Username: string;
    readonly Id: string;
    readonly Timestamp: string;
    readonly Message: string;
    readonly Source: string;
}

/** What became of the posts that were sent. */
export interface Account {
    /** Posts that the stream accepted. */
    readonly sent: number;
    /** Posts that are in the table once, with the text that was sent. */
    readonly stored: number;
    /** Posts that are in the failed-events bucket, and not in the table. */
    readonly quarantined: number;
    /** Posts that are in neither. */
    readonly lost: number;
    /** Items of the table that are not one of the posts sent, or one of them once more. */
    readonly duplicates: number;
}

export interface Evidence {
    /** Every post that the producer was told to send. */
    readonly expected: Iterable<WireRecord>;
    /** How many of them the stream accepted, as the producer says. */
    readonly sent: number;
    /** Records that were sent on purpose although they are no posts; each is counted in `sent`. */
    readonly malformed: readonly Uint8Array[];
    /** Everything that is in the table. */
    readonly items: AsyncIterable<StoredItem>;
    /** The payload of every record that is in the failed-events bucket. */
    readonly failedPayloads: AsyncIterable<Uint8Array>;
    /** Told now and then how many items have been compared. */
    readonly onCompared?: (items: number) => void;
}

/** So many posts are made or compared in one go; then what waits has its turn, Ctrl-C among it. */
const POSTS_AT_ONCE = 1_000;

/** Compares what was sent with what is there, post by post. Timestamps are left out: they are made when a post is sent. */
export async function takeAccount(evidence: Evidence): Promise<Account> {
    const { expected, malformed, sent, items, failedPayloads, onCompared = () => undefined } = evidence;
    const missing = new Map<string, string>();
    for (const post of expected) {
        missing.set(keyOf(post.username, post.id), digest(post));
        if (missing.size % POSTS_AT_ONCE === 0) await nextTurn();
    }

    let stored = 0;
    let duplicates = 0;
    for await (const item of items) {
        const key = keyOf(item.Username, item.Id);
        if (missing.get(key) === digest({ message: item.Message, source: item.Source })) {
            missing.delete(key);
            stored += 1;
        } else {
            duplicates += 1;
        }
        if ((stored + duplicates) % POSTS_AT_ONCE === 0) onCompared(stored + duplicates);
    }

    let quarantined = 0;
    const missingMalformed = new Set(malformed.map(digestOfBytes));
    for await (const payload of failedPayloads) {
        const decoded = decodeWireRecord(payload);
        if (missingMalformed.delete(digestOfBytes(payload))) quarantined += 1;
        if (!decoded.ok) continue;
        const key = keyOf(decoded.record.username, decoded.record.id);
        // A batch that failed is kept whole: those of its posts that are stored by now are no longer missing.
        if (missing.get(key) === digest(decoded.record)) {
            missing.delete(key);
            quarantined += 1;
        }
    }
    return { sent, stored, quarantined, lost: Math.max(sent - stored - quarantined, 0), duplicates };
}

function keyOf(username: string, id: string): string {
    return `${username}\n${id}`;
}

function digestOfBytes(bytes: Uint8Array): string {
    return createHash("sha1").update(bytes).digest("base64");
}

/** Stands for the content of a post: a million of them take 100 MB less than their texts. */
function digest({ message, source }: Pick<WireRecord, "message" | "source">): string {
    return createHash("sha1").update(`${source}\n${message}`).digest("base64");
}
