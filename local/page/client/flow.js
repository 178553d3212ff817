import { byId, element, formatBytes, formatCount, formatMilliseconds, formatRate, setText } from "./dom.js";

/** More shards than these are not drawn one by one: the busiest are. */
const SHARDS_SHOWN_MAX = 12;
/** A screen reader is told of a new state of the flow, and not more often than this. */
const ANNOUNCE_MS = 5_000;
const STAGES = ["producer", "stream", "function", "table"];

const targets = new Map(
    Array.from(document.querySelectorAll("[data-figure]"), (target) => [target.dataset.figure, target]),
);
const bars = new Map();
let announced = "";
let announcedAt = 0;

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
        objects: formatCount(bucket.objects),
        records: formatCount(bucket.records),
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
    const now = Date.now();
    if (state === announced || now - announcedAt < ANNOUNCE_MS) return;
    [announced, announcedAt] = [state, now];
    byId("announcement").textContent = text;
}

function showShards({ shards, recordsPerSecondMax }) {
    const open = shards.filter((shard) => shard.open);
    showClosed(shards.filter((shard) => !shard.open));
    const shown =
        open.length <= SHARDS_SHOWN_MAX
            ? open
            : open
                  .toSorted((a, b) => b.load - a.load)
                  .slice(0, SHARDS_SHOWN_MAX)
                  .toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1));
    const ids = new Set(shown.map(({ shardId }) => shardId));
    for (const [shardId, bar] of bars) {
        if (ids.has(shardId)) continue;
        bar.row.remove();
        bars.delete(shardId);
    }
    const list = byId("shards");
    list.classList.toggle("in-columns", shown.length > 4);
    for (const [index, shard] of shown.entries()) {
        let bar = bars.get(shard.shardId);
        if (bar === undefined) {
            bar = makeBar(shard);
            bars.set(shard.shardId, bar);
        }
        if (list.children[index] !== bar.row) list.insertBefore(bar.row, list.children[index] ?? null);
        updateBar(bar, shard, recordsPerSecondMax);
    }
}

/** After a split or a merge: what is in the shards of before is read first. */
function showClosed(closed) {
    const ageMs = Math.max(0, ...closed.map(({ iteratorAgeMs }) => iteratorAgeMs));
    const many = closed.length === 1 ? "1 closed shard is" : `${formatCount(closed.length)} closed shards are`;
    setText(
        byId("closed-shards"),
        closed.length === 0 ? "" : `${many} read to the end, ${formatMilliseconds(ageMs)} behind`,
    );
}

/** `shardId-000000000003` is number 3. */
function makeBar({ shardId }) {
    const number = Number(shardId.slice(-12));
    const meter = element("span", { class: "meter", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" });
    const fill = element("span", { class: "fill" });
    const rate = element("span", { class: "rate" });
    const note = element("span", { class: "shard-note" });
    meter.setAttribute("aria-label", `Load of shard ${number}`);
    meter.append(fill);
    const name = element("span", { class: "shard-name", title: shardId }, `shard ${number}`);
    return { row: element("li", {}, name, note, rate, meter), meter, fill, rate, note };
}

function updateBar({ row, meter, fill, rate, note }, shard, recordsPerSecondMax) {
    const percent = Math.round(Math.min(shard.load, 1) * 100);
    fill.style.transform = `scaleX(${Math.min(shard.load, 1)})`;
    meter.setAttribute("aria-valuenow", String(percent));
    const isThrottled = shard.throttledPerSecond > 0;
    row.dataset.state = isThrottled ? "full" : shard.load > 0.8 ? "high" : "";
    meter.setAttribute(
        "aria-valuetext",
        `${formatRate(shard.recordsPerSecond)} of ${formatCount(recordsPerSecondMax)} records/s, ${percent} % of its limit`,
    );
    const byBytes = shard.load > shard.recordsPerSecond / recordsPerSecondMax + 0.01;
    setText(rate, byBytes ? `${formatBytes(shard.bytesPerSecond)}/s` : `${formatRate(shard.recordsPerSecond)}/s`);
    rate.title = `${formatCount(shard.recordsPerSecond)} of ${formatCount(recordsPerSecondMax)} records/s, ${formatBytes(shard.bytesPerSecond)}/s`;
    const behind = shard.iteratorAgeMs >= 1_000 ? `${formatMilliseconds(shard.iteratorAgeMs)} behind` : "";
    setText(note, isThrottled ? `${formatRate(shard.throttledPerSecond)}/s throttled` : behind);
}
