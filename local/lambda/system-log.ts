import type { InvocationStatus } from "./invocation";
import { isLogged, LOG_LEVEL_DEFAULT, type LogLevel } from "./log-level";

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

export interface SystemLogOptions {
    /** `Text` when left out. */
    readonly logFormat?: LogFormat;
    /** For the format JSON: the text has no levels. */
    readonly systemLogLevel?: LogLevel;
}

/**
 * The lines that Lambda itself writes about a function. In the format JSON each event has a level, and those below the
 * configured one are left out ("System log level event mapping" in
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html; the events are those of the Telemetry
 * API).
 */
export class SystemLog {
    private readonly isJson: boolean;
    private readonly level: LogLevel;

    constructor({ logFormat, systemLogLevel }: SystemLogOptions) {
        this.isJson = logFormat === "JSON";
        this.level = systemLogLevel ?? LOG_LEVEL_DEFAULT;
    }

    start(requestId: string): string[] {
        return this.isJson
            ? this.event("INFO", "platform.start", { requestId, version: "$LATEST" })
            : [`START RequestId: ${requestId} Version: $LATEST`];
    }

    end(report: InvocationReport): string[] {
        if (!this.isJson) return [`END RequestId: ${report.requestId}`, textReport(report)];
        const { requestId, status, durationMs } = report;
        const isSuccess = status === "success";
        return [
            ...this.event(isSuccess ? "DEBUG" : "WARN", "platform.runtimeDone", {
                requestId,
                status,
                metrics: { durationMs },
            }),
            ...this.event(isSuccess ? "INFO" : "WARN", "platform.report", jsonReport(report)),
        ];
    }

    /** An initialization that took too long. */
    initTimeout(durationMs: number): string[] {
        const initializationType = "on-demand";
        return this.isJson
            ? this.event("WARN", "platform.initReport", {
                  initializationType,
                  phase: "init",
                  status: "timeout",
                  metrics: { durationMs },
              })
            : [`INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: init\tStatus: timeout`];
    }

    private event(level: LogLevel, type: string, record: object): string[] {
        return isLogged(level, this.level) ? [JSON.stringify({ time: new Date().toISOString(), type, record })] : [];
    }
}

function textReport(report: InvocationReport): string {
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
    return fields.join("\t");
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
