import { formatAmount, formatCount, formatSeconds } from "../../commandline/numbers";
import { FUNCTION_CALL_FAILED } from "../event-source-mapping/processing-result";
import type { Figures } from "./figures";
import type { Reading } from "./reading";

export type Stage = "producer" | "stream" | "function" | "table";

/** Whether the posts flow, and where they are held up if they do not. */
export interface Verdict {
    readonly level: "quiet" | "flowing" | "slow" | "failing";
    /** Where they are held up; undefined where they are not. */
    readonly stage: Stage | undefined;
    /** A sentence or two for people; what others wrote, as the text of an error, comes last. */
    readonly text: string;
}

/** A function that keeps up has its records within about a second: the mapping polls five times a second. */
const ITERATOR_AGE_MS_SLOW = 5_000;
/** Fewer refusals or failures than this are tried again beside what flows, and hold nothing up. */
const SHARE_LEAST = 0.05;
/** What is passed on of others' words. */
const PROBLEM_CHARACTERS_MAX = 300;
/** Errors that pass by themselves. With any other, nothing flows until somebody does something. */
const PASSING = /Throttl|ThroughputExceeded|LimitExceeded|Internal|Unavailable/;

/** What is looked at to judge. */
interface Sight {
    readonly shown: Omit<Figures, "verdict">;
    readonly now: Reading;
    /** How much a count has grown in the last seconds: that is taken to be still going on. */
    readonly since: (name: Count) => number;
    readonly earlier: Reading;
}

type Count =
    | "putRequests"
    | "putRequestsRefused"
    | "tableRequests"
    | "tableRequestsRefused"
    | "invocations"
    | "invocationsFailed"
    | "partialFailures";

/**
 * The cause comes before what it leads to: a table that refuses makes the function fail, a function that fails makes records
 * wait.
 * @param earlier a reading of some seconds ago: what happened since is taken to be still going on
 */
export function judge(shown: Omit<Figures, "verdict">, now: Reading, earlier: Reading): Verdict {
    const sight = { shown, now, earlier, since: (name: Count) => now[name] - earlier[name] };
    for (const cause of [mapping, table, failures, partialFailures, refusedPuts, throttling, lag]) {
        const verdict = cause(sight);
        if (verdict !== undefined) return verdict;
    }
    return flow(sight);
}

/** What keeps Lambda from reading the stream, or from giving up what cannot be stored. */
function mapping({ shown, now }: Sight): Verdict | undefined {
    const { mappingState, lastProcessingResult: result } = now;
    const isProblem = result.startsWith("PROBLEM") && !result.startsWith(FUNCTION_CALL_FAILED);
    const isHolding = mappingState === "Failed" || (isProblem && shown.stream.waiting > 0);
    return isHolding ? verdictOf("failing", "function", excerpt(result.replace(/^PROBLEM: /, ""))) : undefined;
}

function table({ now, since }: Sight): Verdict | undefined {
    const [refused, all] = [since("tableRequestsRefused"), since("tableRequests")];
    if (!isMuch(refused, all)) return undefined;
    const text = `The table refused ${ofAll(refused, all, "request")} just now: ${now.tableError}. The function tries again.`;
    return verdictOf(PASSING.test(now.tableError) ? "slow" : "failing", "table", text);
}

/** Also between two attempts, which are up to a minute apart. */
function failures({ shown, now, since }: Sight): Verdict | undefined {
    const [failed, all] = [since("invocationsFailed"), since("invocations")];
    const waitsForNext = now.lastProcessingResult.startsWith(FUNCTION_CALL_FAILED) && shown.stream.waiting > 0;
    if (!isMuch(failed, all) && !waitsForNext) return undefined;
    const many = failed > 0 ? `${ofAll(failed, all, "invocation")} just now` : "the last invocation";
    const text = `The function fails: ${many}. Its batches are split and tried again.`;
    return verdictOf("failing", "function", excerpt(`${text} ${now.functionError}`.trimEnd()));
}

