import { byId, formatTime, setText } from "./dom.js";
import { addPoint, startCharts } from "./charts.js";
import { announce, showFlow, showLost, showTitle } from "./flow.js";
import { addItems, startItems } from "./items.js";
import { forget, showCounts } from "./panels.js";

/** What came while the page was paused, so that nothing is missing from the charts and the list afterwards. */
const POINTS_KEPT_MAX = 600;
/** Until it is tried again where the browser does not do so by itself: it was answered, but by something else. */
const RECONNECT_MS = 3_000;
const CONNECTIONS = { live: "Live", paused: "Paused", lost: "Not connected, trying again …" };
let isPaused = false;
let points = [];
let items = [];
let last;
/** When the last figures came. */
let lastMs;

connect();

function connect() {
    const events = new EventSource("/events");
    events.addEventListener("start", ({ data }) => start(JSON.parse(data)));
    events.addEventListener("figures", ({ data }) => keep(JSON.parse(data)));
    events.addEventListener("error", () => {
        lose();
        if (events.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT_MS);
    });
}

/** Also after a time without a connection: the server may be another one. */
function start(told) {
    const { endpointUrl, region, pipeline } = told;
    setText(byId("where"), `${pipeline.tableName} in ${region} at ${endpointUrl}`);
    if (byId("connection").dataset.state === "lost") announce("Connected again.");
    [points, items, last, lastMs] = [[], [], undefined, Date.now()];
    forget();
    startItems(told.items);
    show(told);
    showConnection(isPaused ? "paused" : "live");
    startCharts(told.points);
}

function keep(told) {
    points = [...points, told.point].slice(-POINTS_KEPT_MAX);
    items = [...items, ...told.items].slice(-POINTS_KEPT_MAX);
    [last, lastMs] = [told, Date.now()];
    showTitle(told.figures.verdict);
    // A page that is not seen is not drawn.
    if (!isPaused && !document.hidden) catchUp();
}

function lose() {
    showConnection("lost");
    showLost(
        lastMs === undefined
            ? "Not connected: the embedded cloud does not answer."
            : `Not connected: the embedded cloud has stopped. This is how it was at ${formatTime(lastMs)}.`,
    );
}

byId("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    setText(byId("pause"), isPaused ? "Go on" : "Pause");
    if (byId("connection").dataset.state !== "lost") showConnection(isPaused ? "paused" : "live");
    if (!isPaused) catchUp();
});

document.addEventListener("visibilitychange", () => {
    if (!isPaused && !document.hidden) catchUp();
});

byId("dialog-close").addEventListener("click", () => byId("dialog").close());

/** A mistake of the page's own is told, as what is shown may be wrong from then on. */
window.addEventListener("error", ({ message }) => showTrouble(message));
window.addEventListener("unhandledrejection", ({ reason }) => showTrouble(reason?.message ?? reason));

function showTrouble(message) {
    // Browsers say so where a chart's new width changes the width that it has: it is drawn with the next frame.
    if (String(message).startsWith("ResizeObserver")) return;
    byId("trouble").hidden = false;
    setText(byId("trouble"), `This page has a mistake, and may be wrong from now on: ${message}. Load it again.`);
}

function catchUp() {
    if (last === undefined) return;
    for (const point of points) addPoint(point);
    addItems(items);
    show(last);
    [points, items, last] = [[], [], undefined];
}

function show({ figures, logs, failed, denied }) {
    showFlow(figures);
    showCounts({ failed: figures.bucket.objects, denied }, { logs, failed, denied });
}

function showConnection(state) {
    byId("connection").dataset.state = state;
    document.body.dataset.connection = state;
    setText(byId("connection"), CONNECTIONS[state]);
}
