import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Failure } from "../../commandline/failure";
import { onInterrupt } from "../../commandline/interrupt";
import { runMain } from "../../commandline/main";
import { formatAmount, formatSeconds } from "../../commandline/numbers";
import { flag, positive, whole, type Values } from "../../commandline/options";
import { startProgress } from "../../commandline/progress";
import { samplePosts, SEED_MAX } from "../../producer/sources/sample";
import { startStack, type Stack } from "../stack";
import { writeOutputs } from "../outputs";
import type { StoredItem } from "./account";
import { takeAccount } from "./account";
import { Flow } from "./flow";
import { runProducer } from "./producer-process";
import { accountTable, itemsTable, jsonLine, type Result } from "./report";

const ITEMS_SHOWN = 10;
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
        return await runDemo(values, interruption.signal);
    } catch (error) {
        // What was under way fails in many ways when it is stopped; the reason is the one that counts.
        throw interruption.signal.aborted ? interruption.signal.reason : error;
    } finally {
        stopWatching();
    }
}

async function runDemo(values: Values<typeof options>, signal: AbortSignal): Promise<number> {
    say("Starting the embedded cloud and deploying index.ts to it ...");
    const stack = await startStack({
        port: values.port ?? 0,
        signal,
        onLog: ({ severity, text }) => say(severity === "info" ? text : `${severity}: ${text}`),
        onDenied: ({ message }) => say(`Denied: ${message}`),
    });
    try {
        const { resources } = stack.deployment;
        say(
            `${formatAmount(resources.length, "resource")} deployed at ${stack.cloud.endpointUrl} after ${formatSeconds(uptime())}.`,
        );
        const result = await sendAndVerify(stack, values, signal);
        process.stdout.write(`\n${itemsTable(result.items)}\n\n${accountTable(result)}\n`);
        if (values.json) process.stdout.write(`${jsonLine(result)}\n`);
        return result.complete ? 0 : 1;
    } finally {
        await stack.cloud.close();
    }
}

async function sendAndVerify(
    { cloud, deployment }: Stack,
    values: Values<typeof options>,
    signal: AbortSignal,
): Promise<Result> {
    const { posts, rate, seed = Math.floor(Math.random() * (SEED_MAX + 1)) } = values;
    const { eventDataTable, failedEventsBucket } = deployment.outputs.values as Record<string, string>;
    const flow = new Flow(cloud.dynamodb, eventDataTable ?? "");
    const folder = mkdtempSync(path.join(tmpdir(), "stream-processing-demo-"));
    const progress = startProgress({
        label: "storing",
        unit: "posts",
        total: posts,
        read: () => ({ done: flow.stored }),
    });
    let sent: number;
    try {
        const outputsFile = path.join(folder, "outputs.json");
        writeOutputs(outputsFile, deployment.outputs);
        const report = await runProducer({ outputsFile, endpointUrl: cloud.endpointUrl, posts, seed, rate, signal });
        if (report.exitCode !== 0) throw new Failure(`The producer failed:\n${report.messages.trimEnd()}`);
        sent = report.sent;
        await unlessAborted(cloud.drained(), signal);
    } finally {
        progress.stop();
        flow.stop();
        rmSync(folder, { recursive: true, force: true });
    }
    // The AWS client that it reads with takes a while to load; by now there is time for it. What the SDK says about versions of
    // Node is for those who update it (https://github.com/aws/aws-sdk-js-v3/issues/7983).
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    const { readFailedPayloads, readTable } = await import("./evidence");
    const items: StoredItem[] = [];
    const account = await takeAccount({
        expected: samplePosts({ seed, count: posts, now: () => new Date() }),
        sent,
        items: watched(readTable(cloud, eventDataTable ?? ""), items),
        failedPayloads: readFailedPayloads(cloud, failedEventsBucket ?? ""),
    });
    return {
        ...account,
        ...flow.measured(),
        items,
        complete: account.sent === posts && account.lost + account.duplicates === 0,
    };
}

/** Passes the items on, and keeps the first few to be shown. */
async function* watched(items: AsyncIterable<StoredItem>, kept: StoredItem[]): AsyncGenerator<StoredItem> {
    for await (const item of items) {
        if (kept.length < ITEMS_SHOWN) kept.push(item);
        yield item;
    }
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
    let stop: () => void = () => undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
        stop = () => reject(signal.reason as Error);
        signal.addEventListener("abort", stop, { once: true });
    });
    try {
        signal.throwIfAborted();
        await Promise.race([work, aborted]);
    } finally {
        signal.removeEventListener("abort", stop);
    }
}

/** Seconds since this process was started. */
function uptime(): number {
    return performance.now() / 1000;
}

/** Standard output holds the results alone. */
function say(line: string): void {
    process.stderr.write(`${line}\n`);
}
