import type { DynamoDbService } from "../dynamodb/service";
import { reached } from "../timings";
import { Latencies } from "./latency";

/** Watches items arrive in a table: how many, how fast, and how long after their post was made. */
export class Flow {
    /** Writes that succeeded; an item that is written again counts again. */
    stored = 0;
    private readonly listeners: (() => void)[] = [];
    private readonly latencies = new Latencies();
    private firstPostAt = Infinity;
    private firstItemAt = Infinity;
    private lastItemAt = 0;
    /** Ends the watching. */
    readonly stop: () => void;

    /** Items in the table: one that is written again is still one. */
    readonly items: () => number;

    constructor(dynamodb: DynamoDbService, tableName: string) {
        this.items = () => dynamodb.itemCount(tableName) ?? 0;
        this.stop = dynamodb.onWrite((write) => {
            if (write.tableName !== tableName) return;
            reached("the first post is stored");
            for (const { Timestamp } of write.put) this.add(String(Timestamp?.S), write.timeMs);
            for (const listener of this.listeners) listener();
        });
    }

    /** Calls the listener after each write, when it is counted. */
    onStored(listener: () => void): void {
        this.listeners.push(listener);
    }

    /**
     * `seconds` from the first post to the last item; `firstItemSeconds` from the start of this process.
     * @param stored how many posts are stored; an item may have been written more than once
     */
    measured(stored: number): {
        seconds: number;
        postsPerSecond: number;
        firstItemSeconds: number;
        latencyMs: { p50: number; p99: number };
    } {
        const seconds = this.stored === 0 ? 0 : Math.max((this.lastItemAt - this.firstPostAt) / 1000, 0.001);
        return {
            seconds,
            postsPerSecond: seconds === 0 ? 0 : stored / seconds,
            firstItemSeconds: (this.firstItemAt - performance.timeOrigin) / 1000,
            latencyMs: { p50: this.latencies.percentile(0.5), p99: this.latencies.percentile(0.99) },
        };
    }

    private add(timestamp: string, now: number): void {
        const postedAt = Date.parse(timestamp);
        this.stored += 1;
        this.latencies.add(now - postedAt);
        this.firstPostAt = Math.min(this.firstPostAt, postedAt);
        this.firstItemAt = Math.min(this.firstItemAt, now);
        this.lastItemAt = Math.max(this.lastItemAt, now);
    }
}
