import { byId, element, formatBytes, formatCount, formatMilliseconds, formatRate, reconcile, setText } from "./dom.js";

/** So many shards have their figures beside their bars; more are bars alone, and a sentence about all of them. */
const WITH_FIGURES_MAX = 12;
const IN_ONE_COLUMN_MAX = 4;
const BEHIND_MS = 1_000;

const rows = new WeakMap();

/** A bar for each open shard, filled by what it takes of what it may take. */
export function showShards(stream) {
    const open = stream.shards.filter((shard) => shard.open);
    const closed = stream.shards.filter((shard) => !shard.open);
    const isDense = open.length > WITH_FIGURES_MAX;
    const list = byId("shards");
    list.classList.toggle("in-columns", !isDense && open.length > IN_ONE_COLUMN_MAX);
    list.classList.toggle("dense", isDense);
    // Hundreds of meters are nothing to listen to: the sentence says what they show.
    list.setAttribute("aria-hidden", String(isDense));
    reconcile(list, open, ({ shardId }) => shardId, makeRow);
    for (const [index, shard] of open.entries()) updateRow(list.children[index], shard, stream, open.length);
    setText(byId("shards-note"), [isDense ? summary(open) : "", closedNote(closed)].filter(Boolean).join(" "));
}

/** `shardId-000000000003` is shard 3. */
function nameOf({ shardId }) {
    return `shard ${Number(shardId.slice(-12))}`;
}

function makeRow(shard) {
    const meter = element("span", { class: "meter", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" });
    meter.setAttribute("aria-label", nameOf(shard));
    const fill = element("span", { class: "fill" });
    meter.append(fill);
    const rate = element("span", { class: "rate" });
    const note = element("span", { class: "shard-note" });
    const name = element("span", { class: "shard-name", title: shard.shardId }, nameOf(shard));
    const row = element("li", {}, name, note, rate, meter);
    rows.set(row, { meter, fill, rate, note });
    return row;
}

function updateRow(row, shard, { recordsPerSecondMax, bytesPerSecondMax }, shards) {
    const { meter, fill, rate, note } = rows.get(row);
    const { load, recordsPerSecond, bytesPerSecond, throttledPerSecond, iteratorAgeMs } = shard;
    fill.style.setProperty("--load", String(Math.min(load, 1)));
    row.dataset.state = throttledPerSecond > 0 ? "full" : load > 0.8 ? "high" : "";
    // By its bytes where they are closer to their limit.
    const isBytes = load > recordsPerSecond / recordsPerSecondMax + 0.01;
    const takes = isBytes ? formatBytes(bytesPerSecond) : formatRate(recordsPerSecond);
    const limit = isBytes ? formatBytes(bytesPerSecondMax) : formatCount(recordsPerSecondMax);
    setText(rate, shards <= IN_ONE_COLUMN_MAX ? `${takes} of ${limit}/s` : `${takes}/s`);
    const text = `${takes} of ${limit}${isBytes ? "" : " records"}/s, ${percentOf(shard)} of its limit`;
    const behind = iteratorAgeMs >= BEHIND_MS ? `${formatMilliseconds(iteratorAgeMs)} behind` : "";
    const throttled = throttledPerSecond > 0 ? `${formatRate(throttledPerSecond)}/s throttled` : "";
    setText(note, [throttled, behind].filter(Boolean).join(", "));
    meter.setAttribute("aria-valuenow", String(Math.round(Math.min(load, 1) * 100)));
    meter.setAttribute("aria-valuetext", text);
    row.title = [`${nameOf(shard)}: ${text}`, throttled, behind].filter(Boolean).join(", ");
}

function percentOf({ load }) {
    return `${Math.round(Math.min(load, 1) * 100)} %`;
}

/** What hundreds of bars show. */
function summary(shards) {
    const most = (figure) => shards.reduce((a, b) => (figure(b) > figure(a) ? b : a));
    const busiest = most(({ load }) => load);
    const last = most(({ iteratorAgeMs }) => iteratorAgeMs);
    const throttled = shards.filter(({ throttledPerSecond }) => throttledPerSecond > 0).length;
    const parts = [`${formatCount(shards.length)} shards`];
    if (busiest.load > 0) parts.push(`the busiest, ${nameOf(busiest)}, at ${percentOf(busiest)} of its limit`);
    if (throttled > 0) parts.push(`${formatCount(throttled)} throttled`);
    if (last.iteratorAgeMs >= BEHIND_MS) parts.push(`${nameOf(last)} ${formatMilliseconds(last.iteratorAgeMs)} behind`);
    return `${parts.join("; ")}.`;
}

/** After a split or a merge: what is in the shards of before is read first. */
function closedNote(closed) {
    if (closed.length === 0) return "";
    const ageMs = Math.max(...closed.map(({ iteratorAgeMs }) => iteratorAgeMs));
    const many = closed.length === 1 ? "1 closed shard is" : `${formatCount(closed.length)} closed shards are`;
    return `${many} read to the end, ${formatMilliseconds(ageMs)} behind.`;
}
