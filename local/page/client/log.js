import { ask, byId, element, foreign, formatCount, formatTime } from "./dom.js";

const LINES_MAX = 300;
/** A longer line is folded. */
const LINE_CHARACTERS_MAX = 300;
const AT_END_PIXELS = 40;

let seen = 0;

export function startLog() {
    seen = 0;
    byId("log").replaceChildren();
}

export function askLog() {
    return ask("/api/logs", { since: seen });
}

export function showLog({ total, events }) {
    seen = total;
    const panel = byId("panel-log");
    const isAtEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < AT_END_PIXELS;
    const log = byId("log");
    log.append(...events.map(makeLine));
    while (log.children.length > LINES_MAX) log.firstElementChild.remove();
    // Who has scrolled back to read stays there.
    if (isAtEnd) panel.scrollTop = panel.scrollHeight;
}

function makeLine({ timeMs, message }) {
    const { kind, text, details = message } = summarize(message);
    const time = element("time", {}, formatTime(timeMs));
    const attributes = { class: `log-line ${kind}` };
    if (text === details) return element("li", attributes, time, foreign(text, "span"));
    return element("li", attributes, time, element("details", {}, foreign(text, "summary"), foreign(details, "pre")));
}

const BAD_LEVELS = ["ERROR", "WARN", "FATAL"];

/** A line in a few words, which can be opened for all of it: most are JSON, of Lambda or of the function. */
function summarize(message) {
    let line;
    try {
        line = JSON.parse(message);
    } catch {
        return summarizeText(message.trimEnd());
    }
    if (typeof line !== "object" || line === null) return summarizeText(message.trimEnd());
    const { level = "", message: said, type, record } = line;
    const kind = BAD_LEVELS.includes(String(level).toUpperCase()) ? "bad-line" : "";
    const details = JSON.stringify(line, null, 2);
    const sentence = sentenceOf(said) ?? sentenceOf(line);
    if (sentence !== undefined) return { kind, text: `${level} ${sentence}${durationOf(line)}`.trim(), details };
    if (typeof type === "string") return { ...summarizePlatform(type, record ?? {}), details };
    return { kind, text: cut(message), details };
}

/** What an error or a line says, where it says something: `TypeError: …`. */
function sentenceOf(said) {
    if (typeof said === "string") return cut(said);
    if (typeof said?.errorMessage !== "string") return undefined;
    return cut([said.errorType, said.errorMessage].filter((part) => typeof part === "string").join(": "));
}

function durationOf({ milliseconds }) {
    return typeof milliseconds === "number" ? `, in ${formatCount(milliseconds)} ms` : "";
}

/** https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function summarizePlatform(type, { status, metrics, requestId }) {
    const facts = [type.replace("platform.", ""), status];
    if (typeof metrics?.durationMs === "number") facts.push(`${formatCount(metrics.durationMs)} ms`);
    if (typeof metrics?.maxMemoryUsedMB === "number") facts.push(`${formatCount(metrics.maxMemoryUsedMB)} MB`);
    if (typeof requestId === "string") facts.push(requestId.slice(0, 8));
    const isFailure = status !== undefined && status !== "success";
    const text = facts.filter((fact) => typeof fact === "string").join(" ");
    return { kind: isFailure ? "bad-line" : "platform", text };
}

function summarizeText(message) {
    const isBad = /\t(ERROR|WARN)\t|Task timed out|Status: (error|timeout)/.test(message);
    return { kind: isBad ? "bad-line" : "", text: cut(message), details: message };
}

function cut(text) {
    return text.length > LINE_CHARACTERS_MAX
        ? `${text.slice(0, LINE_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, "")}…`
        : text;
}
