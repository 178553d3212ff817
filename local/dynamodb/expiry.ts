import type { Item } from "./dynalite";
import type { ItemDatabase } from "./dynalite-store";

/** Items whose time is over are looked for at most this often, when their table is used. */
const SWEEP_INTERVAL_MS = 1_000;
/** At most this many items go at once; the rest follow at the next sweep. */
const EXPIRED_PER_SWEEP_MAX = 1_000;
/** DynamoDB takes a time further back than this for a mistake and leaves the item alone. */
const OLDEST_SECONDS = 5 * 365 * 86_400;

/**
 * Knows when each item of a table expires. AWS deletes expired items within days; here they go at the first use of the
 * table that comes a second or more after the last sweep.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
export class Expiry {
    private readonly secondsByKey = new Map<string, number>();
    private sweptMs = 0;

    /** @param attribute holds seconds since the epoch, as a number */
    constructor(
        private readonly items: ItemDatabase,
        private readonly attribute: string,
    ) {
        for (const [key, text] of items.contents.entries()) {
            this.put(key, JSON.parse(text) as Item);
        }
        items.observer = this;
    }

    /** The keys, in dynalite's form, of items that have expired, if it is time to look; they are then to be deleted. */
    *due(nowMs: number): Generator<{ key: string; item: Item }> {
        if (nowMs - this.sweptMs < SWEEP_INTERVAL_MS) {
            return;
        }
        this.sweptMs = nowMs;
        const now = nowMs / 1000;
        let left = EXPIRED_PER_SWEEP_MAX;
        for (const [key, seconds] of this.secondsByKey) {
            const text = seconds < now && seconds > now - OLDEST_SECONDS ? this.items.contents.get(key) : undefined;
            if (text !== undefined) {
                yield { key, item: JSON.parse(text) as Item };
                if (--left === 0) {
                    this.sweptMs = 0;
                    return;
                }
            }
        }
    }

    /** Stops watching the table's items. */
    stop(): void {
        this.items.observer = undefined;
    }

    put(key: string, item: Item): void {
        const seconds = Number(item[this.attribute]?.N ?? NaN);
        if (Number.isNaN(seconds)) {
            this.secondsByKey.delete(key);
        } else {
            this.secondsByKey.set(key, seconds);
        }
    }

    deleted(key: string): void {
        this.secondsByKey.delete(key);
    }
}
