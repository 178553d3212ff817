import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { Failure } from "../commandline/failure";
import { onInterrupt } from "../commandline/interrupt";
import { runMain } from "../commandline/main";
import { formatAmount } from "../commandline/numbers";
import type { Values } from "../commandline/options";
import { startProgress } from "../commandline/progress";
import { Account } from "./account";
import { readOutputsFile, readStackOutputs, type StackOutputs } from "./config";
import { Notices } from "./notices";
import { command, openSource, type ProducerOptions } from "./options";
import { sendAll, type Surroundings } from "./sender";
import type { SourceContext } from "./sources/source";

const PROJECT_FOLDER = join(__dirname, "..");

const surroundings: Surroundings = {
    now: () => performance.now(),
    after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
    },
    nextTurn: () => nextTurn(),
    random: Math.random,
};

runMain(command, produce);

/** Sends the posts of the chosen source, prints the account, answers with the exit code. */
async function produce(values: Values<ProducerOptions>): Promise<number> {
    const account = new Account();
    const stop = new AbortController();
    const notices = new Notices();
    const source = await openSource(values, sourceContext(account, stop.signal, notices));
    const reading = readOutputs(values);
    const { openStream } = loadStream();
    const stream = openStream(await reading);

    const abort = new AbortController();
    const progress = startProgress({
        label: "sending",
        unit: "posts",
        total: source.total,
        read: () => ({ done: account.sent, note: account.toNote() }),
    });
    notices.showWith(progress.print);
    const ignoreInterrupts = onInterrupt({
        stop: (signal) => {
            progress.print(`${signal}: stopping the source, and sending what has been read. Again to give up.`);
            stop.abort();
        },
        abort: () => abort.abort(),
    });
    const startedAt = surroundings.now();
    let failure: Failure | undefined;
    try {
        await sendAll({
            chunks: source.chunks,
            putRecords: stream.putRecords,
            account,
            surroundings,
            abort: abort.signal,
            stopSource: () => stop.abort(),
            onRefused: (refusal) => notices.refused(refusal),
            onTrouble: (trouble) => notices.trouble(trouble),
        });
    } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failure = error;
    } finally {
        progress.stop();
        ignoreInterrupts();
        stream.close();
    }
    const seconds = (surroundings.now() - startedAt) / 1000;
    const interrupted = stop.signal.aborted && failure === undefined;
    process.stdout.write(`${values.json ? account.toJson(seconds, interrupted) : account.toTable(seconds)}\n`);
    if (interrupted) process.stderr.write("Interrupted: the source was stopped before its end.\n");
    if (failure !== undefined) throw new Failure(withNotSent(failure.message, account.notSent), failure.exitCode);
    return account.refused > 0 ? 1 : 0;
}

function withNotSent(message: string, notSent: number): string {
    if (notSent === 0) return message;
    return `${message} ${formatAmount(notSent, "post")} of those received ${notSent === 1 ? "was" : "were"} not sent.`;
}

function sourceContext(account: Account, stop: AbortSignal, notices: Notices): SourceContext {
    return {
        stop,
        refuse: (refusal) => {
            account.received += 1;
            account.refuse(refusal.reason);
            notices.refused(refusal);
        },
        now: () => new Date(),
        wait: async (milliseconds) => {
            try {
                await delay(milliseconds, undefined, { signal: stop });
            } catch (error) {
                if (!stop.aborted) throw error;
            }
        },
    };
}

function readOutputs({ outputs, stack = "" }: Values<ProducerOptions>): Promise<StackOutputs> {
    return outputs === undefined ? readStackOutputs(stack, PROJECT_FOLDER) : readOutputsFile(outputs);
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
