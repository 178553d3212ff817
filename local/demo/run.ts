import { once } from "node:events";
import { Failure } from "../../commandline/failure";
import { formatCount, formatSeconds } from "../../commandline/numbers";
import { startProgress, type Progress } from "../../commandline/progress";
import { samplePosts } from "../../producer/sources/sample";
import { describeEnd } from "../child-process";
import type { Cloud } from "../cloud";
import type { DeployedResource } from "../deployment/monitor";
import type { Properties } from "../deployment/values";
import { FailedEvents } from "../failed-events";
import type { Page } from "../page/page";
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
    /** Serves the page there, and stays up until `signal` is aborted; undefined for neither. */
    readonly pagePort: number | undefined;
    /** Told what was found out, before it ends or stays up. */
    readonly onResult: (result: Result) => Promise<void>;
    /** Ends everything when it is aborted: as an error, unless there is a result by then. */
    readonly signal: AbortSignal;
    /** For what people should know while it runs. */
    readonly say: (line: string) => void;
}

/** Runs the pipeline from an empty machine to the account of every post, and leaves nothing running. */
export async function runDemo(options: DemoOptions): Promise<Result> {
    const ending = new AbortController();
    const run = new Run(options, AbortSignal.any([options.signal, ending.signal]));
    try {
        const result = await run.finish();
        await options.onResult(result);
        await run.stay();
        return result;
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

/** Records that the function has had need not be kept: a demo of millions of posts gets along with this. */
const STREAM_BYTES_MAX = 256 * 1024 * 1024;
/** The comparison of so many posts takes so long that people want to see it go on. */
const CHECK_SHOWN_POSTS = 20_000;

class Run {
    private cloud: Cloud | undefined;
    private producer: ProducerProcess | undefined;
    private flow: Flow | undefined;
    private progress: Progress | undefined;
    private readonly injector: FaultInjector | undefined;
    private readonly malformed: readonly Uint8Array[];
    private malformedSent: Promise<void> = Promise.resolve();
    private reshards = 0;
    private page: Promise<Page> | undefined;
    /** Records in the failed-events bucket. */
    private failedRecords = () => 0;
    private stopCounting: () => void = () => undefined;
    private deployed: readonly DeployedResource[] = [];
    private trimmed = 0;

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
            streamBytesMax: STREAM_BYTES_MAX,
            onEarlyTrim: ({ records }) => (this.trimmed += records),
            // Both have a while to start; the producer does so during the deployment.
            onCloud: (started) => this.startProducer(started),
            onOutputs: (outputs) => this.startFlow(outputs),
            onLog: ({ severity, text }) => say(severity === "info" ? text : `${severity}: ${text}`),
            onDenied: ({ message }) => this.say(`Denied: ${message}`),
            // With faults, there are problems all the time.
            onProblem: (problem) => (injector === undefined ? this.say(problem) : undefined),
        });
        this.cloud = cloud;
        this.deployed = deployment.resources;
        const { producer, flow } = this;
        if (producer === undefined || flow === undefined) throw new Error("The deployment ended without outputs.");
        // A page that cannot be served ends the demo at once.
        const { sent, exitCode, messages } = await Promise.race([producer.report, failureOf(this.page)]);
        if (exitCode !== 0) throw new Failure(`The producer ${describeEnd(exitCode)}.\n${messages}`.trimEnd());
        await this.malformedSent;
        await unlessAborted(cloud.drained(), this.signal);
        this.progress?.stop();
        flow.stop();
        injector?.stop();
        const { account, items } = await this.verify(cloud, deployment.outputs, sent + this.malformed.length);
        if (account.lost > 0 && this.trimmed > 0)
            say(`The stream let go of ${formatCount(this.trimmed)} records early.`);
        const complete = account.sent === posts && account.lost === 0 && account.duplicates === 0;
        const faults = injector && { ...injector.counts, reshards: this.reshards };
        return { ...account, ...flow.measured(account.stored), items, complete, faults };
    }

    /** With a page, until it is interrupted. */
    async stay(): Promise<void> {
        const { signal, say } = this.options;
        const page = await this.page;
        if (page === undefined) return;
        say(`\nStill up: ${page.address} shows it. Ctrl-C stops it.`);
        if (!signal.aborted) await once(signal, "abort");
        say("\nStopping ...");
    }

    async close(): Promise<void> {
        this.progress?.stop();
        this.flow?.stop();
        this.stopCounting();
        // Why there is none was of interest before.
        await (await this.page?.catch(() => undefined))?.close();
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
            read: () => ({ done: this.done(flow, posts) }),
        });
        if (this.options.pagePort !== undefined) this.startPage(this.options.pagePort, this.cloud, outputs);
        this.producer?.configure(outputs);
        if (this.injector !== undefined) this.startFaults(this.injector, this.cloud, flow, outputs);
    }

    /** How many posts are where they end; a failed batch may be in the bucket and, delivered once more, in the table. */
    private done({ items }: Flow, posts: number): number {
        return Math.min(items() + this.failedRecords(), posts);
    }

    private startPage(port: number, cloud: Cloud, outputs: Properties): void {
        // A demo without a page does not wait for its code.
        const page = import("../page/page").then(({ startPage }) =>
            startPage({ port, cloud, outputs, resources: () => this.deployed }),
        );
        this.page = page;
        page.then(
            ({ address }) => this.say(`Watch it at ${address}`),
            () => undefined, // `finish` tells it.
        );
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
        const failedEvents = new FailedEvents(
            cloud.s3,
            String(outputs.values.failedEventsBucket),
            cloud.onInternalFailure,
        );
        this.failedRecords = () => failedEvents.records;
        this.stopCounting = () => failedEvents.stop();
        flow.onStored(() => {
            const next = RESHARDS[this.reshards];
            if (next === undefined || flow.items() < next.share * this.options.posts) return;
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
        let compared = 0;
        const { posts } = this.options;
        if (posts >= CHECK_SHOWN_POSTS) {
            this.progress = startProgress({
                label: "checking",
                unit: "posts",
                total: posts,
                read: () => ({ done: Math.min(compared, posts) }),
            });
        }
        const account = await takeAccount({
            onCompared: (count) => (compared = count),
            expected: samplePosts({ seed, count: this.wellFormed, now: () => new Date() }),
            malformed: this.malformed,
            sent,
            items: watched(readTable(cloud, String(outputs.values.eventDataTable)), items),
            failedPayloads: readFailedPayloads(cloud, String(outputs.values.failedEventsBucket)),
        });
        compared = account.stored + account.quarantined;
        this.progress?.stop();
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

/** Only ever rejects, if the work does. */
function failureOf(work: Promise<unknown> | undefined): Promise<never> {
    return new Promise((_resolve, reject) => {
        work?.catch(reject);
    });
}

/** The end of the work, or the reason of the signal if that is first. */
export async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
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
