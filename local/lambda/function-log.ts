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