function partialFailures({ since }: Sight): Verdict | undefined {
    if (!isMuch(since("partialFailures"), since("invocations"))) return undefined;
    const text = "The function could not store some of its records just now: Lambda delivers them again.";
    return verdictOf("slow", "function", text);
}

/** Whole requests, with an error as their answer: records that are throttled are those of requests that succeeded. */
function refusedPuts({ now, since }: Sight): Verdict | undefined {
    const [refused, all] = [since("putRequestsRefused"), since("putRequests")];
    if (!isMuch(refused, all)) return undefined;
    const text = `The stream refused ${ofAll(refused, all, "request")} of the producer just now: ${now.putError}.`;
    return PASSING.test(now.putError) ? verdictOf("slow", "stream", text) : verdictOf("failing", "producer", text);
}

function throttling({ shown: { stream }, now, earlier }: Sight): Verdict | undefined {
    const before = new Map(earlier.shards.map(({ shardId, throttled: count }) => [shardId, count]));
    const full = now.shards.filter((shard) => shard.throttled > (before.get(shard.shardId) ?? 0));
    if (full.length === 0) return undefined;
    const open = stream.shards.filter((shard) => shard.open).length;
    const text =
        `The stream is the limit: ${ofAll(full.length, Math.max(open, full.length), "shard")} did not take everything just now. ` +
        "What was throttled is sent again; more shards take more.";
    return verdictOf("slow", "stream", text);
}

function lag({ shown: { stream } }: Sight): Verdict | undefined {
    if (stream.iteratorAgeMs < ITERATOR_AGE_MS_SLOW || stream.waiting === 0) return undefined;
    const age = formatSeconds(stream.iteratorAgeMs / 1000);
    const text = `The function does not keep up: ${waiting(stream.waiting)} in the stream, the oldest for ${age}.`;
    return verdictOf("slow", "function", text);
}

function flow({ shown: { producer, table: stored, stream, function: called }, now }: Sight): Verdict {
    if (producer.postsPerSecond > 0 || stored.itemsPerSecond > 0) {
        const { p50 } = stored.latencyMs;
        const within = p50 === undefined ? "" : `, half of them within ${formatCount(p50)} ms of their making`;
        const rates = `${formatCount(producer.postsPerSecond)} posts/s arrive, ${formatCount(stored.itemsPerSecond)} items/s are stored`;
        return verdictOf("flowing", undefined, `Flowing: ${rates}${within}.`);
    }
    if (stream.waiting > 0) {
        const text = `${waiting(stream.waiting)} for the function, which is given them within moments.`;
        return verdictOf("flowing", undefined, text);
    }
    if (called.running > 0) return verdictOf("flowing", undefined, "The function is at work.");
    if (now.arrived === 0) {
        return verdictOf("quiet", undefined, "Nothing has arrived yet. Send some posts to see them flow.");
    }
    const kept = now.failedRecords > 0 ? ", or kept with the failed events" : "";
    return verdictOf("quiet", undefined, `All quiet: everything that has arrived is stored${kept}.`);
}

function verdictOf(level: Verdict["level"], stage: Stage | undefined, text: string): Verdict {
    return { level, stage, text };
}

function isMuch(part: number, all: number): boolean {
    return part > 0 && part >= all * SHARE_LEAST;
}

/** `3 of 1,204 requests` */
function ofAll(part: number, all: number, unit: string): string {
    return `${formatCount(part)} of ${formatAmount(all, unit)}`;
}

/** `1 record waits`, `1,204 records wait` */
function waiting(records: number): string {
    return `${formatAmount(records, "record")} ${records === 1 ? "waits" : "wait"}`;
}

function excerpt(text: string): string {
    return text.length > PROBLEM_CHARACTERS_MAX ? `${text.slice(0, PROBLEM_CHARACTERS_MAX)}…` : text;
}
