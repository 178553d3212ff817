import { ask, byId, formatCount, setText } from "./dom.js";
import { showDenied } from "./denied.js";
import { askFailed, showFailed, startFailed } from "./failed-events.js";
import { askLog, showLog, startLog } from "./log.js";
import { showResources } from "./resources.js";

/** What is asked for when its tab is opened, and again when its version is another one: there is something new. */
const panels = {
    log: { load: askLog, show: showLog, version: "logs" },
    failed: { load: askFailed, show: showFailed, version: "failed" },
    denied: { load: () => ask("/api/denied"), show: showDenied, version: "denied" },
    resources: { load: () => ask("/api/resources"), show: showResources, version: "resources" },
};
const names = Object.keys(panels);
/** The versions of what is shown. */
let loaded = {};
let versions = {};
let current = "log";
let isLoading = false;

/**
 * @param counts how much there is: `failed`, `denied`
 * @param changes how often there was something new: `logs`, `failed`, `denied`
 */
export function showCounts(counts, changes) {
    // Resources are complete, or will be: until then there are none.
    versions = { ...changes, resources: 0 };
    for (const name of ["failed", "denied"]) {
        const badge = document.querySelector(`[data-count="${name}"]`);
        badge.hidden = counts[name] === 0;
        setText(badge, formatCount(counts[name]));
    }
    refresh();
}

/** The server is another one: what was loaded, or is on its way, is of the former. */
export function forget() {
    loaded = {};
    startLog();
    startFailed();
}

function selectTab(name, { focus = false } = {}) {
    current = name;
    for (const each of names) {
        const tab = byId(`tab-${each}`);
        tab.setAttribute("aria-selected", String(each === name));
        tab.tabIndex = each === name ? 0 : -1;
        byId(`panel-${each}`).hidden = each !== name;
    }
    setText(byId("panel-problem"), "");
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

async function refresh() {
    const [name, into] = [current, loaded];
    const { load, show, version } = panels[name];
    const wanted = versions[version];
    if (isLoading || wanted === undefined || loaded[name] === wanted) return;
    isLoading = true;
    let answer;
    let problem = "";
    try {
        answer = await load();
    } catch (error) {
        problem = `Not loaded: ${error.message}`; // The next figures try again.
    } finally {
        isLoading = false;
    }
    if (into === loaded) {
        if (name === current) setText(byId("panel-problem"), problem);
        if (answer !== undefined && show(answer) !== false) loaded[name] = wanted;
    }
    // The reader has opened another one meanwhile, or the server is another one: the next figures may be long in coming.
    if (name !== current || into !== loaded) refresh();
}
