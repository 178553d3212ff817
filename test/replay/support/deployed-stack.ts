import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { KinesisEvent } from "../../../consumer/delivery";
import { Cloud } from "../../../local/cloud";
import { deploy, type Deployment } from "../../../local/deployment/deploy";
import { Inputs } from "../../../local/deployment/inputs";
import { readProject } from "../../../local/deployment/project";
import { EmbeddedProvider } from "../../../local/deployment/provider";
import { failureRecord } from "../../../local/event-source-mapping/failure-record";
import type { FaultInjector } from "../../../local/faults/injector";
import { temporaryFolder } from "../../temporary-folder";

const PROJECT_FOLDER = path.resolve(__dirname, "../../..");

export interface NewRecord {
    readonly data: Uint8Array;
    readonly partitionKey: string;
}

/** Where a record is in the stream. */
export interface Place {
    readonly shardId: string;
    readonly sequenceNumber: string;
}

export interface StoredPost {
    readonly username: string;
    readonly id: string;
    readonly message: string;
}

export interface ReplayEnd {
    readonly exitCode: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** Of `--json`; empty without it. */
    readonly account: Record<string, unknown>;
}

interface StackOptions {
    readonly faults?: FaultInjector;
    readonly onProblem?: (problem: string) => void;
    /** In place of the program's ten, which take half a minute. */
    readonly retryAttempts?: number;
    /** Invocations at a time; without it, as many as the account has. */
    readonly concurrency?: number;
    /** Awaited before the function begins to read the stream. */
    readonly beforeMapping?: (cloud: Cloud, streamArn: string) => Promise<void>;
}

const FUNCTION = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** Makes the program's resources as they are, but for what the options say. */
class AlteringProvider extends EmbeddedProvider {
    constructor(
        private readonly target: Cloud,
        private readonly options: StackOptions,
    ) {
        super(target);
    }

    override async create(type: string, name: string, inputs: Inputs) {
        const given = inputs.all();
        const { beforeMapping, retryAttempts, concurrency } = this.options;
        if (type === MAPPING) await beforeMapping?.(this.target, String(given.eventSourceArn));
        const altered = {
            ...given,
            ...(type === MAPPING && retryAttempts !== undefined && { maximumRetryAttempts: retryAttempts }),
            ...(type === FUNCTION && concurrency !== undefined && { reservedConcurrentExecutions: concurrency }),
        };
        return super.create(type, name, new Inputs(altered));
    }
}

/** `index.ts`, deployed to an embedded cloud of its own; everything goes over HTTP. */
export class DeployedStack {
    private readonly outputsFile: string;
    private readonly kinesis: KinesisClient;
    private readonly dynamodb: DynamoDBClient;

    readonly outputs: Readonly<Record<string, string>>;

    private constructor(
        readonly cloud: Cloud,
        readonly deployment: Deployment,
    ) {
        this.outputs = deployment.outputs.values as Record<string, string>;
        this.outputsFile = path.join(temporaryFolder({ "outputs.json": JSON.stringify(this.outputs) }), "outputs.json");
        const options = { endpoint: cloud.endpointUrl, region: cloud.region, credentials: cloud.administrator };
        this.kinesis = new KinesisClient(options);
        this.dynamodb = new DynamoDBClient(options);
    }

    static async start(options: StackOptions = {}): Promise<DeployedStack> {
        const project = readProject(PROJECT_FOLDER, "local");
        const { faults, onProblem } = options;
        const region = project.config["aws:region"] ?? "";
        const cloud = await Cloud.start({
            port: 0,
            region,
            ...(faults && { faults }),
            ...(onProblem && { onProblem }),
        });
        try {
            const deployment = await deploy({
                project,
                stack: "local",
                startProvider: async () => new AlteringProvider(cloud, options),
                signal: new AbortController().signal,
            });
            return new DeployedStack(cloud, deployment);
        } catch (error) {
            await cloud.close();
            throw error;
        }
    }

    get bucket(): string {
        return this.outputs.failedEventsBucket ?? "";
    }

