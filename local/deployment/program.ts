import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { endOf } from "../child-process";
import { reached } from "../timings";
import type { Project } from "./project";

/** Registrations under way at once: what the Pulumi CLI does by default on a machine of this size. */
const PARALLEL = 16;
const PRELOADED = path.join(__dirname, "program-preload.cjs");

export interface ProgramRun {
    readonly project: Project;
    readonly stack: string;
    /** Where the ResourceMonitor and the Engine listen: `127.0.0.1:PORT`. */
    readonly address: string;
    /** Ends the program when it is aborted. */
    readonly signal: AbortSignal;
    /** A line that the program printed. */
    readonly onLine: (line: string) => void;
}

/**
 * Runs the project's program in a process of its own, by the entry that `pulumi up` uses. Resolves with its exit code, or
 * with null if it was ended by a signal.
 */
export async function runProgram({ project, stack, address, signal, onLine }: ProgramRun): Promise<number | null> {
    const child = spawn(
        process.execPath,
        [
            ...(process.env.PULUMI_DEBUG_PROMISE_LEAKS ? [] : ["--require", PRELOADED]),
            require.resolve("@pulumi/pulumi/cmd/run", { paths: [project.directory] }),
            `--monitor=${address}`,
            `--engine=${address}`,
            `--project=${project.name}`,
            `--stack=${stack}`,
            "--organization=organization",
            `--parallel=${PARALLEL}`,
            `--pwd=${project.directory}`,
            `--root-directory=${project.directory}`,
            ".",
        ],
        {
            cwd: project.directory,
            stdio: ["ignore", "pipe", "pipe"],
            env: {
                ...process.env,
                PULUMI_CONFIG: JSON.stringify(project.config),
                PULUMI_CONFIG_SECRET_KEYS: "[]",
                PULUMI_NODEJS_TYPESCRIPT: "true",
                no_grpc_proxy: withoutProxy(address, process.env),
            },
            signal,
            killSignal: "SIGKILL",
        },
    );
    reached("the program's process starts");
    const lines = [child.stdout, child.stderr].map((stream) => createInterface({ input: stream }).on("line", onLine));
    const closed = lines.map((reader) => once(reader, "close"));
    const code = await endOf(child);
    await Promise.all(closed);
    return code;
}

/**
 * What gRPC is not to reach by the proxy that `http_proxy` or `https_proxy` names, as it otherwise would: the address, beside
 * what was excepted before (github.com/grpc/grpc-node, doc/environment_variables.md).
 */
function withoutProxy(address: string, { no_grpc_proxy, no_proxy }: NodeJS.ProcessEnv): string {
    const excepted = no_grpc_proxy ?? no_proxy ?? "";
    return [...excepted.split(",").filter((host) => host !== ""), new URL(`http://${address}`).hostname].join(",");
}
