import { byId, formatAmount, formatCount, formatMilliseconds, formatRate, setText } from "./dom.js";
import { showShards } from "./shards.js";

/** A screen reader is told of a new state of the flow, and not more often than this. */
const ANNOUNCE_MS = 10_000;
const STAGES = ["producer", "stream", "function", "table"];
const HELD_LEVELS = ["slow", "failing"];

const targets = new Map(
    Array.from(document.querySelectorAll("[data-figure]"), (target) => [target.dataset.figure, target]),
);
const title = document.title;
/** The state that was told last; the one that the page begins with can be read on it. */
let told;
let toldAt = 0;

/** Draws the picture from left to right. */
export function showFlow(figures) {
    const { producer, stream, table, bucket, verdict } = figures;
    const called = figures.function;
    const shown = {
        posts: formatRate(producer.postsPerSecond),
        requests: formatRate(producer.requestsPerSecond),
        arrived: formatCount(producer.arrived),
        waiting: formatCount(stream.waiting),
        throttled: formatRate(stream.throttledPerSecond),
        age: formatMilliseconds(stream.iteratorAgeMs),
        invocations: formatRate(called.invocationsPerSecond),
        batch: called.recordsPerInvocation === undefined ? "–" : formatCount(called.recordsPerInvocation),
        duration: formatMilliseconds(called.milliseconds),
        running: formatCount(called.running),
        errors: formatCount(called.errors + called.partialFailures),
        items: formatCount(table.items),
        stored: formatRate(table.itemsPerSecond),
        p50: formatMilliseconds(table.latencyMs.p50),
        p99: formatMilliseconds(table.latencyMs.p99),
        refused: formatRate(table.refusedPerSecond),
        objects: formatAmount(bucket.objects, "object"),
        records: formatAmount(bucket.records, "record"),
    };
    for (const [name, text] of Object.entries(shown)) setText(targets.get(name), text);
    setBad("throttled", stream.throttledPerSecond > 0);
    setBad("age", stream.iteratorAgeMs >= 5_000);
    setBad("errors", called.errorsPerSecond > 0);
    setBad("refused", table.refusedPerSecond > 0);
    byId("bucket").classList.toggle("has-some", bucket.objects > 0);
    showShards(stream);
    setPace("put", producer.postsPerSecond);
    setPace("read", called.invocationsPerSecond * (called.recordsPerInvocation ?? 0));
    setPace("write", table.itemsPerSecond);
    showVerdict(verdict);
    showTitle(verdict);
}

/** The figures are those of before, and nothing is known to move. */
export function showLost(text) {
    for (const name of ["put", "read", "write"]) setPace(name, 0);
    byId("verdict").dataset.level = "lost";
    setText(byId("verdict"), text);
    document.title = `Not connected – ${title}`;
    if (told !== "lost") announce(text);
    told = "lost";
}

/** Tells a screen reader, without moving anything. */
export function announce(text) {
    toldAt = Date.now();
    byId("announcement").textContent = text;
}

/** So that a tab in the background says whether it is worth a look. */
export function showTitle({ level }) {
    const shown = HELD_LEVELS.includes(level) ? `Held up – ${title}` : title;
    if (document.title !== shown) document.title = shown;
}

function setBad(name, isBad) {
    targets.get(name).classList.toggle("bad", isBad);
}

/** Four paces: an animation that changes its speed with every figure would stutter. */
function setPace(name, perSecond) {
    const pace = perSecond <= 0 ? "still" : perSecond < 100 ? "slow" : perSecond < 1000 ? "medium" : "fast";
    document.querySelector(`[data-pipe="${name}"]`).dataset.pace = pace;
}

function showVerdict({ level, stage, text }) {
    const target = byId("verdict");
    target.dataset.level = level;
    setText(target, text);
    for (const name of STAGES) byId(name).classList.toggle("is-held", name === stage);
    for (const name of STAGES) byId(name).dataset.level = name === stage ? level : "";
    // Told where it changes, and not with every new figure in the sentence.
    const state = `${level} ${stage ?? ""}`;
    told ??= state;
    if (state === told || Date.now() - toldAt < ANNOUNCE_MS) return;
    told = state;
    announce(text);
}
