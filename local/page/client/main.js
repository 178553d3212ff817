import { byId, setText } from "./dom.js";
import { addPoint, startCharts } from "./charts.js";
import { showFlow } from "./flow.js";
import { addItems, startItems } from "./items.js";
import { forget, showCounts } from "./panels.js";

/** What came while the page was paused, so that nothing is missing from the charts and the list afterwards. */
const POINTS_KEPT_MAX = 600;
let isPaused = false;
let points = [];
let items = [];
let last;

const events = new EventSource("/events");

events.addEventListener("start", ({ data }) => {
    const start = JSON.parse(data);
    const { endpointUrl, region, pipeline } = start;
    setText(byId("where"), `${pipeline.tableName} in ${region} at ${endpointUrl}`);
    [points, items, last] = [[], [], undefined];
    forget();
    startItems(start.items);
    startCharts(start.points);
    show(start);
    showConnection("live", "Live");
});

events.addEventListener("figures", ({ data }) => {
    const event = JSON.parse(data);
    points = [...points, event.point].slice(-POINTS_KEPT_MAX);
    items = [...items, ...event.items].slice(-POINTS_KEPT_MAX);
    last = event;
    // A page that is not seen is not drawn.
    if (!isPaused && !document.hidden) catchUp();
});

events.addEventListener("error", () => {
    showConnection("lost", "Not connected: the embedded cloud has stopped");
});

byId("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    byId("pause").setAttribute("aria-pressed", String(isPaused));
    setText(byId("pause"), isPaused ? "Go on" : "Pause");
    if (byId("connection").dataset.state !== "lost")
        showConnection(isPaused ? "paused" : "live", isPaused ? "Paused" : "Live");
    if (!isPaused) catchUp();
});

document.addEventListener("visibilitychange", () => {
    if (!isPaused && !document.hidden) catchUp();
});

byId("dialog-close").addEventListener("click", () => byId("dialog").close());

function catchUp() {
    if (last === undefined) return;
    for (const point of points) addPoint(point);
    addItems(items);
    show(last);
    [points, items, last] = [[], [], undefined];
}

function show({ figures, logs, denied }) {
    showFlow(figures);
    showCounts({ logs, denied, failed: figures.bucket.objects });
}

function showConnection(state, text) {
    byId("connection").dataset.state = state;
    setText(byId("connection"), text);
}
