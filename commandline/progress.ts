import { formatCount, formatSeconds, perSecond } from "./numbers";

const BAR_CHARACTERS = 24;
/** A shorter bar shows nothing: it makes room for what is written. */
const BAR_CHARACTERS_MIN = 8;
/** Of a terminal that does not say how wide it is, or says 0. */
const COLUMNS_DEFAULT = 80;
/** A terminal is redrawn this often. */
const REDRAW_MS = 100;
/** Without an end, the rate is that of the last while: of days, an average says nothing. */
const RATE_SECONDS = 10;
/** Elsewhere (a file, a pipe, a CI log) a line is printed this often. */
const LINE_MS = 10_000;

export interface ProgressState {
    done: number;
    /** Shown at the end of the line, as in `3 in flight`. */
    note?: string;
}

export interface ProgressOptions {
    /** What is going on, as in `sending`. */
    label: string;
    /** What is counted, in the plural, as in `posts`. */
    unit: string;
    /** Where it ends, if that is known: then a terminal shows a bar. */
    total?: number | undefined;
    /** Asked whenever something is drawn. */
    read: () => ProgressState;
    /** Default: standard error, so that standard output holds results alone. */
    output?: ProgressOutput;
    now?: () => number;
}

export interface ProgressOutput {
    write: (text: string) => unknown;
    isTTY?: boolean;
    columns?: number;
}

export interface Progress {
    /** Prints a line (a warning, a found item) above the progress. */
    print: (line: string) => void;
    /** Draws the last state and stops drawing. To be called also when the work fails, best in a `finally`. */
    stop: () => void;
}

/**
 * Shows how far a piece of work is: a line that is redrawn in place on a terminal, a plain line every ten seconds
 * elsewhere and in CI. It does not keep the process alive.
 */
export function startProgress(options: ProgressOptions): Progress {
    const { output = process.stderr, now = () => performance.now(), read } = options;
    const live = isLive(output);
    const startedAt = now();
    const recent = new RecentRate();
    const line = (isLast: boolean) => {
        const state = read();
        const seconds = (now() - startedAt) / 1000;
        recent.add(seconds, state.done);
        const rate = options.total === undefined && !isLast ? recent.perSecond() : perSecond(state.done, seconds);
        return formatProgress({ ...options, ...state, seconds, rate, bar: live, columns: columnsOf(output) });
    };
    const erase = live ? "\r\u001b[2K" : "";
    const draw = (end: string, isLast = false) => {
        const text = line(isLast);
        output.write(`${erase}${live ? Array.from(text).slice(0, columnsOf(output)).join("") : text}${end}`);
    };
    const timer = setInterval(() => draw(live ? "" : "\n"), live ? REDRAW_MS : LINE_MS).unref();
    let stopped = false;
    return {
        print: (text) => {
            output.write(`${erase}${text}\n`);
            if (live && !stopped) draw("");
        },
        stop: () => {
            if (stopped) return;
            stopped = true;
            clearInterval(timer);
            draw("\n", true);
        },
    };
}

/** True where a line can be redrawn. CI services show every state of such a line one after the other. */
export function isLive(output: ProgressOutput, environment: NodeJS.ProcessEnv = process.env): boolean {
    const { CI: ci = "", TERM: terminal } = environment;
    return output.isTTY === true && terminal !== "dumb" && (ci === "" || ci === "false");
}

/** One column is left free: a line that fills the last one wraps on some terminals. */
function columnsOf({ columns = 0 }: ProgressOutput): number {
    return (columns > 0 ? columns : COLUMNS_DEFAULT) - 1;
}

interface Line extends ProgressState {
    label: string;
    unit: string;
    total?: number | undefined;
    seconds: number;
    /** Per second. */
    rate: number;
    bar: boolean;
    /** How wide the terminal is: a bar that would push what is written off it is shorter, or left out. */
    columns?: number;
}

/** `sending ━━━━━━━━────────  41%  410/1,000 posts, 5,120 posts/s, 0.08 s, 3 in flight` */
export function formatProgress({ label, unit, total, done, note, seconds, rate, bar, columns }: Line): string {
    const facts = [
        `${formatCount(done)}${total === undefined ? "" : `/${formatCount(total)}`} ${unit}`,
        `${formatCount(rate)} ${unit}/s`,
        formatSeconds(seconds),
    ];
    if (note !== undefined && note !== "") facts.push(note);
    const written = facts.join(", ");
    if (!bar || total === undefined) return `${label}: ${written}`;
    const share = total === 0 ? 1 : Math.min(done / total, 1);
    // Rounded down: 100% is said only when it is true.
    const rest = `${`${Math.floor(share * 100)}%`.padStart(4)}  ${written}`;
    return `${label} ${formatBar(share, (columns ?? Infinity) - `${label}  ${rest}`.length)}${rest}`;
}

function formatBar(share: number, room: number): string {
    const width = Math.min(BAR_CHARACTERS, room);
    if (width < BAR_CHARACTERS_MIN) return "";
    const full = Math.floor(share * width);
    return `${"━".repeat(full)}${"─".repeat(width - full)} `;
}

class RecentRate {
    /** The oldest is `RATE_SECONDS` old, or was the last before that. */
    private readonly samples: { seconds: number; done: number }[] = [{ seconds: 0, done: 0 }];

    add(seconds: number, done: number): void {
        this.samples.push({ seconds, done });
        while ((this.samples[1]?.seconds ?? Infinity) <= seconds - RATE_SECONDS) this.samples.shift();
    }

    perSecond(): number {
        const first = this.samples[0];
        const last = this.samples.at(-1);
        if (first === undefined || last === undefined) return 0;
        return perSecond(last.done - first.done, last.seconds - first.seconds);
    }
}
