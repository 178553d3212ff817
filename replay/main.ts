import { setMaxListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure, UsageError } from "../commandline/failure";
import { onInterrupt } from "../commandline/interrupt";
import { runMain } from "../commandline/main";
import type { Values } from "../commandline/options";
import { startProgress } from "../commandline/progress";
import { Notices } from "../producer/notices";
import { readChosenOutputs } from "../producer/stack-options";
import type { Stream } from "../producer/stream";
import { surroundings } from "../producer/surroundings";
import { readBatches } from "./batches-file";
import type { Clients, Target } from "./clients";
import type { Bundle } from "./failed-record";
import { asItIs, loadFix } from "./fix";
import type { Inventory } from "./inventory";
import { command, type ReplayOptions } from "./options";
import { replayAll } from "./replay";
import { ReplayAccount } from "./replay-account";
import { streamBundle } from "./reread";
import { readSince } from "./since";
import { listBundles, OBJECTS_MAX, survey } from "./survey";

const PROJECT_FOLDER = join(__dirname, "..");
/** A bucket of damaged objects is told of in as many lines as a terminal holds; all are counted. */
const LEFT_SHOWN_MAX = 20;

runMain(command, replay);

/** Looks at what failed, sends it again, prints the account, answers with the exit code. */
async function replay(values: Values<ReplayOptions>): Promise<number> {
    const fix = values.fix === undefined ? asItIs : await loadFix(values.fix);
    const batches = values.batches === undefined ? undefined : readBatches(await readUserFile(values.batches));
    const target = await readTarget(values);
    const run = new Run(values, target);
    try {
        const bundles =
            batches === undefined
                ? await run.listObjects()
                : batches.map((batch) => streamBundle(batch, target.streamName, run.clients.shards));
        const inventory = await run.survey(bundles);
        return await run.send(inventory, bundles.length, fix);
    } finally {
        run.close();
    }
}

class Run {
    readonly clients: Clients;
    private readonly stream: Stream;
    /** Aborted to begin with nothing more. */
    private readonly stop = new AbortController();
    /** Aborted to give up at once. */
    private readonly abort = new AbortController();
    private readonly notices = new Notices((line) => this.print(line));
    private problems = 0;
    private isSending = false;
    private print = (line: string): void => void process.stderr.write(`${line}\n`);
    private readonly ignoreInterrupts: () => void;

    constructor(
        private readonly values: Values<ReplayOptions>,
        target: Target,
    ) {
        const { openClients, openStream } = loadClients();
        // Every request under way listens to it.
        setMaxListeners(0, this.abort.signal);
        this.clients = openClients(target, this.abort.signal);
        this.stream = openStream(target);
        this.ignoreInterrupts = onInterrupt({
            stop: (signal) => {
                this.print(
                    `${signal}: ${this.isSending ? "sending what has been read, and " : ""}stopping. Again to give up.`,
                );
                this.stop.abort();
            },
            abort: () => this.abort.abort(),
        });
    }

    async listObjects(): Promise<Bundle[]> {
        const { prefix: origin, since } = this.values;
        const sinceMs = since === undefined ? -Infinity : (readSince(since, Date.now()) ?? -Infinity);
        const { bundles, isAll } = await listBundles(this.clients.bucket, {
            origin,
            sinceMs,
            stop: this.stop.signal,
        });
        if (!isAll) this.print(`There are more than ${OBJECTS_MAX} objects: run it again for the others.`);
        return bundles;
    }

    async survey(bundles: readonly Bundle[]): Promise<Inventory> {
        let done = 0;
        const { stop, progress } = this.showing("reading", "objects", bundles.length, () => ({ done }));
        try {
            return await survey({
                bundles,
                stop: this.stop.signal,
                onLeft: (line) => this.left(line),
                onRead: () => (done += 1),
            });
        } finally {
            stop();
            progress.stop();
        }
    }

