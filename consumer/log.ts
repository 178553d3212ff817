import type { Fault } from "./fault";
import type { EventOutcome } from "./process-event";

/** Different errors in one line of the log; more than these do not tell more. */
export const ERRORS_LOGGED_MAX = 5;

export interface Invocation {
    requestId: string;
    /** Milliseconds since 1970. */
    startedMs: number;
    finishedMs: number;
}

/**
 * The one line of JSON that the function logs for an invocation. It is a line of its own, so that metric filters can read
 * it, and holds no part of a record: not its text, its author, or its key.
 */
export function summaryLine(outcome: EventOutcome, { requestId, startedMs, finishedMs }: Invocation): string {
    const { records, stored, retried, quarantined, failed, faults, lastArrivalMs } = outcome;
    const line = {
        level: levelOf(outcome),
        message: `stored ${stored}, quarantined ${quarantined} and failed ${failed} of ${records} records`,
        requestId,
        records,
        stored,
        retried,
        quarantined,
        failed,
        milliseconds: finishedMs - startedMs,
        // As Lambda's own metric IteratorAge: the age of the last record when the function received it.
        iteratorAgeMs: lastArrivalMs === undefined ? 0 : Math.max(0, startedMs - lastArrivalMs),
        ...(faults.length > 0 && { errors: countFaults(faults) }),
    };
    return JSON.stringify(line);
}

function levelOf({ failed, quarantined }: EventOutcome): "info" | "warn" | "error" {
    if (failed > 0) return "error";
    return quarantined > 0 ? "warn" : "info";
}

function countFaults(faults: Fault[]): { name: string; message: string; count: number }[] {
    const counts = new Map<string, { name: string; message: string; count: number }>();
    for (const { name, message } of faults) {
        const key = `${name}: ${message}`;
        const entry = counts.get(key);
        if (entry === undefined) counts.set(key, { name, message, count: 1 });
        else entry.count++;
    }
    return [...counts.values()].slice(0, ERRORS_LOGGED_MAX);
}
