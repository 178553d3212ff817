import {
    ask,
    byId,
    describe,
    element,
    foreign,
    formatBytes,
    formatCount,
    formatTime,
    openDialog,
    setText,
} from "./dom.js";

const LOG_LINES_MAX = 300;

/** What is asked for when its tab is opened, and again when there is more of it. */
const panels = {
    log: { load: loadLog, version: "logs" },
    failed: { load: loadFailed, version: "failed" },
    denied: { load: loadDenied, version: "denied" },
    resources: { load: loadResources, version: "resources" },
};
const names = Object.keys(panels);
/** How much there was when a panel was loaded. */
const loaded = {};
let current = "log";
let versions = {};
let logsSeen = 0;
let isLoading = false;

/** @param counts how much there is: `logs`, `failed`, `denied` */
export function showCounts(counts) {
    versions = { ...counts, resources: 0 };
    for (const name of ["failed", "denied"]) {
        const badge = document.querySelector(`[data-count="${name}"]`);
        badge.hidden = counts[name] === 0;
        setText(badge, formatCount(counts[name]));
    }
    refresh();
}

/** The server is another one: what was loaded is of the former. */
export function forget() {
    for (const name of names) delete loaded[name];
    logsSeen = 0;
    byId("log").replaceChildren();
}

export function selectTab(name, { focus = false } = {}) {
    current = name;
    for (const each of names) {
        const tab = byId(`tab-${each}`);
        tab.setAttribute("aria-selected", String(each === name));
        tab.tabIndex = each === name ? 0 : -1;
        byId(`panel-${each}`).hidden = each !== name;
    }
    if (focus) byId(`tab-${name}`).focus();
    refresh();
}

for (const name of names) byId(`tab-${name}`).addEventListener("click", () => selectTab(name));

// As https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ describes.
document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const at = names.indexOf(current);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    selectTab(names[(next + names.length) % names.length], { focus: true });
});

byId("show-failed").addEventListener("click", () => {
    selectTab("failed", { focus: true });
    byId("panel-failed").scrollIntoView({ block: "nearest" });
});

function refresh() {
    const { load, version } = panels[current];
    const wanted = versions[version];
    if (isLoading || wanted === undefined || loaded[current] === wanted) return;
    const name = current;
    isLoading = true;
    load()
        .then(
            () => (loaded[name] = wanted),
            // The next figures try again; that the server is gone is said at the top.
            () => delete loaded[name],
        )
        .finally(() => (isLoading = false));
}

async function loadLog() {
    const { total, events } = await ask("/api/logs", { since: logsSeen });
    logsSeen = total;
    const panel = byId("panel-log");
    const isAtEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 40;
    const log = byId("log");
    log.append(...events.map(makeLogLine));
    while (log.children.length > LOG_LINES_MAX) log.firstElementChild.remove();
    // Who has scrolled back to read stays there.
    if (isAtEnd) panel.scrollTop = panel.scrollHeight;
}

function makeLogLine({ timeMs, message }) {
    const { level, text } = summarize(message);
    const time = element("time", {}, formatTime(timeMs));
    const attributes = { class: `log-line ${level}` };
    if (text === message) return element("li", attributes, time, foreign(message.trimEnd(), "span"));
    const details = element("details", {}, foreign(text, "summary"), foreign(message, "pre"));
    return element("li", attributes, time, details);
}

const BAD_LEVELS = ["ERROR", "WARN", "FATAL"];

/** A line of JSON, which Lambda and the function write, in a few words; the line itself can be opened below them. */
function summarize(message) {
    let line;
    try {
        line = JSON.parse(message);
    } catch {
        // Text, as Lambda writes it too.
        const isBad = /\t(ERROR|WARN)\t|Task timed out|Status: (error|timeout)/.test(message);
        return { level: isBad ? "bad-line" : "", text: message };
    }
    const { level = "", message: said, errorMessage, milliseconds, type, record } = line ?? {};
    const isBad = BAD_LEVELS.includes(String(level).toUpperCase());
    const sentence = [said, errorMessage].find((each) => typeof each === "string");
    if (sentence !== undefined) {
        const time = typeof milliseconds === "number" ? `, in ${formatCount(milliseconds)} ms` : "";
        return { level: isBad ? "bad-line" : "", text: `${level} ${sentence}${time}`.trim() };
    }
    if (typeof type !== "string") return { level: isBad ? "bad-line" : "", text: message };
    const { status, metrics, requestId } = record ?? {};
    const facts = [type.replace("platform.", ""), status];
    if (typeof metrics?.durationMs === "number") facts.push(`${formatCount(metrics.durationMs)} ms`);
    if (typeof metrics?.maxMemoryUsedMB === "number") facts.push(`${formatCount(metrics.maxMemoryUsedMB)} MB`);
    const isFailure = status !== undefined && status !== "success";
    const told = facts.filter((fact) => typeof fact === "string").join(" ");
    return {
        level: isFailure ? "bad-line" : "platform",
        text: `${told} ${String(requestId ?? "").slice(0, 8)}`.trim(),
    };
}

