/** From the most detail to the least: a function's log has what is of the configured level, and what comes after it. */
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

export type LogLevel = (typeof LEVELS)[number];

/** `LoggingConfig.ApplicationLogLevel`: what the function itself writes. */
export const APPLICATION_LOG_LEVELS: readonly LogLevel[] = LEVELS;

/** `LoggingConfig.SystemLogLevel`: what Lambda writes about the function. */
export const SYSTEM_LOG_LEVELS: readonly LogLevel[] = ["DEBUG", "INFO", "WARN"];

/** What Lambda takes where the format is JSON and no level is given. */
export const LOG_LEVEL_DEFAULT = "INFO";

/** RFC 3339, which is what Lambda reads of a line's `timestamp`. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

export function isLogged(level: LogLevel, configured: LogLevel): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(configured);
}

/**
 * The level of a line that a function has written, in the format JSON: what its field `level` says, in capital letters or not.
 * A line without one that is known, without a valid `timestamp`, or that is no JSON object is INFO. Source:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export function levelOfLine(line: string): LogLevel {
    if (!line.startsWith("{")) return LOG_LEVEL_DEFAULT;
    let value: unknown;
    try {
        value = JSON.parse(line);
    } catch {
        return LOG_LEVEL_DEFAULT; // Text that looks like an object.
    }
    const { level, timestamp } = value as Record<string, unknown>;
    if (typeof timestamp !== "string" || !TIMESTAMP.test(timestamp)) return LOG_LEVEL_DEFAULT;
    return LEVELS.find((each) => typeof level === "string" && each === level.toUpperCase()) ?? LOG_LEVEL_DEFAULT;
}
