/** Short ways to the page's elements. Text of others comes in by `textContent` alone, and never as markup. */

export function byId(id) {
    return document.getElementById(id);
}

/**
 * An element with text or children.
 * @param attributes `class` and whatever else `setAttribute` takes; undefined ones are left out
 */
export function element(name, attributes = {}, ...content) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value !== undefined) made.setAttribute(key, value);
    }
    made.append(...content);
    return made;
}

/** Text of others, isolated, so that its writing direction does not reorder what is beside it. */
export function foreign(text, name = "bdi", attributes = {}) {
    return element(name, name === "bdi" ? attributes : { dir: "auto", ...attributes }, text);
}

/** Sets the text only where it changes: what did not change is not drawn or read out again. */
export function setText(target, text) {
    if (target.textContent !== text) target.textContent = text;
}

/**
 * Brings the children of a list into the form of the entries. Those that are there already stay as they are, with the focus
 * that a reader may have in them.
 * @param make makes the child of an entry
 */
export function reconcile(list, entries, keyOf, make) {
    const keys = new Set(entries.map(keyOf));
    const known = new Map();
    for (const child of Array.from(list.children)) {
        if (keys.has(child.dataset.key)) known.set(child.dataset.key, child);
        else child.remove();
    }
    for (const [index, entry] of entries.entries()) {
        const key = keyOf(entry);
        const child = known.get(key) ?? make(entry);
        child.dataset.key = key;
        if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
    }
}

const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** `1,204`; below ten, a tenth where there is one: `0.4`. */
export function formatRate(value) {
    return value < 10 ? tenths.format(value) : counts.format(value);
}

export function formatCount(value) {
    return counts.format(value);
}

/** `1 record`, `1,204 records` */
export function formatAmount(value, unit) {
    return `${counts.format(value)} ${value === 1 ? unit : `${unit}s`}`;
}

/** `85 ms`, `1.2 s`, `12 min` */
export function formatMilliseconds(value) {
    if (value === undefined || value === null) return "–";
    if (value < 1000) return `${counts.format(value)} ms`;
    return value < 120_000 ? `${tenths.format(value / 1000)} s` : `${counts.format(value / 60_000)} min`;
}

export function formatBytes(value) {
    if (value < 1000) return `${counts.format(value)} B`;
    return value < 1e6 ? `${tenths.format(value / 1e3)} kB` : `${tenths.format(value / 1e6)} MB`;
}

const times = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dates = new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit" });

/** `08:04:30` in the reader's time zone, with the date where that is not today's; what is no time stays as it is. */
export function formatTime(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return String(time);
    const isToday = date.toDateString() === new Date().toDateString();
    return isToday ? times.format(date) : `${dates.format(date)} ${times.format(date)}`;
}

/** Asks the server; throws an Error that can be shown. */
export async function ask(path, query = {}) {
    let response;
    try {
        response = await fetch(`${path}?${new window.URLSearchParams(query)}`);
    } catch {
        throw new Error("The embedded cloud does not answer."); // The browser's own words are for developers.
    }
    if (!response.ok) throw new Error((await response.text()).trim());
    return response.json();
}

/** Shows something in front of the page; Escape or its button ends that, and the focus returns to where it was. */
export function openDialog(title, ...content) {
    byId("dialog-title").replaceChildren(foreign(title));
    byId("dialog-content").replaceChildren(...content);
    const dialog = byId("dialog");
    if (!dialog.open) dialog.showModal();
    byId("dialog-content").scrollTop = 0;
}

/** Names and values, as a description list. */
export function describe(pairs) {
    return element(
        "dl",
        { class: "properties" },
        ...pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), foreign(value, "dd"))),
    );
}
