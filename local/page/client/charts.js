import { byId, formatMilliseconds, formatRate } from "./dom.js";

/** Points beyond this are of more than five minutes ago. */
const POINTS_MAX = 600;
/** What is shown grows with what there is. */
const SECONDS_SHOWN_LEAST = 60;
const SECONDS_SHOWN_MAX = 300;
const SPARK_SECONDS = 60;
/** Between points further apart nothing was read, as nothing happened: the lines are broken there. */
const GAP_SECONDS = 3;
const HEIGHT = 180;
/** What the lines of an axis may be apart: 1, 2 or 5 times a power of ten, so that their figures are whole numbers. */
const STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
const DASHES = [5, 4];

const [TIME, POSTS, ITEMS, THROTTLED, P50, P99, INVOCATIONS] = [0, 1, 2, 3, 4, 5, 6];
const columns = [[], [], [], [], [], [], []];
const sparks = { posts: POSTS, invocations: INVOCATIONS, items: ITEMS };
const darkness = matchMedia("(prefers-color-scheme: dark)");
let charts = [];

/** Begins with these points, and draws again what depends on the colours and the width when those change. */
export function startCharts(points) {
    for (const column of columns) column.length = 0;
    for (const point of points) append(point);
    build();
}

export function addPoint(point) {
    append(point);
    draw();
}

darkness.addEventListener("change", build);
new window.ResizeObserver(() => {
    for (const { plot, target } of charts) plot.setSize({ width: target.clientWidth, height: HEIGHT });
}).observe(byId("throughput"));

function append([timeMs, ...values]) {
    const time = timeMs / 1000;
    const last = columns[TIME].at(-1);
    if (last !== undefined && time <= last) return;
    if (last !== undefined && time - last > GAP_SECONDS)
        push(
            last + 0.5,
            values.map(() => null),
        );
    push(time, values);
    for (const column of columns) if (column.length > POINTS_MAX) column.splice(0, column.length - POINTS_MAX);
}

function push(time, values) {
    columns[TIME].push(time);
    for (const [index, value] of values.entries()) columns[index + 1].push(value);
}

function build() {
    for (const { plot } of charts) plot.destroy();
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    charts = [
        makeChart("throughput", "Throughput per second", color, formatPerSecond, [
            { column: POSTS, label: "posts in", color: "--in", fill: "--in-soft" },
            { column: ITEMS, label: "items stored", color: "--out" },
            { column: THROTTLED, label: "throttled", color: "--bad", dash: DASHES },
        ]),
        makeChart("latency", "Latency", color, formatMilliseconds, [
            { column: P50, label: "p50", color: "--in", fill: "--in-soft" },
            { column: P99, label: "p99", color: "--late", dash: DASHES },
        ]),
    ];
    draw();
}

function formatPerSecond(value) {
    return value === null || value === undefined ? "–" : formatRate(value);
}

/** @param series lines of one colour each; some are dashed, for those who do not tell the colours apart */
function makeChart(id, title, color, format, series) {
    const target = byId(id);
    const axis = {
        stroke: color("--quiet"),
        grid: { stroke: color("--line"), width: 1 },
        ticks: { show: false },
        font: "11px system-ui, sans-serif",
    };
    const options = {
        width: target.clientWidth,
        height: HEIGHT,
        legend: { live: true, markers: { dash: (_plot, index) => (series[index - 1]?.dash ? "dashed" : "solid") } },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        scales: { x: { range: xRange }, y: { range: yRange } },
        axes: [
            { ...axis, size: 28, space: 90, values: (_plot, splits) => splits.map(formatClock) },
            { ...axis, size: 56, incrs: STEPS, values: (_plot, splits) => splits.map(format) },
        ],
        series: [
            { label: "time", value: (_plot, value) => (value === null ? "–" : formatClock(value)) },
            ...series.map((line) => ({
                label: line.label,
                stroke: color(line.color),
                ...(line.fill && { fill: color(line.fill) }),
                ...(line.dash && { dash: line.dash }),
                width: 2,
                points: { show: false },
                value: (_plot, value) => format(value),
            })),
        ],
    };
    const data = () => [columns[TIME], ...series.map(({ column }) => columns[column])];
    const describe = () => series.map(({ column, label }) => describeLine(label, columns[column], format)).join("; ");
    const plot = new window.uPlot(options, data(), target);
    return { plot, target, data, tell: () => target.setAttribute("aria-label", `${title}: ${describe()}`) };
}

/** What a line shows, for those who do not see it. */
function describeLine(label, values, format) {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${label} none yet`;
    const most = known.reduce((a, b) => Math.max(a, b));
    return `${label} ${format(values.at(-1))} now, ${format(most)} at most in the last minutes`;
}

/** Now stands still at the right, also while nothing happens. */
function xRange() {
    const now = Date.now() / 1000;
    const seconds = now - (columns[TIME][0] ?? now);
    return [now - Math.min(Math.max(seconds, SECONDS_SHOWN_LEAST), SECONDS_SHOWN_MAX), now];
}

function yRange(_plot, _least, most) {
    return [0, Math.max(most ?? 0, 10) * 1.1];
}

function draw() {
    for (const { plot, data, tell } of charts) {
        plot.setData(data());
        tell();
        // The legend has the values below the pointer, and the last ones where there is none.
        if (!(plot.cursor.left >= 0)) plot.setLegend({ idx: columns[TIME].length - 1 });
    }
    for (const [name, column] of Object.entries(sparks)) drawSpark(name, columns[column]);
}

/** The last minute as a small picture without figures, which are beside it. */
function drawSpark(name, values) {
    const [area, line] = document.querySelector(`[data-spark="${name}"]`).children;
    const now = Date.now() / 1000;
    const most = Math.max(1, ...values.slice(-SPARK_SECONDS * 2).map((value) => value ?? 0));
    const points = [];
    for (const [index, time] of columns[TIME].entries()) {
        const x = 100 - ((now - time) / SPARK_SECONDS) * 100;
        if (x >= 0) points.push(`${x.toFixed(1)},${(29 - ((values[index] ?? 0) / most) * 27).toFixed(1)}`);
    }
    const [first] = points;
    line.setAttribute("points", points.join(" "));
    area.setAttribute("points", first === undefined ? "" : `${first.split(",")[0]},30 ${points.join(" ")} 100,30`);
}

function formatClock(seconds) {
    return new Date(seconds * 1000).toLocaleTimeString("en-GB", {
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
    });
}
