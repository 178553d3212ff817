import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { PROJECT_FOLDER } from "../stack";

export interface ProducerRun {
    /** The file with the stack's outputs. */
    readonly outputsFile: string;
    readonly endpointUrl: string;
    readonly posts: number;
    readonly seed: number;
    /** Posts per second; as fast as the stream takes them if it is not given. */
    readonly rate: number | undefined;
    readonly signal: AbortSignal;
}

/** What the producer reports of its run, as its `--json` line says it. */
export interface ProducerReport {
    readonly sent: number;
    readonly exitCode: number;
    /** What it wrote for people; shown where it failed. */
    readonly messages: string;
}

/** Runs `npm run producer` as a process of its own, configured as on AWS: by the outputs of the stack. */
export async function runProducer(run: ProducerRun): Promise<ProducerReport> {
    const { outputsFile, endpointUrl, posts, seed, rate, signal } = run;
    const child = spawn(
        process.execPath,
        [
            "--require",
            path.join(PROJECT_FOLDER, "commandline", "typescript.cjs"),
            path.join(PROJECT_FOLDER, "producer", "main.ts"),
            ...["--outputs", outputsFile, "--source", "sample", "--posts", String(posts), "--seed", String(seed)],
            ...(rate === undefined ? [] : ["--rate", String(rate)]),
            "--json",
        ],
        {
            cwd: PROJECT_FOLDER,
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
            signal,
            killSignal: "SIGKILL",
        },
    );
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const [code] = (await once(child, "close", { signal })) as [number | null];
    const lastLine = output.stdout.trimEnd().split("\n").at(-1) ?? "";
    const { sent } = (lastLine.startsWith("{") ? JSON.parse(lastLine) : { sent: 0 }) as { sent: number };
    return { sent, exitCode: code ?? 1, messages: output.stderr };
}
