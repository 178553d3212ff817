import { Failure } from "../../commandline/failure";
import { formatAmount, formatSeconds } from "../../commandline/numbers";
import { startProgress, type Progress } from "../../commandline/progress";
import { samplePosts } from "../../producer/sources/sample";
import type { Cloud } from "../cloud";
import type { Properties } from "../deployment/values";
import { startStack } from "../stack";
import { takeAccount, type StoredItem } from "./account";
import { Flow } from "./flow";
import { ProducerProcess } from "./producer-process";
import type { Result } from "./report";

const ITEMS_SHOWN = 10;

export interface DemoOptions {
    readonly posts: number;
    readonly seed: number;
    /** Posts per second; as fast as the stream takes them if it is not given. */
    readonly rate: number | undefined;
    /** 0 for any free port. */
    readonly port: number;
    readonly signal: AbortSignal;
    /** For what people should know while it runs. */
    readonly say: (line: string) => void;
}

/** Runs the pipeline from an empty machine to the account of every post, and leaves nothing running. */
export async function runDemo(options: DemoOptions): Promise<Result> {
    const ending = new AbortController();
    const run = new Run(options, AbortSignal.any([options.signal, ending.signal]));
    try {
        return await run.finish();
    } finally {
        ending.abort();
        await run.close();
    }
}

class Run {
    private cloud: Cloud | undefined;
    private producer: ProducerProcess | undefined;
    private flow: Flow | undefined;
    private progress: Progress | undefined;

    constructor(
        private readonly options: DemoOptions,
        private readonly signal: AbortSignal,
    ) {}

    async finish(): Promise<Result> {
        const { port, posts, say } = this.options;
        const { cloud, deployment } = await startStack({
            port,
            signal: this.signal,
            // Both have a while to start; the producer does so during the deployment.
            onCloud: (started) => this.startProducer(started),
            onOutputs: (outputs) => this.startFlow(outputs),
            onLog: ({ severity, text }) => say(severity === "info" ? text : `${severity}: ${text}`),
            onDenied: ({ message }) => say(`Denied: ${message}`),
        });
        this.cloud = cloud;
        const { producer, flow } = this;
        if (producer === undefined || flow === undefined) throw new Error("The deployment ended without outputs.");
        const seconds = formatSeconds(performance.now() / 1000);
        this.say(
            `${formatAmount(deployment.resources.length, "resource")} deployed at ${cloud.endpointUrl} after ${seconds}.`,
        );

        const { sent, exitCode, messages } = await producer.report;
        if (exitCode !== 0) throw new Failure(`The producer failed:\n${messages.trimEnd()}`);
        await unlessAborted(cloud.drained(), this.signal);
        this.progress?.stop();
        flow.stop();
        const { account, items } = await this.verify(cloud, deployment.outputs, sent);
        const complete = sent === posts && account.lost === 0 && account.duplicates === 0;
        return { ...account, ...flow.measured(), items, complete };
    }

    async close(): Promise<void> {
        this.progress?.stop();
        this.flow?.stop();
        // How it ended was of interest before.
        await this.producer?.report.catch(() => undefined);
        await this.cloud?.close();
    }

    private startProducer(cloud: Cloud): void {
        const { posts, seed, rate } = this.options;
        this.cloud = cloud;
        this.producer = new ProducerProcess({ endpointUrl: cloud.endpointUrl, posts, seed, rate, signal: this.signal });
    }

    private startFlow(outputs: Properties): void {
        if (this.cloud === undefined) throw new Error("The deployment has outputs before its cloud is up.");
        const flow = new Flow(this.cloud.dynamodb, String(outputs.values.eventDataTable));
        const { posts } = this.options;
        this.flow = flow;
        this.progress = startProgress({
            label: "storing",
            unit: "posts",
            total: posts,
            read: () => ({ done: flow.stored }),
        });
        this.producer?.configure(outputs);
    }

    /** Compares what was sent with what is in the table and in the bucket. */
    private async verify(cloud: Cloud, outputs: Properties, sent: number) {
        const { posts, seed } = this.options;
        // The AWS client that it reads with takes a while to load; by now there is time for it. What the SDK says about versions
        // of Node is for those who update it (https://github.com/aws/aws-sdk-js-v3/issues/7983).
        process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
        const { readFailedPayloads, readTable } = await import("./evidence");
        const items: StoredItem[] = [];
        const account = await takeAccount({
            expected: samplePosts({ seed, count: posts, now: () => new Date() }),
            sent,
            items: watched(readTable(cloud, String(outputs.values.eventDataTable)), items),
            failedPayloads: readFailedPayloads(cloud, String(outputs.values.failedEventsBucket)),
        });
        return { account, items };
    }

    private say(line: string): void {
        if (this.progress === undefined) this.options.say(line);
        else this.progress.print(line);
    }
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
