import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../commandline/failure";
import { onInterrupt } from "../commandline/interrupt";
import { runMain } from "../commandline/main";
import { formatAmount } from "../commandline/numbers";
import type { Values } from "../commandline/options";
import { startProgress } from "../commandline/progress";
import { Account } from "./account";
import { liveNote } from "./live-line";
import { Notices } from "./notices";
import { command, LIVE_RECORD_TTL_SECONDS, openSource, type ProducerOptions } from "./options";
import { outgoingPosts } from "./posts";
import { sendAll, type Traffic } from "./sender";
import type { Source, SourceContext } from "./sources/source";
import { readChosenOutputs } from "./stack-options";
import type { Stream, StreamTarget } from "./stream";
import { surroundings } from "./surroundings";

const PROJECT_FOLDER = join(__dirname, "..");
const KEYS = ["accessKeyId", "secretAccessKey"] as const;

runMain(command, produce);

/** Sends the posts of the chosen source, prints the account, answers with the exit code. */
async function produce(values: Values<ProducerOptions>): Promise<number> {
    const account = new Account();
    const stop = new AbortController();
    const abort = new AbortController();
    const notices = new Notices();
    const source = await openSource(values, sourceContext(account, stop.signal, abort.signal, notices));
    const reading = readTarget(values);
    const { openStream } = loadStream();
    const stream = openStream(await reading);

    const startedAt = surroundings.now();
    const { interrupted, failure } = await send(values, { account, stop, abort, notices, source, stream });
    const seconds = (surroundings.now() - startedAt) / 1000;
    process.stdout.write(`${values.json ? account.toJson(seconds, interrupted) : account.toTable(seconds)}\n`);
    if (failure instanceof Failure) {
        throw new Failure(withNotSent(failure.message, account.notSent), failure.exitCode);
    }
    // A bug, which is told with its stack; but what became of the posts is told as well.
    if (failure !== undefined) throw failure;
    if (interrupted) process.stderr.write("Interrupted: the source was stopped before its end.\n");
    return account.lost > 0 && !interrupted ? 1 : 0;
}

interface Run {
    account: Account;
    /** Aborted when the source is to end. */
    stop: AbortController;
    /** Aborted to give up at once, on what is in flight too. */
    abort: AbortController;
    notices: Notices;
    source: Source;
    stream: Stream;
}

interface Ending {
    /** Somebody asked for it. */
    interrupted: boolean;
    /** Why posts were not sent. */
    failure?: Error;
}

/** Returns when all is sent, or cannot be. */
async function send(values: Values<ProducerOptions>, run: Run): Promise<Ending> {
    const { account, stop, abort, notices, source, stream } = run;
    const { isLive = false, isEndless = false, total, note = () => "" } = source;
    const { verbose, recordTtl = isLive ? LIVE_RECORD_TTL_SECONDS : undefined } = values;
    let interrupted = false;
    const traffic: Traffic = { inFlight: 0, held: 0, throttledShards: 0, lagMs: 0 };
    const progress = startProgress({
        label: "sending",
        unit: "posts",
        total,
        read: () => ({ done: account.sent, note: liveNote(traffic, account, note(), surroundings.now()) }),
    });
    notices.showWith(progress.print);
    const ignoreInterrupts = onInterrupt({
        stop: (signal) => {
            interrupted = true;
            progress.print(`${signal}: stopping the source, and sending what has been read. Again to give up.`);
            stop.abort();
        },
        abort: () => abort.abort(),
    });
    try {
        await sendAll({
            chunks: outgoingPosts(source, account),
            putRecords: stream.putRecords,
            account,
            surroundings,
            abort: abort.signal,
            stopSource: () => stop.abort(),
            isLive,
            recordTtlMs: recordTtl === undefined ? undefined : recordTtl * 1000,
            outlastsOutages: isLive || isEndless,
            onRefused: (refusal) => notices.refused(refusal),
            onTrouble: (trouble) => notices.trouble(trouble),
            ...(verbose && { onRequest: (report) => notices.request(report) }),
            traffic,
        });
        return { interrupted };
    } catch (error) {
        return { interrupted, failure: error instanceof Error ? error : new Error(String(error)) };
    } finally {
        progress.stop();
        ignoreInterrupts();
        stream.close();
    }
}

function withNotSent(message: string, notSent: number): string {
    if (notSent === 0) return message;
    return `${message} ${formatAmount(notSent, "post")} of those received ${notSent === 1 ? "was" : "were"} not sent.`;
}

function sourceContext(account: Account, stop: AbortSignal, giveUp: AbortSignal, notices: Notices): SourceContext {
    return {
        stop,
        giveUp,
        refuse: (refusal) => {
            account.received += 1;
            account.refuse(refusal.reason);
            notices.refused(refusal);
        },
        drop: (reason, count = 1) => {
            account.received += count;
            account.drop(reason, count);
        },
        notice: (line) => notices.notice(line),
        now: () => new Date(),
        elapsedMs: surroundings.now,
        random: surroundings.random,
        wait: async (milliseconds) => {
            try {
                await delay(milliseconds, undefined, { signal: stop });
            } catch (error) {
                if (!stop.aborted) throw error;
            }
        },
    };
}

async function readTarget(values: Values<ProducerOptions>): Promise<StreamTarget> {
    const names = ["kinesisStream", "region"] as const;
    if (values.credentials === "default") {
        const { kinesisStream, region } = await readChosenOutputs(values, PROJECT_FOLDER, names);
        return { streamName: kinesisStream, region };
    }
    const outputs = await readChosenOutputs(values, PROJECT_FOLDER, [...names, ...KEYS]);
    const { kinesisStream, region, accessKeyId, secretAccessKey } = outputs;
    return { streamName: kinesisStream, region, credentials: { accessKeyId, secretAccessKey } };
}

/**
 * The AWS SDK takes 50 ms to load: loaded here, while the Pulumi CLI is at work, and not for `--help` or a mistake in the
 * options. Its reminder that its releases of 2027 want a newer Node is for whoever updates this project, not for whoever sends
 * posts; the switch is the one of https://github.com/aws/aws-sdk-js-v3/issues/7983.
 */
function loadStream(): typeof import("./stream") {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would not take the TypeScript loader
    return require("./stream") as typeof import("./stream");
}
