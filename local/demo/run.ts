import { Failure } from "../../commandline/failure";
import { formatSeconds } from "../../commandline/numbers";
import { startProgress, type Progress } from "../../commandline/progress";
import { samplePosts } from "../../producer/sources/sample";
import type { Cloud } from "../cloud";
import type { Properties } from "../deployment/values";
import { startStack } from "../stack";
import { FaultInjector } from "../faults/injector";
import { takeAccount, type StoredItem } from "./account";
import { Flow } from "./flow";
import { malformedRecords } from "./malformed";
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
    /** Makes services, connections and the function fail, reshards the stream, and sends malformed records as well. */
    readonly faults: boolean;
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

/** With faults, one record in a hundred is no post. */
const MALFORMED_SHARE = 0.01;
/** With faults, the stream is brought to these numbers of shards when these shares of the posts are stored. */
const RESHARDS = [
    { share: 0.25, shards: 7 },
    { share: 0.6, shards: 3 },
] as const;

class Run {
    private cloud: Cloud | undefined;
    private producer: ProducerProcess | undefined;
    private flow: Flow | undefined;
    private progress: Progress | undefined;
    private readonly injector: FaultInjector | undefined;
    private readonly malformed: readonly Uint8Array[];
    private malformedSent: Promise<void> = Promise.resolve();
    private reshards = 0;

    constructor(
        private readonly options: DemoOptions,
        private readonly signal: AbortSignal,
    ) {
        const { faults, posts, seed } = options;
        this.injector = faults ? new FaultInjector(seed) : undefined;
        this.malformed = malformedRecords(faults ? Math.ceil(posts * MALFORMED_SHARE) : 0);
    }

    async finish(): Promise<Result> {
        const { port, posts, say } = this.options;
        const { injector } = this;
        const { cloud, deployment } = await startStack({
            port,
            signal: this.signal,
            ...(injector && { faults: injector }),
            // Both have a while to start; the producer does so during the deployment.
            onCloud: (started) => this.startProducer(started),
            onOutputs: (outputs) => this.startFlow(outputs),
            onLog: ({ severity, text }) => say(severity === "info" ? text : `${severity}: ${text}`),
            onDenied: ({ message }) => this.say(`Denied: ${message}`),
            // With faults, there are problems all the time.
            onProblem: (problem) => (injector === undefined ? this.say(`Event source mapping: ${problem}`) : undefined),
        });
        this.cloud = cloud;
        const { producer, flow } = this;
        if (producer === undefined || flow === undefined) throw new Error("The deployment ended without outputs.");
        const { sent, exitCode, messages } = await producer.report;
        if (exitCode !== 0) throw new Failure(`The producer failed:\n${messages.trimEnd()}`);
        await this.malformedSent;
        await unlessAborted(cloud.drained(), this.signal);
        this.progress?.stop();
        flow.stop();
        injector?.stop();
        const { account, items } = await this.verify(cloud, deployment.outputs, sent + this.malformed.length);
        const complete = account.sent === posts && account.lost === 0 && account.duplicates === 0;
        const faults = injector && { ...injector.counts, reshards: this.reshards };
        return { ...account, ...flow.measured(account.stored), items, complete, faults };
    }

    async close(): Promise<void> {
        this.progress?.stop();
        this.flow?.stop();
        // How it ended was of interest before.
        await this.producer?.report.catch(() => undefined);
        await this.cloud?.close();
    }

    private startProducer(cloud: Cloud): void {
        const { seed, rate } = this.options;
        const { endpointUrl } = cloud;
        this.cloud = cloud;
        this.producer = new ProducerProcess({ endpointUrl, posts: this.wellFormed, seed, rate, signal: this.signal });
    }

    private startFlow(outputs: Properties): void {
        if (this.cloud === undefined) throw new Error("The deployment has outputs before its cloud is up.");
        const seconds = formatSeconds(performance.now() / 1000);
        this.options.say(`It is deployed at ${this.cloud.endpointUrl} after ${seconds}; sending posts ...`);
        const flow = new Flow(this.cloud.dynamodb, String(outputs.values.eventDataTable));
        const { posts } = this.options;
        this.flow = flow;
        this.progress = startProgress({
            label: "storing",
            unit: "posts",
            total: posts,
            // An item that is written again counts again.
            read: () => ({ done: Math.min(flow.stored, posts) }),
        });
        this.producer?.configure(outputs);
        if (this.injector !== undefined) this.startFaults(this.injector, this.cloud, flow, outputs);
    }

    private get wellFormed(): number {
        return this.options.posts - this.malformed.length;
    }

    private startFaults(injector: FaultInjector, cloud: Cloud, flow: Flow, outputs: Properties): void {
        injector.start();
        // The AWS client that it sends with takes a while to load, which a demo without faults is spared.
        this.malformedSent = import("./send-malformed").then(({ sendMalformed }) =>
            sendMalformed(this.malformed, outputs, cloud.endpointUrl, this.signal),
        );
        // Awaited when the producer has ended; until then a failure is no unhandled rejection.
        this.malformedSent.catch(() => undefined);
        flow.onStored(() => {
            const next = RESHARDS[this.reshards];
            if (next === undefined || flow.stored < next.share * this.options.posts) return;
            this.reshards += 1;
            cloud.kinesis.scale(String(outputs.values.kinesisStream), next.shards);
        });
    }

    /** Compares what was sent with what is in the table and in the bucket. */
    private async verify(cloud: Cloud, outputs: Properties, sent: number) {
        const { seed } = this.options;
        // The AWS client that it reads with takes a while to load; by now there is time for it.
        const { readFailedPayloads, readTable } = await import("./evidence");
        const items: StoredItem[] = [];
        const account = await takeAccount({
            expected: samplePosts({ seed, count: this.wellFormed, now: () => new Date() }),
            malformed: this.malformed,
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
