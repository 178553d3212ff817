import { Failure } from "../../commandline/failure";
import { INTERRUPTED, onInterrupt } from "../../commandline/interrupt";
import { runMain } from "../../commandline/main";
import { flag, positive, whole, type Values } from "../../commandline/options";
import { SEED_MAX } from "../../producer/sources/sample";
import { leaveAwsSettingsOut } from "../host-settings";
import { uiPort } from "../page/options";
import type { Result } from "./report";
import { runDemo } from "./run";

/** Each post is remembered until it is found in the table. */
const POSTS_MAX = 10_000_000;
const POSTS_DEFAULT = 1_000;
/** Enough for every kind of fault to happen. */
const POSTS_WITH_FAULTS_DEFAULT = 5_000;
/** The exit code of a program that Ctrl-C has ended, by the convention of shells. */
const STOPPED = "Stopped; nothing is left running.";

const options = {
    posts: whole({
        value: "N",
        help: `How many posts to send. Default: ${POSTS_DEFAULT}, with --faults ${POSTS_WITH_FAULTS_DEFAULT}.`,
        unit: "posts",
        minimum: 1,
        maximum: POSTS_MAX,
    }),
    rate: positive({
        value: "N",
        help: "Posts per second. Without it, as fast as the stream takes them.",
        unit: "posts per second",
        maximum: 1_000_000,
    }),
    seed: whole({ value: "N", help: "Sends the same posts again.", unit: "", minimum: 0, maximum: SEED_MAX }),
    port: whole({
        value: "N",
        help: "The port of the embedded cloud. Without it, any free one.",
        unit: "",
        minimum: 1,
        maximum: 65_535,
    }),
    keep: flag({
        help:
            "Stays up after the account, until Ctrl-C, and serves a page that shows the stream, from the first post on: " +
            "what flows, the items, the failed events and why, the function's log.",
    }),
    uiPort,
    faults: flag({
        help:
            "Makes services, connections and the function fail at random, reshards the stream, and sends malformed records " +
            "as well. The account must still be complete.",
    }),
    timings: flag({ help: "Prints what the time until the first stored post was spent on." }),
    json: flag({ help: "Prints the account as one line of JSON, last." }),
};

leaveAwsSettingsOut();

runMain(
    {
        usage: "npm run demo --",
        summary:
            "Runs the whole pipeline on this machine: starts the embedded cloud, deploys index.ts to it, sends sample posts with " +
            "the producer, and accounts for every one of them. Nothing of it stays.",
        options,
        check: ({ keep }, given) => (given.has("uiPort") && !keep ? ["Expected `--ui-port` with `--keep` only."] : []),
        notes: "Exit code: 0 if every post is stored once, 1 if not, 2 for a mistake in the options or the configuration.",
    },
    demo,
);

async function demo(values: Values<typeof options>): Promise<number> {
    const interruption = new AbortController();
    const stopWatching = onInterrupt({
        stop: () => interruption.abort(new Failure(STOPPED, INTERRUPTED)),
        abort: () => process.exit(INTERRUPTED),
    });
    try {
        const { rate, port = 0, faults, seed = Math.floor(Math.random() * (SEED_MAX + 1)) } = values;
        say("Starting the embedded cloud and deploying index.ts to it ...");
        const posts = values.posts ?? (faults ? POSTS_WITH_FAULTS_DEFAULT : POSTS_DEFAULT);
        const { complete } = await runDemo({
            ...{ posts, seed, rate, port, faults, say },
            signal: interruption.signal,
            pagePort: values.keep ? values.uiPort : undefined,
            onResult: (result) => print(result, values),
        });
        if (values.keep) say(STOPPED);
        return complete ? 0 : 1;
    } catch (error) {
        // What was under way fails in many ways when it is stopped; the reason is the one that counts.
        throw interruption.signal.aborted ? interruption.signal.reason : error;
    } finally {
        stopWatching();
    }
}

async function print(result: Result, { json, timings }: Values<typeof options>): Promise<void> {
    const { accountTable, faultsTable, itemsTable, jsonLine, timingsTable } = await import("./report");
    process.stdout.write(`\n${itemsTable(result.items, process.stdout.columns)}\n\n${accountTable(result)}\n`);
    if (result.faults !== undefined) process.stdout.write(`\n${faultsTable(result.faults)}\n`);
    if (timings) process.stdout.write(`\n${timingsTable()}\n`);
    if (json) process.stdout.write(`${jsonLine(result)}\n`);
}

/** Standard output holds the results alone. */
function say(line: string): void {
    process.stderr.write(`${line}\n`);
}
