import type { Fault } from "./fault";
import type { EventOutcome } from "./process-event";

/** Where the metrics of the function are in CloudWatch; the alarms and the dashboard name them too. */
export const METRIC_NAMESPACE = "StreamProcessing";

/** Different errors in one line of the log; more than these do not tell more. */
export const ERRORS_LOGGED_MAX = 5;

export interface Invocation {
    requestId: string;
    functionName: string;
    /** Milliseconds since 1970. */
    startedMs: number;
    finishedMs: number;
}

/**
 * The one line of JSON that the function logs for an invocation. It holds no part of a record: not its text, its author, or
 * its key. `timestamp` and `level` are what Lambda reads of it (log-level filtering, in the developer guide), `_aws` is what
 * CloudWatch Logs makes the metrics QuarantinedRecords and FailedRecords from, without a request of the function (embedded metric
 * format specification). A record that fails, is delivered again and fails again counts each time.
 */
export function summaryLine(outcome: EventOutcome, invocation: Invocation): string {
    const { records, stored, retried, quarantined, failed, faults, lastArrivalMs } = outcome;
    const { requestId, functionName, startedMs, finishedMs } = invocation;
    const line = {
        timestamp: new Date(finishedMs).toISOString(),
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
        FunctionName: functionName,
        QuarantinedRecords: quarantined,
        FailedRecords: failed,
        _aws: {
            Timestamp: finishedMs,
            CloudWatchMetrics: [
                {
                    Namespace: METRIC_NAMESPACE,
                    Dimensions: [["FunctionName"]],
                    Metrics: ["QuarantinedRecords", "FailedRecords"].map((Name) => ({ Name, Unit: "Count" })),
                },
            ],
        },
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
