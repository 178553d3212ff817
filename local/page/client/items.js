import { ask, byId, describe, element, foreign, formatCount, formatTime, openDialog, setText } from "./dom.js";

const ROWS_MAX = 40;

/** The newest items are shown, unless the reader searches. */
let isSearching = false;
let newest = [];
/** Rows stay where they are while the reader points at one or has the focus in one. */
let isHeld = false;

export function startItems(items) {
    newest = [];
    byId("items").replaceChildren();
    addItems(items);
    for (const row of byId("items").children) row.classList.remove("is-new");
}

/** @param items in the order in which they came */
export function addItems(items) {
    if (items.length === 0 && newest.length > 0) return;
    newest = [...items.toReversed(), ...newest].slice(0, ROWS_MAX);
    const body = byId("items");
    isHeld = body.matches(":hover") || body.contains(document.activeElement);
    if (isSearching || isHeld) return;
    const fresh = items.map(makeRow).toReversed();
    for (const row of fresh) row.classList.add("is-new");
    // Rows that stay are not made again: a reader may have the focus in one.
    body.prepend(...fresh.slice(0, ROWS_MAX));
    while (body.children.length > ROWS_MAX) body.lastElementChild.remove();
    showNone();
}

for (const name of ["pointerleave", "focusout"]) {
    byId("items").addEventListener(name, (event) => {
        if (!isHeld || isSearching || byId("items").contains(event.relatedTarget)) return;
        isHeld = false;
        byId("items").replaceChildren(...newest.map(makeRow));
    });
}

byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const { username, id } = Object.fromEntries(new window.FormData(event.target));
    if (username.trim() === "" && id.trim() === "") return;
    search({ username: username.trim(), id: id.trim() }).catch((error) => setText(byId("items-note"), error.message));
});

byId("search").addEventListener("reset", () => {
    isSearching = false;
    byId("search-end").hidden = true;
    setText(byId("items-title"), "Newest items");
    setText(byId("items-note"), "");
    byId("items").replaceChildren(...newest.map(makeRow));
    showNone();
    byId("search").elements.username.focus();
});

async function search(query) {
    isSearching = true;
    byId("search-end").hidden = false;
    setText(byId("items-title"), "Found items");
    setText(byId("items-note"), "Searching …");
    const { items, searched, complete } = await ask("/api/items", query);
    if (!isSearching) return;
    byId("items").replaceChildren(...items.map(makeRow));
    byId("items-none").hidden = true;
    const more = complete ? "" : "; there may be more";
    const found = items.length === 1 ? "1 item" : `${formatCount(items.length)} items`;
    setText(byId("items-note"), `${found} found among ${formatCount(searched)} looked at${more}.`);
}

function showNone() {
    byId("items-none").hidden = byId("items").children.length > 0;
}

function makeRow(item) {
    const open = element("button", { type: "button", class: "link", "aria-haspopup": "dialog" });
    open.append(foreign(item.username));
    open.addEventListener("click", () => showItem(item));
    return element(
        "tr",
        {},
        element("th", { scope: "row" }, open),
        element("td", { class: "message" }, foreign(item.message, "div", { class: "clamp" })),
        element("td", { class: "time" }, foreign(formatTime(item.timestamp), "time", { datetime: item.timestamp })),
        element("td", { class: "id" }, foreign(item.id)),
    );
}

function showItem(item) {
    const facts = [
        ["Username", item.username],
        ["Id", item.id],
        ["Timestamp", item.timestamp],
        ["Source", item.source],
    ];
    const end = item.cut
        ? [element("p", { class: "quiet" }, "The message goes on: search for the item to see more of it.")]
        : [];
    openDialog("Item", describe(facts), foreign(item.message, "p", { class: "payload" }), ...end);
}
