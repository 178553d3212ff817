import { setImmediate as nextTurn } from "node:timers/promises";
import type { Surroundings } from "../../producer/surroundings";

interface Timer {
    at: number;
    callback: () => void;
}

/** A clock that goes on when everything has come to rest: minutes of waiting take no time, and always the same course. */
export class VirtualTime {
    private current = 0;
    private readonly timers = new Set<Timer>();

    now(): number {
        return this.current;
    }

    /** Timers that have been set and neither fired nor been cancelled. */
    get pending(): number {
        return this.timers.size;
    }

    surroundings(random: () => number): Surroundings {
        return {
            now: () => this.current,
            after: (milliseconds, callback) => this.after(milliseconds, callback),
            nextTurn: () => Promise.resolve(),
            random,
        };
    }

    /** Resolves after that time. */
    sleep(milliseconds: number): Promise<void> {
        return new Promise((resolve) => this.after(milliseconds, resolve));
    }

    /** Lets everything that needs no time happen. */
    async settle(): Promise<void> {
        for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    }

    /** Lets time pass until the promise settles, and answers as it does. Fails if it never will. */
    async run(promise: Promise<void>): Promise<void> {
        const state = { settled: false };
        const end = () => (state.settled = true);
        promise.then(end, end);
        for (;;) {
            await this.settle();
            if (state.settled) return promise;
            if (!this.fireNext(Infinity)) throw new Error("Nothing is left that could happen.");
        }
    }

    async runFor(milliseconds: number): Promise<void> {
        const end = this.current + milliseconds;
        do await this.settle();
        while (this.fireNext(end));
        this.current = end;
    }

    private after(milliseconds: number, callback: () => void): () => void {
        const timer = { at: this.current + milliseconds, callback };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
    }

    private fireNext(end: number): boolean {
        let next: Timer | undefined;
        for (const timer of this.timers) if (next === undefined || timer.at < next.at) next = timer;
        if (next === undefined || next.at > end) return false;
        this.current = Math.max(this.current, next.at);
        this.timers.delete(next);
        next.callback();
        return true;
    }
}
