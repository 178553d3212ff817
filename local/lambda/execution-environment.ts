import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { AwsError } from "../aws-error";
import type { FunctionConfiguration, FunctionCredentials } from "./function-configuration";
import type { FunctionLog } from "./function-log";
import {
    exitPayload,
    exitReason,
    responseTooLargePayload,
    timeoutMessage,
    timeoutPayload,
    type Invocation,
    type InvocationOutcome,
    type InvocationStatus,
} from "./invocation";
import { logStreamName, processEnvironment } from "./process-environment";
import { isLogged, levelOfLine, LOG_LEVEL_DEFAULT } from "./log-level";
import { logDenial } from "./log-permission";
import { RuntimeApi, type RuntimeListener } from "./runtime-api";
import { RuntimeProcess, type ProcessEnd } from "./runtime-process";
import { SystemLog } from "./system-log";
import type { TaskFolder } from "./task-folder";

/** "Init phase" in the Lambda developer guide: 10 seconds, or as long as the function may run if that is more. */
export const INIT_LIMIT_MS = 10_000;

export interface EnvironmentOptions {
    readonly configuration: FunctionConfiguration;
    readonly taskRoot: string;
    readonly folder: TaskFolder;
    readonly log: FunctionLog;
    /** Nothing of the environment's log is kept, because the role may not write it: why, in AWS's words. */
    readonly onLogDenied: (reason: string) => void;
    /** The environment is initialized: it can take its first invocation, or has it. */
    readonly onReady: () => void;
    /**
     * The environment has ended before it was initialized, without an invocation of its own: takes the invocation that has
     * waited longest out of the queue. It fails with the error of the initialization.
     */
    readonly takeWaiting: () => PendingInvocation | undefined;
    /** The environment takes no more invocations. */
    readonly onEnded: (environment: ExecutionEnvironment) => void;
}

/** The marks of bootstrap.cjs: see `readLine`. */
const MARK = /\0(init$|end [0-9a-f-]+ \d+$)/;
/** How long a result waits for the output that belongs to it; a process that has closed its output never sends the mark. */
const OUTPUT_WAIT_MS = 1_000;

/** The invocation came too late: the process had ended by itself, and another environment should take it. */
export const NOT_DELIVERED = "not delivered";

/** A fault that is made to happen to an invocation. */
export interface InvocationFault {
    /** The process is killed, or its time limit is taken to be over. */
    readonly kind: "crash" | "time out";
    /** When the invocation is handed over, or when the function answers: then its work is done, and the answer is lost. */
    readonly moment: "before" | "after";
}

/** An invocation that waits for an environment, and who is told of its end. */
export interface PendingInvocation {
    readonly invocation: Invocation;
    readonly fault: InvocationFault | undefined;
    readonly resolve: (outcome: InvocationOutcome | typeof NOT_DELIVERED) => void;
    /** With an AwsError if the process cannot be started at all. */
    readonly reject: (error: Error) => void;
}

interface Run extends PendingInvocation {
    startedAtMs: number | undefined;
    timer: NodeJS.Timeout | undefined;
    reported: { readonly status: InvocationStatus; readonly payload: string } | undefined;
    durationMs: number | undefined;
    logged: boolean;
}

/** One process that runs a function's handler, one invocation at a time, and is used again until it ends. */
export class ExecutionEnvironment implements RuntimeListener {
    readonly id = randomBytes(16).toString("hex");
    readonly startedAtMs = Date.now();
    private readonly logStream: string;
    private readonly systemLog: SystemLog;
    private readonly initStartedAt = performance.now();
    private readonly initTimer: NodeJS.Timeout;
    private api: RuntimeApi | undefined;
    private runtime: RuntimeProcess | undefined;
    private run: Run | undefined;
    private initDurationMs: number | undefined;
    private initReported = false;
    private initError: string | undefined;
    private initLogged = false;
    private waiting = false;
    private timedOut = false;
    private ended = false;
    private memoryUsedMb: number | undefined;
    private isLogDenied = false;

    constructor(private readonly options: EnvironmentOptions) {
        const { timeoutSeconds } = options.configuration;
        this.logStream = logStreamName(new Date(), this.id);
        this.systemLog = new SystemLog(options.configuration);
        const initLimitMs = Math.max(INIT_LIMIT_MS, timeoutSeconds * 1000);
        this.initTimer = setTimeout(() => this.expire(), initLimitMs);
        this.start().catch((error: unknown) => this.end({ kind: "not started", error: error as Error }));
    }

    get busy(): boolean {
        return this.run !== undefined;
    }

