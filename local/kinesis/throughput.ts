import {
    SHARD_READ_BYTES_PER_SECOND,
    SHARD_READ_CALLS_PER_SECOND,
    SHARD_WRITE_BYTES_PER_SECOND,
    SHARD_WRITE_RECORDS_PER_SECOND,
} from "./limits";

const DAY_MS = 86_400_000;

/**
 * What a shard takes in: two token buckets, of one second's records and one second's bytes. Times are milliseconds of the
 * service's clock.
 */
export class WriteLimit {
    #records = SHARD_WRITE_RECORDS_PER_SECOND;
    #bytes = SHARD_WRITE_BYTES_PER_SECOND;
    #filledAt: number;

    constructor(now: number) {
        this.#filledAt = now;
    }

    /**
     * Takes one record, or says no. A record larger than a second's bytes, which a stream may allow, is taken from a full
     * bucket and leaves it in debt: "temporarily bursting beyond its sustained write throughput" (Handle large records).
     */
    take(bytes: number, now: number): boolean {
        this.#fill(now);
        if (this.#records < 1 || this.#bytes < Math.min(bytes, SHARD_WRITE_BYTES_PER_SECOND)) return false;
        this.#records -= 1;
        this.#bytes -= bytes;
        return true;
    }

    #fill(now: number): void {
        if (now <= this.#filledAt) {
            // A clock set back must not stop the refill until it has caught up.
            this.#filledAt = now;
            return;
        }
        const seconds = (now - this.#filledAt) / 1000;
        this.#filledAt = now;
        this.#records = Math.min(
            SHARD_WRITE_RECORDS_PER_SECOND,
            this.#records + seconds * SHARD_WRITE_RECORDS_PER_SECOND,
        );
        this.#bytes = Math.min(SHARD_WRITE_BYTES_PER_SECOND, this.#bytes + seconds * SHARD_WRITE_BYTES_PER_SECOND);
    }
}

/** How often something may be done in a second: a token bucket that holds one second's worth. */
export class CallRate {
    #calls: number;
    #filledAt = -Infinity;

    constructor(readonly perSecond: number) {
        this.#calls = perSecond;
    }

    /** Counts a call, or says no. */
    take(now: number): boolean {
        // A clock set back must not stop the refill until it has caught up.
        const seconds = Math.max(0, now - this.#filledAt) / 1000;
        this.#filledAt = now;
        this.#calls = Math.min(this.perSecond, this.#calls + seconds * this.perSecond);
        if (this.#calls < 1) return false;
        this.#calls -= 1;
        return true;
    }
}

/** How often an operation may be called on a stream in any 24 hours. */
export class DailyLimit {
    #calls: number[] = [];

    constructor(readonly callsMax: number) {}

    /** Counts a call, or says no. */
    take(now: number): boolean {
        this.#calls = this.#calls.filter((at) => at > now - DAY_MS);
        if (this.#calls.length >= this.callsMax) return false;
        this.#calls.push(now);
        return true;
    }
}

/**
 * What a shard gives out. One call may return more than a second's bytes; it is then paid for with time: "GetRecords can
 * return up to 10 MiB; if a call returns this amount, subsequent calls made within the next 5 seconds throw". Hence a
 * window of one second that a large read makes longer, and not a bucket.
 */
export class ReadLimit {
    #startedAt = -Infinity;
    #calls = 0;
    #bytes = 0;

    /** Counts a call, or says no. */
    take(now: number): boolean {
        const seconds = Math.max(1, this.#bytes / SHARD_READ_BYTES_PER_SECOND);
        if (now >= this.#startedAt + seconds * 1000 || now < this.#startedAt) {
            this.#startedAt = now;
            this.#calls = 0;
            this.#bytes = 0;
        }
        if (this.#calls >= SHARD_READ_CALLS_PER_SECOND || this.#bytes >= SHARD_READ_BYTES_PER_SECOND) return false;
        this.#calls += 1;
        return true;
    }

    /** Charges what the call returned. */
    charge(bytes: number): void {
        this.#bytes += bytes;
    }
}
