import { execFile, fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { KinesisEvent } from "../../../consumer/delivery";
import type { BatchResponse } from "../../../consumer/handler";

const ROOT = resolve(__dirname, "../../..");
const REMAINING_MS = 30_000;

export interface Answer {
    id: string;
    response?: BatchResponse;
    error?: { name: string; message: string };
    /** Whether the process has loaded the S3 client. */
    s3Loaded?: boolean;
}

export type LogLine = Record<string, unknown> & { requestId: string };

/** The text of the archive, made in a process of its own by the compiler that Pulumi uses. */
export async function serializeArchive(): Promise<string> {
    const script = join(__dirname, "serialize.ts");
    const { stdout } = await promisify(execFile)(process.execPath, ["--require", "ts-node/register", script], {
        cwd: ROOT,
    });
    return stdout;
}

/** The archive in a temporary folder, from which nothing of this project but the SDK can be required. */
export class Archive {
    readonly #running: RunningArchive[] = [];

    private constructor(private readonly folder: string) {}

    static async unpack(text: string): Promise<Archive> {
        const folder = await mkdtemp(join(tmpdir(), "consumer-archive-"));
        await writeFile(join(folder, "__index.js"), text);
        const runtimeModules = join(folder, "runtime", "node_modules");
        await mkdir(runtimeModules, { recursive: true });
        for (const scope of ["@aws-sdk", "@smithy"]) {
            await symlink(join(ROOT, "node_modules", scope), join(runtimeModules, scope));
        }
        return new Archive(folder);
    }

    /** Starts a plain Node process with nothing in its environment but what is given. */
    start(environment: Record<string, string>): RunningArchive {
        const child = fork(join(__dirname, "run-archive.cjs"), [join(this.folder, "__index.js")], {
            cwd: this.folder,
            execArgv: [],
            env: { NODE_PATH: join(this.folder, "runtime", "node_modules"), NODE_NO_WARNINGS: "1", ...environment },
            stdio: ["ignore", "pipe", "pipe", "ipc"],
        });
        const running = new RunningArchive(child);
        this.#running.push(running);
        return running;
    }

    /** Stops every process that still runs, also after a test that failed half-way. */
    async remove(): Promise<void> {
        await Promise.all(this.#running.map((running) => running.stop()));
        await rm(this.folder, { recursive: true });
    }
}

/** One execution environment. */
export class RunningArchive {
    readonly exit: Promise<number | null>;
    stderr = "";
    #requests = 0;
    readonly #messages = new Map<string, (message: unknown) => void>();
    readonly #lines = new Map<string, (line: LogLine) => void>();
    /** Lines of the log that no invocation asked for. */
    readonly strangeLines: string[] = [];

    constructor(private readonly child: ChildProcess) {
        this.exit = new Promise((resolve) => child.once("close", resolve));
        child.on("message", (message: { id: string }) => {
            this.#messages.get(message.id)?.(message);
        });
        child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
        if (child.stdout !== null) {
            createInterface({ input: child.stdout }).on("line", (line) => {
                const parsed = JSON.parse(line) as LogLine;
                const take = this.#lines.get(parsed.requestId);
                if (take === undefined) this.strangeLines.push(line);
                else take(parsed);
            });
        }
    }

    /** Hands an event to the function and waits for its answer and for its line in the log. */
    async invoke(event: KinesisEvent, remainingMs = REMAINING_MS): Promise<Answer & { log: LogLine }> {
        const id = this.#nextId();
        const logged = new Promise<LogLine>((resolve) => this.#lines.set(id, resolve));
        const [answer, log] = await this.#orEnd(Promise.all([this.#send(id, { event, remainingMs }), logged]));
        return { ...answer, log };
    }

    /** Hands over something that is no event: the answer comes without a line in the log. */
    async invokeRaw(event: unknown): Promise<Answer> {
        return this.#orEnd(this.#send(this.#nextId(), { event, remainingMs: REMAINING_MS }));
    }

    /** Lets time pass for the function, once no more than so many of its requests wait for an answer. By itself none does. */
    async pass(passMs: number, underWay = Number.MAX_SAFE_INTEGER): Promise<void> {
        await this.#orEnd(this.#send(this.#nextId(), { passMs, underWay }));
    }

    async stop(): Promise<void> {
        this.child.kill();
        await this.exit;
    }

    #nextId(): string {
        return `request-${this.#requests++}`;
    }

    #send(id: string, message: object): Promise<Answer> {
        return new Promise((resolve) => {
            this.#messages.set(id, resolve as (message: unknown) => void);
            this.child.send({ id, ...message });
        });
    }

    async #orEnd<T>(result: Promise<T>): Promise<T> {
        const ended = this.exit.then(() => {
            throw new Error(`The function's process ended: ${this.stderr}`);
        });
        return Promise.race([result, ended]);
    }
}