    /** Takes an invocation, also while the environment is still starting. One at a time. */
    invoke(pending: PendingInvocation): void {
        if (this.ended || this.run !== undefined) {
            throw new Error(`The execution environment ${this.id} cannot take an invocation now.`);
        }
        this.run = newRun(pending);
        this.deliver();
    }

    kill(): void {
        this.ended = true;
        // If it is still about to start, start() ends it.
        this.runtime?.kill();
    }

    currentRequestId(): string | undefined {
        return this.run?.startedAtMs === undefined ? undefined : this.run.invocation.requestId;
    }

    onNext(): void {
        this.waiting = true;
        this.deliver();
    }

    onResponse(_requestId: string, payload: string): void {
        // JSON has no undefined: a handler without a result answers null.
        this.report("success", payload === "" ? "null" : payload);
    }

    onResponseTooLarge(): void {
        this.report("error", responseTooLargePayload());
    }

    onError(_requestId: string, payload: string): void {
        this.report("error", payload);
    }

    onInitError(payload: string): void {
        this.initError = payload;
    }

    private async start(): Promise<void> {
        const { configuration, folder, taskRoot } = this.options;
        const { sandbox } = await folder.sandbox();
        const [api, temporaryFolder] = await Promise.all([
            RuntimeApi.start(this),
            sandbox === undefined ? folder.createTemporaryFolder(this.id) : undefined,
        ]);
        this.api = api;
        if (this.ended) {
            this.end({ kind: "exited", code: null, signal: "SIGKILL" });
            return;
        }
        const credentials = configuration.credentials();
        this.checkLogPermission(credentials);
        this.runtime = new RuntimeProcess({
            memorySizeMb: configuration.memorySizeMb,
            bootstrap: folder.bootstrap,
            taskRoot,
            sandbox,
            shown: folder.shown,
            logStreamName: this.logStream,
            environment: processEnvironment(configuration, credentials, {
                taskRoot,
                temporaryFolder,
                runtimeModules: folder.runtimeModules,
                runtimeRoot: dirname(folder.bootstrap),
                runtimeApi: api.address,
                logStreamName: this.logStream,
            }),
            onLine: (line) => this.readLine(line),
            onClosed: (end) => this.end(end),
        });
    }

    private checkLogPermission({ principal }: FunctionCredentials): void {
        const { configuration, onLogDenied } = this.options;
        const reason = principal && logDenial(principal, configuration, this.logStream);
        if (reason !== undefined) {
            this.isLogDenied = true;
            onLogDenied(reason);
        }
    }

    /** Hands over the invocation once there is one, the runtime waits for it, and its earlier output is read. */
    private deliver(): void {
        // A runtime that took too long to start may ask for its first invocation while it is being ended.
        if (this.ended || !this.waiting || !this.initLogged) {
            return;
        }
        if (this.initDurationMs === undefined) {
            clearTimeout(this.initTimer);
            this.initDurationMs = performance.now() - this.initStartedAt;
            this.options.onReady();
        }
        const { run } = this;
        if (run === undefined || run.startedAtMs !== undefined) {
            return;
        }
        const { configuration } = this.options;
        const timeoutMs = configuration.timeoutSeconds * 1000;
        this.waiting = false;
        this.systemLog.start(run.invocation.requestId).forEach((line) => this.log(line));
        run.startedAtMs = performance.now();
        run.timer = setTimeout(() => this.expire(), timeoutMs);
        this.api?.deliver({
            ...run.invocation,
            deadlineMs: Date.now() + timeoutMs,
            functionArn: configuration.functionArn,
        });
        if (run.fault?.moment === "before") {
            this.suffer(run.fault);
        }
    }

    private suffer({ kind }: InvocationFault): void {
        if (kind === "crash") {
            this.kill();
        } else {
            this.expire();
        }
    }

    /** A time limit is over: the process is killed, and its end completes the invocation. */
    private expire(): void {
        this.timedOut = true;
        this.kill();
    }

    private report(status: InvocationStatus, payload: string): void {
        const { run } = this;
        if (run?.startedAtMs === undefined || run.reported !== undefined || this.timedOut) {
            return;
        }
        if (run.fault !== undefined) {
            this.suffer(run.fault);
            return;
        }
        clearTimeout(run.timer);
        run.durationMs = performance.now() - run.startedAtMs;
        run.reported = { status, payload };
        run.timer = setTimeout(() => this.finish(run, status, payload), OUTPUT_WAIT_MS);
        this.finishIfComplete();
    }

