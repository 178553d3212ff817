import {
    ask,
    byId,
    describe,
    element,
    foreign,
    formatAmount,
    formatCount,
    formatTime,
    openDialog,
    setText,
} from "./dom.js";

const ROWS_MAX = 40;
/** Identifiers that follow each other differ at their ends. */
const ID_CHARACTERS = 9;

let newest = [];
/** The newest items are shown, unless the reader searches: then the number of the search, of which the last one counts. */
let searching = 0;
let searches = 0;
/** Rows stay where they are while the reader points at one or has the focus in one. */
let isHeld = false;

/** After a time without a connection, too: what the reader found stays. */
export function startItems(items) {
    newest = items.toReversed();
    if (!searching) showNewest();
}

/** @param items in the order in which they came */
export function addItems(items) {
    if (items.length === 0) return;
    newest = [...items.toReversed(), ...newest].slice(0, ROWS_MAX);
    if (searching) return;
    const body = byId("items");
    setHeld(body.matches(":hover") || body.contains(document.activeElement));
    if (isHeld) return;
    const fresh = items.slice(-ROWS_MAX).map(makeRow).toReversed();
    for (const row of fresh) row.classList.add("is-new");
    body.prepend(...fresh);
    while (body.children.length > ROWS_MAX) body.lastElementChild.remove();
    showNone();
}

function showNewest() {
    setHeld(false);
    byId("items").replaceChildren(...newest.map(makeRow));
    showNone();
}

function showNone() {
    byId("items-none").hidden = byId("items").children.length > 0;
}

function setHeld(held) {
    isHeld = held;
    byId("items-held").hidden = !held;
}

for (const name of ["pointerleave", "focusout"]) {
    byId("items").addEventListener(name, ({ relatedTarget }) => {
        if (isHeld && !searching && !byId("items").contains(relatedTarget)) showNewest();
    });
}

byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const { username, id } = Object.fromEntries(new window.FormData(event.target));
    if (username.trim() === "" && id.trim() === "") return;
    search({ username: username.trim(), id: id.trim() });
});

byId("search").addEventListener("reset", () => {
    searching = 0;
    byId("search-end").hidden = true;
    setText(byId("items-title"), "Newest items");
    setText(byId("items-note"), "");
    showNewest();
    byId("search").elements.username.focus();
});

async function search(query) {
    searches += 1;
    searching = searches;
    const own = searching;
    setHeld(false);
    byId("search-end").hidden = false;
    setText(byId("items-title"), "Found items");
    setText(byId("items-note"), "Searching …");
    let note;
    let found = [];
    try {
        const { items, searched, complete } = await ask("/api/items", query);
        const more = complete ? "" : "; there may be more";
        found = items;
        note = `${formatAmount(items.length, "item")} found among ${formatCount(searched)} looked at${more}.`;
        if (items.length === 0 && complete)
            note += " Username and id are searched for as a whole, as they are written.";
    } catch (error) {
        note = error.message;
    }
    // The reader has gone back, or searches for something else.
    if (searching !== own) return;
    byId("items").replaceChildren(...found.map(makeRow));
    byId("items-none").hidden = true;
    setText(byId("items-note"), note);
}

function makeRow(item) {
    const open = element("button", { type: "button", class: "link", "aria-haspopup": "dialog" });
    // Without a name there is nothing to click on; DynamoDB has no such key, other tables might.
    open.append(foreign(item.username === "" ? "(none)" : item.username));
    open.addEventListener("click", () => showItem(item));
    const time = foreign(formatTime(item.timestamp), "time", { datetime: item.timestamp });
    return element(
        "tr",
        {},
        element("th", { scope: "row" }, open),
        element("td", { class: "message" }, foreign(item.message, "div", { class: "clamp" })),
        element("td", { class: "time" }, time),
        element("td", { class: "id", title: item.id }, foreign(shortId(item.id))),
    );
}

function shortId(id) {
    return id.length <= ID_CHARACTERS + 1 ? id : `…${id.slice(-ID_CHARACTERS).replace(/^[\udc00-\udfff]/, "")}`;
}

/** In the list is the beginning of a long message: all of it is asked for. */
async function showItem(item) {
    let whole = item;
    let end = "";
    try {
        const { username, id } = item;
        if (item.cut) [whole = item] = (await ask("/api/items", { username, id })).items;
        if (whole.cut) end = "The message goes on; dynamodb-admin has all of it.";
    } catch (error) {
        end = `This is the message's beginning: ${error.message}`;
    }
    const facts = [
        ["Username", whole.username],
        ["Id", whole.id],
        ["Timestamp", whole.timestamp],
        ["Source", whole.source],
    ];
    const message = foreign(whole.message, "p", { class: "payload" });
    openDialog("Item", describe(facts), message, element("p", { class: "quiet" }, end));
}