    /** Sends records in their order, and resolves with their places in the stream when the function has seen them. */
    async put(records: readonly NewRecord[]): Promise<Place[]> {
        const places: Place[] = [];
        for (let start = 0; start < records.length; start += 500) {
            const Records = records
                .slice(start, start + 500)
                .map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey }));
            const command = new PutRecordsCommand({ StreamName: this.outputs.kinesisStream, Records });
            const { FailedRecordCount, Records: results = [] } = await this.kinesis.send(command);
            if (FailedRecordCount !== 0) throw new Error(`${String(FailedRecordCount)} records were not accepted.`);
            for (const { ShardId = "", SequenceNumber = "" } of results) {
                places.push({ shardId: ShardId, sequenceNumber: SequenceNumber });
            }
        }
        await this.cloud.drained();
        return places;
    }

    /** The whole table, by key. */
    async posts(): Promise<Map<string, StoredPost>> {
        const posts = new Map<string, StoredPost>();
        const pages = paginateScan(
            { client: this.dynamodb },
            { TableName: this.outputs.eventDataTable, ConsistentRead: true },
        );
        for await (const { Items = [] } of pages) {
            for (const { Username, Id, Message } of Items) {
                const post = { username: Username?.S ?? "", id: Id?.S ?? "", message: Message?.S ?? "" };
                posts.set(`${post.username}/${post.id}`, post);
            }
        }
        return posts;
    }

    /** The keys of the failed-events bucket under a prefix, with what is in them. */
    async objects(prefix: string): Promise<Map<string, string>> {
        const { objects } = await this.cloud.s3.listObjects(this.bucket, { prefix });
        return new Map(objects.map(({ key, body }) => [key, body.toString("utf8")]));
    }

    async keys(prefix: string): Promise<string[]> {
        return Array.from((await this.objects(prefix)).keys());
    }

    putObject(key: string, body: string): Promise<unknown> {
        return this.cloud.s3.putObject(this.bucket, key, body);
    }

    /** Empties the failed-events bucket. */
    async clearBucket(): Promise<void> {
        for (const key of await this.keys("")) await this.cloud.s3.deleteObject(this.bucket, key);
    }

    /** Starts `npm run replay`, or `npm run producer`, with the outputs of this stack. */
    start(options: readonly string[], environment: Record<string, string> = {}, command = "replay") {
        const main = path.join(PROJECT_FOLDER, command, "main.ts");
        const loader = path.join(PROJECT_FOLDER, "commandline", "typescript.cjs");
        return spawn(process.execPath, ["--require", loader, main, "--outputs", this.outputsFile, ...options], {
            cwd: PROJECT_FOLDER,
            env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: this.cloud.endpointUrl, ...environment },
            stdio: ["ignore", "pipe", "pipe"],
        });
    }

    /** Runs `npm run producer` to its end, and waits until the function has seen what it sent. */
    async produce(...options: string[]): Promise<ReplayEnd> {
        const ended = await endOf(this.start(options, {}, "producer"));
        await this.cloud.drained();
        return ended;
    }

    /** The lines that the function has logged for its invocations. */
    logLines(): Record<string, unknown>[] {
        return this.cloud.lambda
            .logs(this.outputs.eventProcessor ?? "")
            .flatMap(({ message }) => (message.includes('"QuarantinedRecords"') ? [message] : []))
            .map((message) => JSON.parse(message) as Record<string, unknown>);
    }

    /** Runs `npm run replay` to its end, and waits until the function has seen what it sent. */
    async replay(...options: string[]): Promise<ReplayEnd> {
        const ended = await endOf(this.start(options));
        await this.cloud.drained();
        const secrets = ["secretAccessKey", "replaySecretAccessKey", "accessKeyId", "replayAccessKeyId"];
        for (const name of secrets) {
            const secret = this.outputs[name] ?? name;
            if ((ended.stdout + ended.stderr).includes(secret)) throw new Error(`The output shows ${name}.`);
        }
        return ended;
    }

    async close(): Promise<void> {
        this.kinesis.destroy();
        this.dynamodb.destroy();
        await this.cloud.close();
    }
}

/** An object as Lambda writes it for a batch that it gives up, with this event. */
export function givenUpObject(event: KinesisEvent): string {
    return failureRecord({
        records: event.Records.map(({ kinesis }) => ({
            sequenceNumber: kinesis.sequenceNumber,
            partitionKey: kinesis.partitionKey,
            arrivalMs: 0,
            bufferedAtMs: 0,
            json: "",
            bytes: 0,
            finished: true,
        })),
        condition: "RetryAttemptsExhausted",
        invokeCount: 11,
        requestId: "r",
        response: undefined,
        shardId: "shardId-000000000000",
        streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/posts",
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
        payload: JSON.stringify(event),
        nowMs: 0,
    });
}

/** Resolves when the process has ended and its output is read. */
export async function endOf(child: ReturnType<DeployedStack["start"]>): Promise<ReplayEnd> {
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const [exitCode] = (await once(child, "close")) as [number | null];
    const lastLine = output.stdout.trimEnd().split("\n").at(-1) ?? "";
    const account = (lastLine.startsWith("{") ? JSON.parse(lastLine) : {}) as Record<string, unknown>;
    return { ...output, exitCode, account };
}