    /**
     * Output and Runtime API are two connections, read in any order. Lines that begin with NUL are marks of bootstrap.cjs
     * for "everything up to here is written": `init`, and `end <request> <resident set size in bytes>`.
     */
    private readLine(text: string): void {
        // What was written before a mark may have had no line break at its end.
        const markAt = text.search(MARK);
        if (markAt > 0) {
            this.logOutput(text.slice(0, markAt));
        }
        const line = text.slice(Math.max(markAt, 0));
        if (line === "\0init") {
            this.initLogged = true;
            this.deliver();
        } else if (line.startsWith("\0end ")) {
            const [, requestId, bytes] = line.split(" ");
            this.memoryUsedMb = Math.ceil(Number(bytes) / 1024 / 1024);
            if (this.run !== undefined && this.run.invocation.requestId === requestId) {
                this.run.logged = true;
                this.finishIfComplete();
            }
        } else {
            this.logOutput(line);
        }
    }

    private finishIfComplete(): void {
        const { run } = this;
        if (run?.reported !== undefined && run.logged) {
            this.finish(run, run.reported.status, run.reported.payload);
        }
    }

    private finish(run: Run, status: InvocationStatus, payload: string): void {
        clearTimeout(run.timer);
        this.run = undefined;
        // One that never began, because the initialization failed, has taken no time.
        const durationMs = run.durationMs ?? (run.startedAtMs === undefined ? 0 : performance.now() - run.startedAtMs);
        const { configuration } = this.options;
        const lines = this.systemLog.end({
            requestId: run.invocation.requestId,
            status,
            durationMs,
            memorySizeMb: configuration.memorySizeMb,
            memoryUsedMb: this.memoryUsedMb,
            initDurationMs: this.initReported ? undefined : this.initDurationMs,
        });
        lines.forEach((line) => this.log(line));
        this.initReported = true;
        run.resolve({ status, payload, durationMs });
    }

    private end(end: ProcessEnd): void {
        clearTimeout(this.initTimer);
        if (this.run === undefined && this.initDurationMs === undefined) {
            const waiting = this.options.takeWaiting();
            this.run = waiting && newRun(waiting);
        }
        const { run } = this;
        this.ended = true;
        this.api?.close();
        this.options.onEnded(this);
        if (run === undefined) {
            this.logUnexpectedEnd(end);
            return;
        }
        if (end.kind === "not started") {
            this.run = undefined;
            run.reject(new AwsError("ServiceException", `Lambda could not start a process: ${end.error.message}`, 500));
        } else if (run.reported !== undefined) {
            this.finish(run, run.reported.status, run.reported.payload);
        } else if (this.timedOut) {
            this.finishTimedOut(run);
        } else if (run.startedAtMs === undefined && this.initDurationMs !== undefined) {
            this.run = undefined;
            run.resolve(NOT_DELIVERED);
        } else {
            this.finishExited(run, end);
        }
    }

    private finishTimedOut(run: Run): void {
        const { requestId } = run.invocation;
        const { timeoutSeconds } = this.options.configuration;
        this.log(`${new Date().toISOString()} ${requestId} ${timeoutMessage(timeoutSeconds)}`);
        this.finish(run, "timeout", timeoutPayload(requestId, timeoutSeconds));
    }

    private finishExited(run: Run, end: ProcessEnd & { kind: "exited" }): void {
        const { requestId } = run.invocation;
        const reason = exitReason(end.code, end.signal);
        this.log(`RequestId: ${requestId} Error: ${reason}\nRuntime.ExitError`);
        this.finish(run, "error", this.initError ?? exitPayload(requestId, reason));
    }

    /** A process that fails while nobody waits for it: the next invocation starts another, and gets the error. */
    private logUnexpectedEnd(end: ProcessEnd): void {
        if (this.timedOut) {
            this.systemLog.initTimeout(performance.now() - this.initStartedAt).forEach((line) => this.log(line));
        } else if (end.kind === "not started") {
            this.log(`Lambda could not start a process: ${end.error.message}`);
        } else if (end.signal !== "SIGKILL") {
            this.log(`${exitReason(end.code, end.signal)}\nRuntime.ExitError`);
        }
    }

    /** A line that the process has written. The bootstrap writes a message of several lines as one, with carriage returns. */
    private logOutput(line: string): void {
        const { logFormat, applicationLogLevel = LOG_LEVEL_DEFAULT } = this.options.configuration;
        if (logFormat === "JSON" && !isLogged(levelOfLine(line), applicationLogLevel)) {
            return;
        }
        this.log(line.replaceAll("\r", "\n"));
    }

    private log(message: string): void {
        if (!this.isLogDenied) {
            this.options.log.append(this.logStream, message);
        }
    }
}

function newRun(pending: PendingInvocation): Run {
    return {
        ...pending,
        startedAtMs: undefined,
        timer: undefined,
        reported: undefined,
        durationMs: undefined,
        logged: false,
    };
}
