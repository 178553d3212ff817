import type { InvocationStatus } from "./invocation";

/** What is kept of one function's log; the oldest lines go first. */
export const LOG_LINES_MAX = 10_000;
export const LOG_BYTES_MAX = 8 * 1024 * 1024;
/** CloudWatch takes log events of at most 1 MB (PutLogEvents); a longer line is cut. */
export const LOG_LINE_CHARACTERS_MAX = 1024 * 1024;

export interface LogEvent {
    readonly functionName: string;
    readonly logStreamName: string;
    readonly timestampMs: number;
    /** Without the line feed at its end; may contain others. */
    readonly message: string;
}

/** The log group of one function, bounded: a long run does not fill the memory. */
export class FunctionLog {
    private events: LogEvent[] = [];
    private bytes = 0;
    private dropped = 0;

    constructor(
        private readonly functionName: string,
        private readonly listener: (event: LogEvent) => void,
    ) {}

    append(logStreamName: string, text: string): void {
        const message = text.length > LOG_LINE_CHARACTERS_MAX ? text.slice(0, LOG_LINE_CHARACTERS_MAX) : text;
        const event = { functionName: this.functionName, logStreamName, timestampMs: Date.now(), message };
        this.events.push(event);
        this.bytes += message.length;
        this.trim();
        this.listener(event);
    }

    /** Oldest first. */
    read(): readonly LogEvent[] {
        return this.events.slice(this.dropped);
    }

    private trim(): void {
        while (this.events.length - this.dropped > LOG_LINES_MAX || this.bytes > LOG_BYTES_MAX) {
            this.bytes -= this.events[this.dropped]?.message.length ?? 0;
            this.dropped += 1;
        }
        // Shifting an array of this length once per line would cost more than the line.
        if (this.dropped > LOG_LINES_MAX) {
            this.events = this.events.slice(this.dropped);
            this.dropped = 0;
        }
    }
}

export interface InvocationReport {
    readonly requestId: string;
    readonly status: InvocationStatus;
    readonly durationMs: number;
    readonly memorySizeMb: number;
    /** Undefined when the process ended without telling. */
    readonly memoryUsedMb: number | undefined;
    /** Of the first invocation of an environment. */
    readonly initDurationMs: number | undefined;
}

export type LogFormat = "Text" | "JSON";

/** The lines that Lambda itself writes around an invocation: START, and END with REPORT. */
export function startLine(format: LogFormat, requestId: string): string {
    return format === "JSON"
        ? platformEvent("platform.start", { requestId, version: "$LATEST" })
        : `START RequestId: ${requestId} Version: $LATEST`;
}

export function reportLines(format: LogFormat, report: InvocationReport): string[] {
    if (format === "JSON") {
        return [platformEvent("platform.report", jsonReport(report))];
    }
    const { requestId, status, durationMs, memorySizeMb, memoryUsedMb, initDurationMs } = report;
    const fields = [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${durationMs.toFixed(2)} ms`,
        `Billed Duration: ${billedMs(report)} ms`,
        `Memory Size: ${memorySizeMb} MB`,
        ...(memoryUsedMb === undefined ? [] : [`Max Memory Used: ${memoryUsedMb} MB`]),
        ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
        ...(status === "success" ? [] : [`Status: ${status}`]),
    ];
    return [`END RequestId: ${requestId}`, fields.join("\t")];
}

function jsonReport(report: InvocationReport): object {
    return {
        requestId: report.requestId,
        status: report.status,
        metrics: {
            durationMs: report.durationMs,
            billedDurationMs: billedMs(report),
            memorySizeMB: report.memorySizeMb,
            maxMemoryUsedMB: report.memoryUsedMb,
            initDurationMs: report.initDurationMs,
        },
    };
}

/** Since August 2025 Lambda bills the initialization of every function. */
function billedMs(report: InvocationReport): number {
    return Math.ceil(report.durationMs + (report.initDurationMs ?? 0));
}

function platformEvent(type: string, record: object): string {
    return JSON.stringify({ time: new Date().toISOString(), type, record });
}