    async send(inventory: Inventory, objects: number, fix: typeof asItIs): Promise<number> {
        const { json, dryRun } = this.values;
        if (objects === 0 && !json) {
            process.stdout.write("There is nothing to replay.\n");
            return 0;
        }
        const account = new ReplayAccount(objects, inventory.records, inventory.expired);
        account.goneObjects = inventory.gone;
        this.isSending = !dryRun;
        if (!json) process.stdout.write(inventory.surveyed.length === 0 ? "" : `${inventory.toTable()}\n`);
        const startedAt = surroundings.now();
        const { stop, progress } = this.showing(dryRun ? "checking" : "sending", "records", inventory.records, () => ({
            done: account.sent + account.duplicates + account.dropped,
            note: dryRun ? "" : account.toNote(),
        }));
        let failure: Failure | undefined;
        try {
            await replayAll({
                surveyed: inventory.surveyed,
                fix,
                account,
                putRecords: dryRun ? undefined : this.stream.putRecords,
                surroundings,
                stop: this.stop,
                abort: this.abort.signal,
                onLeft: (line) => this.left(line),
                onTrouble: (trouble) => this.notices.trouble(trouble),
            });
        } catch (error) {
            if (!(error instanceof Failure)) throw error;
            failure = error;
        } finally {
            stop();
            progress.stop();
        }
        const seconds = (surroundings.now() - startedAt) / 1000;
        const interrupted = this.stop.signal.aborted && failure === undefined;
        const report = { ...inventory.toJson(), objects, dryRun, ...account.toJson(seconds), interrupted };
        process.stdout.write(`${json ? JSON.stringify(report) : account.toTable(seconds, dryRun)}\n`);
        if (interrupted) this.print("Interrupted: what is left can be replayed by the same command.");
        if (failure !== undefined) throw failure;
        return account.leftObjects === 0 && account.expired === 0 ? 0 : 1;
    }

    close(): void {
        this.ignoreInterrupts();
        this.clients.close();
        this.stream.close();
    }

    private left(line: string): void {
        this.problems += 1;
        if (this.problems <= LEFT_SHOWN_MAX) this.print(line);
        if (this.problems === LEFT_SHOWN_MAX) this.print("What else is left is counted, and not shown.");
    }

    /** Shows progress, and lets lines go above it, until `stop`. */
    private showing(label: string, unit: string, total: number, read: () => { done: number; note?: string }) {
        const progress = startProgress({ label, unit, total, read });
        const { print } = this;
        this.print = progress.print;
        return { progress, stop: () => (this.print = print) };
    }
}

async function readTarget(values: Values<ReplayOptions>): Promise<Target> {
    const names = ["kinesisStream", "region", "failedEventsBucket"] as const;
    if (values.credentials === "default") {
        const outputs = await readChosenOutputs(values, PROJECT_FOLDER, names);
        return { streamName: outputs.kinesisStream, region: outputs.region, bucketName: outputs.failedEventsBucket };
    }
    const keys = ["replayAccessKeyId", "replaySecretAccessKey"] as const;
    const outputs = await readChosenOutputs(values, PROJECT_FOLDER, [...names, ...keys]);
    return {
        streamName: outputs.kinesisStream,
        region: outputs.region,
        bucketName: outputs.failedEventsBucket,
        credentials: { accessKeyId: outputs.replayAccessKeyId, secretAccessKey: outputs.replaySecretAccessKey },
    };
}

async function readUserFile(path: string): Promise<string> {
    try {
        return await readFile(path, "utf8");
    } catch (error) {
        throw new UsageError(`Expected \`--batches\` to be a file that can be read: ${(error as Error).message}.`);
    }
}

/** As in the producer: the AWS SDK takes a while to load, which a mistake in the options is spared. */
function loadClients() {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    /* eslint-disable @typescript-eslint/no-require-imports -- import() would not take the TypeScript loader */
    const { openClients } = require("./clients") as typeof import("./clients");
    const { openStream } = require("../producer/stream") as typeof import("../producer/stream");
    /* eslint-enable @typescript-eslint/no-require-imports */
    return { openClients, openStream };
}
