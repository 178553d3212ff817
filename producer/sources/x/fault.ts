import { printable } from "../../../commandline/text";

/** Why a request of ours, or the connection, came to nothing; the kind says what to do about it. */
export interface Fault {
    kind:
        | /** Below HTTP, or a connection that ended: try again soon. */ "network"
        | /** X is in trouble: try again later. */ "http"
        | /** Too many requests or connections: try again much later. */ "rate limit"
        | /** The rules of the stream are gone: add them again. */ "no rules"
        | /** It will not pass by itself. */ "refused";
    /** For people: one line, no full stop, no secret. */
    reason: string;
    /** In how many milliseconds X takes requests again, if it said so; below 0 if that was before it answered. */
    resetInMs?: number;
    /** An error that nobody expected: a bug of ours or of the library. */
    bug?: Error;
}

/** Thrown by the requests of an `XApi`. */
export class XFault extends Error {
    constructor(readonly fault: Fault) {
        super(fault.reason);
        this.name = "XFault";
    }
}

/** What X answered instead of what was asked for. */
export interface Refusal {
    status: number;
    /** Parsed, if it was JSON. */
    body: unknown;
    /** The limits that X named in the answer's headers. */
    limits: readonly { remaining: number; /** In seconds since 1970. */ reset: number }[];
    /** When that was by X's clock, in milliseconds since 1970: ours may be set wrong. */
    answeredAtMs: number;
}

/** How many characters of what X says are shown. */
const DETAIL_CHARACTERS_MAX = 300;
/** Client errors that pass: time-out, conflict, too early, and the two of rate limits. */
const PASSING_STATUSES = new Set([408, 409, 420, 425, 429]);

/** https://docs.x.com/x-api/fundamentals/response-codes-and-errors */
export function faultOfRefusal({ status, body, limits, answeredAtMs }: Refusal): Fault {
    const detail = detailOf(body);
    const reason = detail === "" ? `X answered ${status}` : `X answered ${status}: ${detail}`;
    // The budget or the cap of a month: as good as a refusal for a program that waits.
    if (status === 402 || isProblem(body, "UsageCapExceeded", "usage-capped")) {
        return { kind: "refused", reason: `${reason} (the account's credits or its cap; see X's developer console)` };
    }
    if (status === 409) return { kind: "no rules", reason };
    if (status === 429 || status === 420) {
        const used = limits.filter(({ remaining, reset }) => remaining === 0 && Number.isFinite(reset));
        if (used.length === 0) return { kind: "rate limit", reason };
        const resetAtMs = Math.max(...used.map(({ reset }) => reset)) * 1000;
        return { kind: "rate limit", reason, resetInMs: resetAtMs - answeredAtMs };
    }
    if (status === 401 || status === 403) {
        const remedy = "check the credentials, and that their app may read the filtered stream";
        return { kind: "refused", reason: `${reason} (${remedy})` };
    }
    return { kind: status < 500 && !PASSING_STATUSES.has(status) ? "refused" : "http", reason };
}

/**
 * A message of the stream that is a problem instead of a post, `{"errors": [{"title": …}]}`; X ends the connection after it.
 * https://docs.x.com/x-api/fundamentals/handling-disconnections
 */
export function faultOfProblem(message: Record<string, unknown>): Fault {
    const reason = `X ended the stream: ${detailOf(message) || printable(JSON.stringify(message), DETAIL_CHARACTERS_MAX)}`;
    if (isProblem(message, "operational-disconnect", "operational-disconnect")) return { kind: "network", reason };
    // "Your client has gone away": it was too slow, or thought to be.
    if (isProblem(message, "client-disconnected", "client-disconnected")) return { kind: "network", reason };
    if (problemsOf(message).some(({ connection_issue: issue }) => issue === "RuleConfigurationIssue")) {
        return { kind: "no rules", reason };
    }
    if (isProblem(message, "ConnectionException", "streaming-connection")) return { kind: "rate limit", reason };
    if (isProblem(message, "UsageCapExceeded", "usage-capped")) return { kind: "refused", reason };
    return { kind: "http", reason };
}

/** A problem is named by its title, and by the end of its type, an address whose host has changed over the years. */
function isProblem(body: unknown, title: string, type: string): boolean {
    return problemsOf(body).some(
        (problem) =>
            problem.title === title ||
            (typeof problem.type === "string" && new RegExp(`[/#]${type}$`).test(problem.type)),
    );
}

/** `Unauthorized: No token`; empty if nothing can be read. */
export function detailOf(body: unknown): string {
    for (const { title, detail, details, message, error_description: description } of problemsOf(body)) {
        const said = [title, firstText(detail, details, message, description)].filter(
            (part) => typeof part === "string",
        );
        if (said.length > 0) {
            return printable([...new Set(said)].join(": ").replace(/\.+$/, ""), DETAIL_CHARACTERS_MAX);
        }
    }
    return "";
}

function firstText(...values: unknown[]): string | undefined {
    return values.flat().find((value) => typeof value === "string");
}

/** Each error of `errors`, then what is said of all of them. */
function problemsOf(body: unknown): Record<string, unknown>[] {
    if (!isObject(body)) return [];
    const { errors } = body;
    // The body of a refusal has a title and a detail; its `errors` tell which parameter was wrong.
    const whole = typeof body.title === "string" || typeof body.detail === "string" ? [body] : [];
    return [...whole, ...(Array.isArray(errors) ? errors.filter(isObject) : []), body];
}

export function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
