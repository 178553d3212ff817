/**
 * The script of a process that runs the whole pipeline once for each message, as `npm run demo` does: the embedded cloud, the
 * program deployed to it, and the producer as a process of its own. It answers when every post is stored, once.
 */
import { readProject } from "../local/deployment/project";
import { deploy } from "../local/deployment/deploy";
import { EmbeddedProvider } from "../local/deployment/provider";
import type { Properties } from "../local/deployment/values";
import { AwsError } from "../local/aws-error";
import { Cloud } from "../local/cloud";
import { Latencies } from "../local/demo/latency";
import { ProducerProcess } from "../local/demo/producer-process";
import { unlessAborted } from "../local/demo/run";
import type { Item } from "../local/dynamodb/service";
import { PROJECT_FOLDER } from "../local/stack";
import { startPage } from "../local/page/page";
import { itemUnits, type Counts } from "./cost";
import { answerMessages } from "./peer-process";

export interface PipelineRequest {
    shards: number;
    posts: number;
    /** Posts per second; as fast as the stream takes them if it is not given. */
    rate?: number;
    /** Posts that one invocation gets at most; the program's default if it is not given. */
    batchSize?: number;
    /** So many seconds after the first item, the table answers with errors for `seconds`. */
    outage?: { afterSeconds: number; seconds: number };
    /** The page is served, and a browser watches it. */
    isWatched?: boolean;
}

export interface PipelineReport {
    /** From the first post to the last item. */
    postsPerSecond: number;
    latencyMs: { p50: number; p95: number; p99: number };
    /** From the end of the outage until every post that was made before is stored; 0 without one. */
    recoverySeconds: number;
    counts: Counts;
}

const STACK = "bench";
const SEED = 1;
const UNAVAILABLE = new AwsError("InternalServerError", "The table is out of order (for the benchmark).", 500);

/** What is under way then ends in good order, and with it the process. */
const stopping = new AbortController();
answerMessages(
    async (message) => new Run(message as PipelineRequest).report(),
    () => stopping.abort(),
);

class Run {
    private readonly latencies = new Latencies();
    private readonly counts: Counts = { posts: 0, invocations: 0, functionMs: 0, logBytes: 0, writeUnits: 0 };
    private firstPostMs = Infinity;
    private lastItemMs = 0;
    private isOut = false;
    private outageEndMs = Infinity;
    private recoveredMs = 0;
    private readonly timers: NodeJS.Timeout[] = [];

    private readonly ending = new AbortController();
    private readonly signal = AbortSignal.any([stopping.signal, this.ending.signal]);

    constructor(private readonly request: PipelineRequest) {}

    async report(): Promise<PipelineReport> {
        const { posts, rate, isWatched = false } = this.request;
        const { signal } = this;
        const cloud = await Cloud.start({
            port: 0,
            region: "us-east-1",
            faults: { dynamodb: { consult: () => (this.isOut ? UNAVAILABLE : undefined) } },
            onProblem: () => undefined,
        });
        const producer = new ProducerProcess({ endpointUrl: cloud.endpointUrl, posts, rate, seed: SEED, signal });
        try {
            const outputs = await this.deploy(cloud);
            const page = isWatched ? await watchedPage(cloud, outputs) : undefined;
            this.observe(cloud, String(outputs.values.eventDataTable));
            producer.configure(outputs);
            const { sent, exitCode, messages } = await producer.report;
            if (exitCode !== 0 || sent !== posts) throw new Error(`The producer sent ${sent} posts: ${messages}`);
            await unlessAborted(cloud.drained(), signal);
            await page?.close();
            const stored = cloud.dynamodb.itemCount(String(outputs.values.eventDataTable));
            if (stored !== posts) throw new Error(`${stored ?? 0} of ${posts} posts are stored.`);
        } finally {
            this.timers.forEach(clearTimeout);
            this.ending.abort();
            await Promise.allSettled([producer.report, cloud.close()]);
        }
        const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => this.latencies.percentile(share));
        return {
            postsPerSecond: posts / ((this.lastItemMs - this.firstPostMs) / 1000),
            latencyMs: { p50: p50 ?? NaN, p95: p95 ?? NaN, p99: p99 ?? NaN },
            recoverySeconds: Math.max(this.recoveredMs - this.outageEndMs, 0) / 1000,
            counts: { ...this.counts, posts },
        };
    }

    private async deploy(cloud: Cloud): Promise<Properties> {
        const { shards, batchSize } = this.request;
        const project = readProject(PROJECT_FOLDER, STACK);
        const settings = { shardCount: String(shards), ...(batchSize && { batchSize: String(batchSize) }) };
        const named = Object.entries(settings).map(([name, value]) => [`${project.name}:${name}`, value] as const);
        const { outputs } = await deploy({
            project: { ...project, config: { ...project.config, ...Object.fromEntries(named) } },
            stack: STACK,
            startProvider: async () => new EmbeddedProvider(cloud),
            signal: this.signal,
        });
        return outputs;
    }

    private observe(cloud: Cloud, tableName: string): void {
        cloud.dynamodb.onWrite((write) => {
            if (write.tableName === tableName) this.add(write.put, write.timeMs);
        });
        cloud.events.invocation.add(({ result }) => {
            if (result === undefined) return;
            this.counts.invocations += 1;
            this.counts.functionMs += Math.ceil(result.durationMs);
        });
        cloud.lambda.onLog(({ message }) => (this.counts.logBytes += message.length));
    }

    private add(items: readonly Item[], nowMs: number): void {
        if (this.lastItemMs === 0) this.planOutage();
        this.lastItemMs = nowMs;
        for (const item of items) {
            const postedMs = Date.parse(String(item.Timestamp?.S));
            this.latencies.add(nowMs - postedMs);
            this.firstPostMs = Math.min(this.firstPostMs, postedMs);
            this.counts.writeUnits += itemUnits(item);
            if (postedMs <= this.outageEndMs && nowMs > this.outageEndMs) this.recoveredMs = nowMs;
        }
    }

    private planOutage(): void {
        const { outage } = this.request;
        if (outage === undefined) return;
        const begin = (): void => {
            this.isOut = true;
            this.timers.push(setTimeout(end, outage.seconds * 1000));
        };
        const end = (): void => {
            this.isOut = false;
            this.outageEndMs = Date.now();
        };
        this.timers.push(setTimeout(begin, outage.afterSeconds * 1000));
    }
}

/** The page as a browser has it open: told of everything, and asking for what its panels show. */
async function watchedPage(cloud: Cloud, outputs: Properties): Promise<{ close: () => Promise<void> }> {
    const page = await startPage({ port: 0, cloud, outputs, resources: () => [] });
    const watching = new AbortController();
    const { body } = await fetch(`${page.address}/events`, { signal: watching.signal });
    const reading = body?.pipeTo(new WritableStream()).catch((error: unknown) => {
        if (!watching.signal.aborted) throw error;
    });
    return {
        close: async () => {
            watching.abort();
            await reading;
            await page.close();
        },
    };
}
