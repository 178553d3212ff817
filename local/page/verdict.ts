import { formatAmount, formatCount, formatSeconds } from "../../commandline/numbers";
import type { Figures } from "./figures";
import type { Reading } from "./reading";

export type Stage = "producer" | "stream" | "function" | "table";

/** Whether the posts flow, and where they are held up if they do not. */
export interface Verdict {
    readonly level: "quiet" | "flowing" | "slow" | "failing";
    /** Where they are held up; undefined where they are not. */
    readonly stage: Stage | undefined;
    /** A sentence or two for people. */
    readonly text: string;
}

/** A function that keeps up has its records within about a second: the mapping polls five times a second. */
const ITERATOR_AGE_MS_SLOW = 5_000;
/** What is passed on of the mapping's own words. */
const PROBLEM_CHARACTERS_MAX = 300;

/**
 * The cause comes before what it leads to: a table that refuses makes the function fail, a function that fails makes records
 * wait.
 * @param earlier a reading of some seconds ago: what happened since is taken to be still going on
 */
export function judge(shown: Omit<Figures, "verdict">, now: Reading, earlier: Reading): Verdict {
    const since = (name: "tableRequestsRefused" | "invocationsFailed" | "invocations" | "partialFailures") =>
        now[name] - earlier[name];
    const { stream } = shown;
    if (now.mappingState === "Failed") {
        return { level: "failing", stage: "function", text: problem(now.lastProcessingResult) };
    }
    if (since("tableRequestsRefused") > 0) {
        const refused = formatAmount(since("tableRequestsRefused"), "request");
        return {
            level: "slow",
            stage: "table",
            text: `The table refused ${refused} just now; the function tries again.`,
        };
    }
    if (since("invocationsFailed") > 0) {
        const [failed, all] = [since("invocationsFailed"), since("invocations")].map(formatCount);
        const text = `The function fails: ${failed ?? ""} of ${all ?? ""} invocations just now. Their batches are split and tried again.`;
        return { level: "failing", stage: "function", text };
    }
    if (since("partialFailures") > 0) {
        const text = "The function could not store some of its records just now: Lambda delivers them again.";
        return { level: "slow", stage: "function", text };
    }
    if (now.lastProcessingResult.startsWith("PROBLEM") && stream.waiting > 0) {
        return { level: "failing", stage: "function", text: problem(now.lastProcessingResult) };
    }
    return throttled(shown, now, earlier) ?? behind(shown) ?? flow(shown, now);
}

function throttled({ stream }: Omit<Figures, "verdict">, now: Reading, earlier: Reading): Verdict | undefined {
    const before = new Map(earlier.shards.map(({ shardId, throttled: count }) => [shardId, count]));
    const full = now.shards.filter((shard) => shard.throttled > (before.get(shard.shardId) ?? 0));
    if (full.length === 0) return undefined;
    const open = stream.shards.filter((shard) => shard.open).length;
    const which = `${formatCount(full.length)} of ${formatAmount(Math.max(open, full.length), "shard")}`;
    return {
        level: "slow",
        stage: "stream",
        text:
            `The stream is the limit: ${which} did not take everything just now. ` +
            "What was throttled is sent again; more shards take more.",
    };
}

function behind({ stream }: Omit<Figures, "verdict">): Verdict | undefined {
    if (stream.iteratorAgeMs < ITERATOR_AGE_MS_SLOW || stream.waiting === 0) return undefined;
    const waiting = formatAmount(stream.waiting, "record");
    const age = formatSeconds(stream.iteratorAgeMs / 1000);
    return {
        level: "slow",
        stage: "function",
        text: `The function does not keep up: ${waiting} wait in the stream, the oldest for ${age}.`,
    };
}

function flow({ producer, table, stream, function: called }: Omit<Figures, "verdict">, now: Reading): Verdict {
    const isMoving = producer.postsPerSecond > 0 || table.itemsPerSecond > 0 || called.running > 0;
    if (isMoving || stream.waiting > 0) {
        const { p50 } = table.latencyMs;
        const within = p50 === undefined ? "" : `, half of them within ${formatCount(p50)} ms of their making`;
        const rates = `${formatCount(producer.postsPerSecond)} posts/s arrive, ${formatCount(table.itemsPerSecond)} items/s are stored`;
        return { level: "flowing", stage: undefined, text: `Flowing: ${rates}${within}.` };
    }
    if (now.arrived === 0) {
        return { level: "quiet", stage: undefined, text: "Nothing has arrived yet. Send some posts to see them flow." };
    }
    const kept = now.failedRecords > 0 ? ", or kept with the failed events" : "";
    return { level: "quiet", stage: undefined, text: `All quiet: everything that has arrived is stored${kept}.` };
}

function problem(result: string): string {
    const text = result.replace(/^PROBLEM: /, "");
    return text.length > PROBLEM_CHARACTERS_MAX ? `${text.slice(0, PROBLEM_CHARACTERS_MAX)}…` : text;
}
