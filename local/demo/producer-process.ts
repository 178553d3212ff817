import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { endOf } from "../child-process";
import type { Properties } from "../deployment/values";
import { PROJECT_FOLDER } from "../stack";

export interface ProducerRun {
    readonly endpointUrl: string;
    readonly posts: number;
    readonly seed: number;
    /** Posts per second; as fast as the stream takes them if it is not given. */
    readonly rate: number | undefined;
    /** Ends the process when it is aborted. */
    readonly signal: AbortSignal;
}

/** What the producer reports of its run, as its `--json` line says it. */
export interface ProducerReport {
    readonly sent: number;
    /** Null if a signal ended it. */
    readonly exitCode: number | null;
    /** What it wrote for people; shown where it failed. */
    readonly messages: string;
}

/**
 * `npm run producer` as a process of its own, configured as on AWS: by the outputs of the stack. It is started while the
 * stack is being deployed, and waits for the outputs on its standard input.
 */
export class ProducerProcess {
    /** Settles when the process has ended; rejects when it was aborted. */
    readonly report: Promise<ProducerReport>;
    private readonly stdin: Writable;

    constructor({ endpointUrl, posts, seed, rate, signal }: ProducerRun) {
        const child = spawn(
            process.execPath,
            [
                "--require",
                path.join(PROJECT_FOLDER, "commandline", "typescript.cjs"),
                "--require",
                path.join(__dirname, "end-with-parent.cjs"),
                path.join(PROJECT_FOLDER, "producer", "main.ts"),
                ...["--outputs", "-", "--source", "sample", "--posts", String(posts), "--seed", String(seed)],
                ...(rate === undefined ? [] : ["--rate", String(rate)]),
                "--json",
            ],
            {
                cwd: PROJECT_FOLDER,
                env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
                // The channel is there to be closed: see end-with-parent.cjs.
                stdio: ["pipe", "pipe", "pipe", "ipc"],
                signal,
                killSignal: "SIGKILL",
            },
        );
        const [stdin, stdout, stderr] = child.stdio.slice(0, 3) as [Writable, Readable, Readable];
        this.stdin = stdin;
        this.report = reportOf(child, stdout, stderr, signal);
        // Awaited at the end; until then a failure is no unhandled rejection.
        this.report.catch(() => undefined);
    }

    /** Gives the producer the outputs of the stack; then it sends. */
    configure({ values }: Properties): void {
        // A process that has gone shows in its report.
        this.stdin.on("error", () => undefined);
        this.stdin.end(JSON.stringify(values));
    }
}

async function reportOf(
    child: ChildProcess,
    stdout: Readable,
    stderr: Readable,
    signal: AbortSignal,
): Promise<ProducerReport> {
    const output = { stdout: "", stderr: "" };
    stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const code = await endOf(child);
    signal.throwIfAborted();
    const lastLine = output.stdout.trimEnd().split("\n").at(-1) ?? "";
    const { sent } = (lastLine.startsWith("{") ? JSON.parse(lastLine) : { sent: 0 }) as { sent: number };
    return { sent, exitCode: code, messages: output.stderr };
}
