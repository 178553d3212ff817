import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { LOG_LINE_CHARACTERS_MAX } from "./function-log";
import { hostWatch } from "./host-watch";
import { heapArguments } from "./process-environment";
import type { Sandbox, SandboxView } from "./sandbox";
import { endStrayProcesses } from "./stray-processes";

export interface RuntimeProcessOptions {
    readonly memorySizeMb: number;
    /** The runtime's program. */
    readonly bootstrap: string;
    /** The working directory. */
    readonly taskRoot: string;
    /** How to start it with a `/tmp` of its own; undefined where it cannot have one. */
    readonly sandbox: Sandbox | undefined;
    /** What is shown in the sandbox: see SandboxView. */
    readonly shown: SandboxView["shown"];
    readonly environment: Record<string, string>;
    /** Its own among all processes' of the machine: known by it is what the process has started. */
    readonly logStreamName: string;
    /** A line of standard output or standard error, without its line feed. */
    readonly onLine: (line: string) => void;
    /** The process is gone and everything it wrote is read. */
    readonly onClosed: (end: ProcessEnd) => void;
}

export type ProcessEnd =
    | { readonly kind: "exited"; readonly code: number | null; readonly signal: NodeJS.Signals | null }
    | { readonly kind: "not started"; readonly error: Error };

/** The operating system's side of an execution environment: a Node.js process, in a process group of its own. */
export class RuntimeProcess {
    private readonly child: ChildProcess;

    constructor(options: RuntimeProcessOptions) {
        const { taskRoot, shown, sandbox } = options;
        const command = [process.execPath, ...heapArguments(options.memorySizeMb), options.bootstrap] as const;
        const [program, ...args] = sandbox?.wrap({ taskRoot, shown }, command) ?? command;
        hostWatch.start();
        this.child = spawn(program, args, {
            cwd: taskRoot,
            env: options.environment,
            stdio: ["ignore", "pipe", "pipe"],
            // A group of its own: what a function starts in it ends with it, and Ctrl-C reaches the host alone.
            detached: true,
            windowsHide: true,
        });
        const { pid, stdout, stderr } = this.child;
        if (pid !== undefined) {
            hostWatch.add(pid);
        }
        if (stdout !== null && stderr !== null) {
            readLines(stdout, options.onLine);
            readLines(stderr, options.onLine);
        }
        let error: Error | undefined;
        this.child.once("error", (cause) => {
            error = cause;
            if (this.child.pid === undefined) {
                options.onClosed({ kind: "not started", error });
            }
        });
        this.child.once("exit", () => {
            this.kill();
            if (pid !== undefined) {
                hostWatch.remove(pid);
            }
            endStrayProcesses("AWS_LAMBDA_LOG_STREAM_NAME", options.logStreamName);
        });
        this.child.once("close", (code, signal) => {
            if (this.child.pid !== undefined) {
                options.onClosed({ kind: "exited", code, signal });
            }
        });
    }

    /** Ends the process, and what it has started, at once. */
    kill(): void {
        const { pid } = this.child;
        if (pid === undefined) {
            return;
        }
        if (process.platform === "win32") {
            // There are no process groups; a process that has ended already has no tree, which is no mistake.
            spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore", windowsHide: true });
            return;
        }
        try {
            process.kill(-pid, "SIGKILL");
        } catch (error) {
            // The whole group is gone already.
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
                throw error;
            }
        }
    }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        if (rest.length > LOG_LINE_CHARACTERS_MAX) {
            lines.push(rest);
            rest = "";
        }
        lines.forEach(onLine);
    });
    stream.on("end", () => {
        if (rest !== "") {
            onLine(rest);
        }
    });
}
