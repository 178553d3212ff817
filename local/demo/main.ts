import { Failure } from "../../commandline/failure";
import { onInterrupt } from "../../commandline/interrupt";
import { runMain } from "../../commandline/main";
import { flag, positive, whole, type Values } from "../../commandline/options";
import { SEED_MAX } from "../../producer/sources/sample";
import { accountTable, itemsTable, jsonLine } from "./report";
import { runDemo } from "./run";

/** Each post is remembered until it is found in the table. */
const POSTS_MAX = 10_000_000;
/** The exit code of a program that Ctrl-C has ended, by the convention of shells. */
const INTERRUPTED = 130;

const options = {
    posts: whole({
        value: "N",
        help: "How many posts to send.",
        unit: "posts",
        minimum: 1,
        maximum: POSTS_MAX,
        default: 1_000,
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
    json: flag({ help: "Prints the account as one line of JSON, last." }),
};

runMain(
    {
        usage: "npm run demo --",
        summary:
            "Runs the whole pipeline on this machine: starts the embedded cloud, deploys index.ts to it, sends sample posts with " +
            "the producer, and accounts for every one of them. Nothing of it stays.",
        options,
        notes: "Exit code: 0 if every post is stored once, 1 if not, 2 for a mistake in the options or the configuration.",
    },
    demo,
);

async function demo(values: Values<typeof options>): Promise<number> {
    const interruption = new AbortController();
    const stopWatching = onInterrupt({
        stop: () => interruption.abort(new Failure("Stopped; nothing is left running.", INTERRUPTED)),
        abort: () => process.exit(INTERRUPTED),
    });
    try {
        const { posts, rate, port = 0, json, seed = Math.floor(Math.random() * (SEED_MAX + 1)) } = values;
        say("Starting the embedded cloud and deploying index.ts to it ...");
        const result = await runDemo({ posts, seed, rate, port, signal: interruption.signal, say });
        process.stdout.write(`\n${itemsTable(result.items)}\n\n${accountTable(result)}\n`);
        if (json) process.stdout.write(`${jsonLine(result)}\n`);
        return result.complete ? 0 : 1;
    } catch (error) {
        // What was under way fails in many ways when it is stopped; the reason is the one that counts.
        throw interruption.signal.aborted ? interruption.signal.reason : error;
    } finally {
        stopWatching();
    }
}

/** Standard output holds the results alone. */
function say(line: string): void {
    process.stderr.write(`${line}\n`);
}