async function loadFailed() {
    const { objects, events } = await ask("/api/failed-events");
    byId("failed").replaceChildren(...events.map(makeFailedEvent));
    setText(
        byId("failed-note"),
        objects > events.length ? `The newest ${formatCount(events.length)} of ${formatCount(objects)} objects.` : "",
    );
}

function makeFailedEvent({ key, timeMs, bytes, records }) {
    const open = element("button", { type: "button", class: "entry", "aria-haspopup": "dialog" });
    const many = records === 1 ? "1 record" : `${formatCount(records)} records`;
    const kind = key.startsWith("quarantine/")
        ? "Quarantined by the function"
        : key.startsWith("aws/lambda/")
          ? "Given up by Lambda"
          : "Another object";
    open.append(
        element("b", {}, kind),
        element("span", { class: "quiet" }, `${formatTime(timeMs)} · ${many} · ${formatBytes(bytes)}`),
        foreign(key, "span", { class: "key" }),
    );
    open.addEventListener("click", () => {
        showFailedEvent(key).catch((error) => openDialog("Failed event", element("p", {}, error.message)));
    });
    return element("li", {}, open);
}

async function showFailedEvent(key) {
    const { reason, facts, records, recordsTotal, content } = await ask("/api/failed-event", { key });
    const parts = [foreign(reason, "p", { class: "reason" }), describe([["Object", key], ...facts])];
    if (content !== undefined) parts.push(foreign(content, "pre", { class: "payload" }));
    for (const record of records) parts.push(makeRecord(record));
    if (recordsTotal > records.length) {
        parts.push(
            element("p", { class: "quiet" }, `${formatCount(recordsTotal - records.length)} more records are in it.`),
        );
    }
    openDialog("Failed event", ...parts);
}

function makeRecord({ reason, partitionKey, sequenceNumber, payload, isText, bytes, cut }) {
    const facts = [
        ["Reason", reason],
        ["Partition key", partitionKey],
        ["Sequence number", sequenceNumber],
    ].filter(([, value]) => value !== "");
    const form = isText ? "" : ", not UTF-8, in hexadecimal";
    return element(
        "section",
        { class: "record" },
        describe(facts),
        element("h3", {}, `Payload, ${formatBytes(bytes)}${form}${cut ? ", its beginning" : ""}`),
        foreign(payload, "pre", { class: "payload" }),
    );
}

async function loadDenied() {
    const denials = await ask("/api/denied");
    byId("denied").replaceChildren(
        ...denials.map(({ action, resource, principalArn, message, count, lastMs }) =>
            element(
                "li",
                { class: "entry" },
                element("b", {}, foreign(action)),
                element(
                    "span",
                    { class: "quiet" },
                    `${formatCount(count)} ${count === 1 ? "time" : "times"}, last at ${formatTime(lastMs)}`,
                ),
                describe([
                    ["Who", principalArn],
                    ["On", resource],
                    ["Why", message],
                ]),
            ),
        ),
    );
}

async function loadResources() {
    const resources = await ask("/api/resources");
    byId("resources").replaceChildren(...resources.map(makeResource));
    // Until the deployment is complete there is nothing, and it is asked for again.
    if (resources.length === 0) throw new Error("The deployment is not complete.");
}

function makeResource({ name, type, id, recordedOnly, properties, policies }) {
    const summary = element("summary", {}, element("b", {}, type.split(":").at(-1)), " ", foreign(name));
    if (policies.length > 0) summary.append(element("span", { class: "tag" }, "policy"));
    if (recordedOnly)
        summary.append(
            element("span", { class: "tag", title: "It has nothing to do on one machine." }, "recorded only"),
        );
    const documents = policies.flatMap(([label, document]) => [
        element("h3", {}, label),
        foreign(document, "pre", { class: "payload" }),
    ]);
    return element(
        "li",
        {},
        element(
            "details",
            { class: "entry" },
            summary,
            ...documents,
            describe([["id", id], ["type", type], ...properties]),
        ),
    );
}
