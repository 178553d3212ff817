import type { ShardConsumer } from "./shard-consumer";

interface Waiter {
    /** Only reads with a larger number count. */
    readonly since: number;
    /** For each shard, how many records were in it at the first such read that reached its end. */
    readonly targets: Map<ShardConsumer, number>;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
}

/** Who waits until everything that is in the stream now is finished. */
export class Drain {
    private readonly waiters = new Set<Waiter>();
    private lastReadNumber = 0;

    /** Numbers the reads of all shards. */
    nextReadNumber(): number {
        this.lastReadNumber += 1;
        return this.lastReadNumber;
    }

    wait(): Promise<void> {
        return new Promise((resolve, reject) => {
            this.waiters.add({ since: this.lastReadNumber, targets: new Map(), resolve, reject });
        });
    }

    caughtUp(consumer: ShardConsumer, readNumber: number, readCount: number): void {
        for (const { since, targets } of this.waiters) {
            if (readNumber > since && !targets.has(consumer)) {
                targets.set(consumer, readCount);
            }
        }
    }

    /** Call after anything was read or finished, with every shard that is not consumed to its end. */
    check(consumers: Iterable<ShardConsumer>): void {
        if (this.waiters.size === 0) {
            return;
        }
        const open = Array.from(consumers);
        for (const waiter of this.waiters) {
            const isDrained = open.every(
                (consumer) => consumer.progress.checkpointCount >= (waiter.targets.get(consumer) ?? Infinity),
            );
            if (isDrained) {
                this.waiters.delete(waiter);
                waiter.resolve();
            }
        }
    }

    rejectAll(error: Error): void {
        for (const waiter of this.waiters) {
            waiter.reject(error);
        }
        this.waiters.clear();
    }
}
