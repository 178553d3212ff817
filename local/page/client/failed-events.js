import {
    ask,
    byId,
    describe,
    element,
    foreign,
    formatAmount,
    formatBytes,
    formatCount,
    formatTime,
    openDialog,
    reconcile,
    setText,
} from "./dom.js";

/** As many as the server answers with. */
const OBJECTS_A_PAGE = 200;

/** How many newer objects come before those in the list. */
let skipped = 0;

export function startFailed() {
    skipped = 0;
}

export async function askFailed() {
    const asked = skipped;
    return { ...(await ask("/api/failed-events", { skip: asked })), asked };
}

/** @returns false where it was not shown, as something else is to be shown by now */
export function showFailed({ objects, events, asked }) {
    if (asked !== skipped) return false;
    // There are fewer than before: they were sent again, or deleted.
    if (events.length === 0 && skipped > 0) {
        skipped = 0;
        return false;
    }
    reconcile(byId("failed"), events, ({ key, timeMs, bytes }) => `${key}\n${timeMs}\n${bytes}`, makeEntry);
    const isAll = events.length === objects;
    const last = skipped + events.length;
    const range = `${formatCount(skipped + 1)} to ${formatCount(last)}`;
    setText(byId("failed-note"), isAll ? "" : `Objects ${range} of ${formatCount(objects)}, the newest first.`);
    byId("failed-pages").hidden = isAll;
    setEnabled("failed-newer", skipped > 0);
    setEnabled("failed-older", last < objects);
    return true;
}

/** Unlike a disabled one, such a button keeps the focus. */
function setEnabled(id, isEnabled) {
    byId(id).setAttribute("aria-disabled", String(!isEnabled));
}

for (const [id, direction] of [
    ["failed-newer", -1],
    ["failed-older", 1],
]) {
    byId(id).addEventListener("click", () => {
        if (byId(id).getAttribute("aria-disabled") !== "true") turn(direction);
    });
}

async function turn(direction) {
    skipped = Math.max(skipped + direction * OBJECTS_A_PAGE, 0);
    try {
        showFailed(await askFailed());
        byId("panel-failed").scrollTop = 0;
    } catch (error) {
        setText(byId("failed-note"), error.message);
    }
}

function makeEntry({ key, timeMs, bytes, records }) {
    const open = element("button", { type: "button", class: "entry", "aria-haspopup": "dialog" });
    const kind = key.startsWith("quarantine/")
        ? "Quarantined by the function"
        : key.startsWith("aws/lambda/")
          ? "Given up by Lambda"
          : "Another object";
    open.append(
        element("b", {}, kind),
        element("span", { class: "quiet" }, facts(timeMs, records, bytes)),
        foreign(key, "span", { class: "key" }),
    );
    open.addEventListener("click", () => {
        openEvent(key).catch((error) => openDialog("Failed event", element("p", {}, error.message)));
    });
    return element("li", {}, open);
}

function facts(timeMs, records, bytes) {
    return `${formatTime(timeMs)} · ${formatAmount(records, "record")} · ${formatBytes(bytes)}`;
}

async function openEvent(key) {
    const event = await ask("/api/failed-event", { key });
    const { reason, facts: known, content } = event;
    const parts = [foreign(reason, "p", { class: "reason" }), describe([["Object", key], ...known])];
    if (content !== undefined) parts.push(foreign(content, "pre", { class: "payload" }));
    openDialog("Failed event", ...parts);
    addRecords(key, event, 0);
}

/** Some of the object's records, and a button for the next ones, which is returned where there are more. */
function addRecords(key, { records, recordsTotal }, before) {
    const content = byId("dialog-content");
    content.append(...records.map(makeRecord));
    const known = before + records.length;
    if (records.length === 0 || known >= recordsTotal) return undefined;
    const more = element("button", { type: "button" }, `More of the ${formatAmount(recordsTotal, "record")}`);
    content.append(more);
    more.addEventListener("click", async () => {
        more.disabled = true;
        try {
            const next = await ask("/api/failed-event", { key, skip: known });
            // Something else is shown by now.
            if (!more.isConnected) return;
            more.remove();
            // Somebody has to take the focus that the button had.
            (addRecords(key, next, known) ?? content).focus({ preventScroll: true });
        } catch (error) {
            more.replaceWith(element("p", { role: "alert" }, error.message));
        }
    });
    return more;
}

function makeRecord({ reason, partitionKey, sequenceNumber, payload, isText, bytes, cut }) {
    const known = [
        ["Reason", reason],
        ["Partition key", partitionKey],
        ["Sequence number", sequenceNumber],
    ].filter(([, value]) => value !== "");
    const form = isText ? "" : ", not UTF-8, in hexadecimal";
    return element(
        "section",
        { class: "record" },
        describe(known),
        element("h3", {}, `Payload, ${formatBytes(bytes)}${form}${cut ? ", its beginning" : ""}`),
        foreign(payload, "pre", { class: "payload" }),
    );
}
