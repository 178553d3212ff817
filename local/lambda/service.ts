import { AwsError } from "../aws-error";
import { checkFunctionConfiguration, type FunctionConfiguration } from "./function-configuration";
import { FunctionLog, type LogEvent } from "./function-log";
import type { InvocationResult } from "./invocation";
import { LambdaFunction, type LambdaFaults } from "./lambda-function";
import { findSandbox, TMP } from "./sandbox";
import { endStrayProcesses } from "./stray-processes";
import { TaskFolder } from "./task-folder";

/** Processes at once of all functions without a reservation. AWS's default is 1,000; one machine has less room. */
export const UNRESERVED_CONCURRENCY_MAX = 100;

/** `/tmp` by itself or with something in it, in a text of code or a variable. */
const NAMES_TMP = /(?<![\w.-])\/tmp(?![\w-])/;

export interface LambdaServiceOptions {
    readonly unreservedConcurrencyMax?: number;
    readonly faults?: LambdaFaults;
    /** Told once of what keeps a function from working as it was meant; a warning on stderr by default. */
    readonly onProblem?: (problem: string) => void;
    /** Whether processes have a `/tmp` of their own; tried out by default. */
    readonly findSandbox?: typeof findSandbox;
}

/**
 * Lambda: functions by name, each run in processes of its own. Differences to AWS: a process is not frozen between
 * invocations, memory outside of the heap is not limited, files outside of `/tmp` and the archive are the host's, what a
 * function starts in a process group of its own outlives it except on Linux, and the handler runs on the host's version of
 * Node.js. Where processes cannot have a sandbox (not on Linux, not in most containers), `/tmp` itself is the host's, and
 * not limited, which is told where a function names it (`os.tmpdir()` is the function's own), and the superuser can write
 * to the archive.
 */
export class LambdaService {
    private readonly functions = new Map<string, LambdaFunction>();
    private readonly creations = new Map<string, Promise<void>>();
    private readonly logListeners = new Set<(event: LogEvent) => void>();
    private readonly folder: TaskFolder;
    private readonly unreservedConcurrencyMax: number;
    private readonly faults: LambdaFaults | undefined;
    private readonly onProblem: (problem: string) => void;
    private created = 0;
    private closing: Promise<void> | undefined;

    constructor(options: LambdaServiceOptions = {}) {
        this.unreservedConcurrencyMax = options.unreservedConcurrencyMax ?? UNRESERVED_CONCURRENCY_MAX;
        this.faults = options.faults;
        this.folder = new TaskFolder(options.findSandbox ?? findSandbox);
        this.onProblem = options.onProblem ?? ((problem) => console.warn(`Lambda: ${problem}`));
        process.on("exit", this.killAtExit);
    }

    /** Throws InvalidParameterValueException, or ResourceConflictException if the name is taken. */
    async createFunction(configuration: FunctionConfiguration): Promise<void> {
        const { functionName } = configuration;
        checkFunctionConfiguration(configuration);
        if (this.closing !== undefined) {
            throw new AwsError("ServiceException", "The Lambda service is closed.", 500);
        }
        if (this.functions.has(functionName) || this.creations.has(functionName)) {
            throw new AwsError("ResourceConflictException", `Function already exist: ${functionName}`, 409);
        }
        const creation = this.create(configuration);
        this.creations.set(functionName, creation);
        try {
            await creation;
        } finally {
            this.creations.delete(functionName);
        }
    }

    /**
     * Starts execution environments ahead of the first invocations, until the function has as many, as Lambda may do too
     * ("proactive initialization" in its developer guide).
     */
    initialize(functionName: string, environments: number): void {
        this.find(functionName).initialize(environments);
    }

    /**
     * Runs the handler. `payload` is the event as JSON text; it is passed on as it is. A function that fails is a result
     * with `functionError`; what comes before the function is thrown as an AwsError: ResourceNotFoundException,
     * TooManyRequestsException, RequestTooLargeException, ServiceException.
     */
    async invoke(functionName: string, payload: string): Promise<InvocationResult> {
        return this.find(functionName).invoke(payload);
    }

    /** The log events kept of a function, oldest first. */
    logs(functionName: string): readonly LogEvent[] {
        return this.find(functionName).log.read();
    }

    /** Calls the listener with every log event of every function from now on; returns a function that ends that. */
    onLog(listener: (event: LogEvent) => void): () => void {
        this.logListeners.add(listener);
        return () => this.logListeners.delete(listener);
    }

    /** Ends the function's processes; its log is gone with it. */
    async deleteFunction(functionName: string): Promise<void> {
        const deleted = this.find(functionName);
        this.functions.delete(functionName);
        await deleted.close();
    }

    /** Ends every process and removes every file. Running invocations fail. */
    close(): Promise<void> {
        return (this.closing ??= this.closeAll());
    }

    private async create(configuration: FunctionConfiguration): Promise<void> {
        const { functionName, files } = configuration;
        this.created += 1;
        const taskRoot = await this.folder.writeArchive(`${functionName}-${this.created}`, files);
        await this.checkTmp(configuration);
        const accountHasRoom = () => this.unreservedRunning() < this.unreservedConcurrencyMax;
        const log = new FunctionLog(functionName, (event) => this.publish(event));
        const { folder, faults, onProblem } = this;
        this.functions.set(
            functionName,
            new LambdaFunction({ configuration, taskRoot, folder, log, accountHasRoom, faults, onProblem }),
        );
    }

    /** A function that names `/tmp` gets the host's where it cannot have its own: that is not to happen silently. */
    private async checkTmp({ functionName, files, environment }: FunctionConfiguration): Promise<void> {
        const search = await this.folder.sandbox();
        const texts = [...Object.values(files), ...Object.values(environment)];
        if (search.sandbox === undefined && texts.some((text) => NAMES_TMP.test(String(text)))) {
            this.onProblem(
                `${functionName} names ${TMP}, which is this machine's here, not its own as on AWS, because ` +
                    `${search.reason}. What os.tmpdir() says is its own.`,
            );
        }
    }

    private async closeAll(): Promise<void> {
        // One that is under way ends by itself, and is closed with the others.
        await Promise.allSettled(this.creations.values());
        await Promise.all(Array.from(this.functions.values(), (each) => each.close()));
        this.folder.remove();
        process.off("exit", this.killAtExit);
    }

    private readonly killAtExit = (): void => {
        for (const each of this.functions.values()) {
            each.kill();
        }
        endStrayProcesses("LAMBDA_TASK_ROOT", this.folder.taskRoots);
        this.folder.remove();
    };

    private find(functionName: string): LambdaFunction {
        const found = this.functions.get(functionName);
        if (found === undefined) {
            throw new AwsError("ResourceNotFoundException", `Function not found: ${functionName}`, 404);
        }
        return found;
    }

    private unreservedRunning(): number {
        let running = 0;
        for (const each of this.functions.values()) {
            running += each.isReserved ? 0 : each.running;
        }
        return running;
    }

    private publish(event: LogEvent): void {
        for (const listener of this.logListeners) {
            listener(event);
        }
    }
}

export type { InvocationFault } from "./execution-environment";
export type { LambdaFaults } from "./lambda-function";
export type { FunctionConfiguration, FunctionCredentials } from "./function-configuration";
export type { LogEvent } from "./function-log";
export type { InvocationResult } from "./invocation";
