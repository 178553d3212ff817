import { setImmediate as nextTurn } from "node:timers/promises";

/** Time and chance, passed in so that tests rule them. */
export interface Surroundings {
    /** In milliseconds, from any start. */
    now: () => number;
    /** Calls back after that time, unless the returned function is called before. */
    after: (milliseconds: number, callback: () => void) => () => void;
    /** Lets the event loop handle what has arrived. */
    nextTurn: () => Promise<void>;
    /** From 0 (included) to 1 (excluded). */
    random: () => number;
}

/** Those of a command that runs. */
export const surroundings: Surroundings = {
    now: () => performance.now(),
    after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
    },
    nextTurn: () => nextTurn(),
    random: Math.random,
};
