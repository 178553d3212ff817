import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import {
    ExecutionEnvironment,
    NOT_DELIVERED,
    type InvocationFault,
    type PendingInvocation,
} from "./execution-environment";
import type { FunctionConfiguration } from "./function-configuration";
import type { FunctionLog } from "./function-log";
import { checkPayload, type Invocation, type InvocationOutcome, type InvocationResult } from "./invocation";
import { BUSY_ENVIRONMENTS_MAX, isWorthAnother, ProcessorMeter } from "./processors";
import type { TaskFolder } from "./task-folder";

/** An environment is replaced at this age at the latest: its credentials end some time, as do Lambda's environments. */
export const ENVIRONMENT_LIFETIME_MS = 45 * 60 * 1000;
/** An environment is not used in the last minutes of its credentials: no invocation should outlive them. */
export const CREDENTIALS_MARGIN_MS = 16 * 60 * 1000;

/**
 * One environment starts at a time, or the next after this long: starting takes a processor for 0.2 s, and an invocation that
 * waits may be taken by an environment that has become free by then, as in Lambda.
 */
export const START_INTERVAL_MS = 250;

/** Asked at each invocation, so that tests and the demo can make it fail. */
export interface LambdaFaults {
    onInvocation(): InvocationFault | undefined;
    /** True if the function is to run for this invocation once more, first, as Lambda may do at any time. */
    isDeliveredTwice(): boolean;
}

export interface LambdaFunctionOptions {
    readonly configuration: FunctionConfiguration;
    readonly taskRoot: string;
    readonly folder: TaskFolder;
    readonly log: FunctionLog;
    readonly faults: LambdaFaults | undefined;
    /** Told once of what keeps the function from working as it was meant. */
    readonly onProblem: (problem: string) => void;
    /** Whether the account has room for one more invocation at once. */
    readonly accountHasRoom: () => boolean;
}

interface QueuedInvocation extends PendingInvocation {
    readonly sinceMs: number;
}

/** A function with its execution environments: as many as there are invocations at once. */
export class LambdaFunction {
    private readonly environments = new Set<ExecutionEnvironment>();
    private readonly ending = new Set<Promise<void>>();
    private readonly usableUntilMs = new Map<ExecutionEnvironment, number>();
    /** Those that have not come to their first invocation yet. */
    private readonly starting = new Set<ExecutionEnvironment>();
    /** Invocations that wait for an environment, in order. */
    private readonly queue: QueuedInvocation[] = [];
    private startTimer: NodeJS.Timeout | undefined;
    private readonly processorMeter = new ProcessorMeter();
    private environmentsAhead = 0;
    private isLogDenied = false;
    private closed = false;

    constructor(private readonly options: LambdaFunctionOptions) {}

    /** Whether its invocations at once come from a reservation, not from what the account has for all. */
    get isReserved(): boolean {
        return this.reservation !== -1;
    }

    get running(): number {
        return Array.from(this.environments).filter((environment) => environment.busy).length + this.queue.length;
    }

    get log(): FunctionLog {
        return this.options.log;
    }

    async invoke(payload: string): Promise<InvocationResult> {
        const payloadBytes = checkPayload(payload);
        if (this.options.faults?.isDeliveredTwice() === true) {
            await this.run({ requestId: randomUUID(), payload, payloadBytes });
        }
        return this.run({ requestId: randomUUID(), payload, payloadBytes });
    }

    /**
     * Starts environments ahead of invocations, until there are as many: one after the other, so that they leave a processor
     * for the first invocations. If one fails, an invocation has the error again.
     */
    initialize(environments: number): void {
        this.environmentsAhead = Math.max(this.environmentsAhead, environments);
        this.startNext();
    }

    /** Ends every process; running invocations fail. Resolves when the processes are gone. */
    async close(): Promise<void> {
        this.kill();
        await Promise.all(this.ending);
    }

    kill(): void {
        this.closed = true;
        clearTimeout(this.startTimer);
        for (const { reject } of this.queue.splice(0)) {
            reject(this.notFound());
        }
        for (const environment of this.environments) {
            environment.kill();
        }
    }

    private async run(invocation: Invocation): Promise<InvocationResult> {
        const fault = this.options.faults?.onInvocation();
        for (;;) {
            const outcome = await this.dispatch(invocation, fault);
            if (outcome !== NOT_DELIVERED) {
                const { status, durationMs, payload } = outcome;
                const failure = status === "success" ? {} : { functionError: "Unhandled" as const };
                const { requestId } = invocation;
                return { requestId, statusCode: 200, executedVersion: "$LATEST", ...failure, payload, durationMs };
            }
        }
    }

    private get reservation(): number {
        return this.options.configuration.reservedConcurrentExecutions ?? -1;
    }

    /** Throws where no invocation may begin now. */
    private dispatch(
        invocation: Invocation,
        fault: InvocationFault | undefined,
    ): Promise<InvocationOutcome | typeof NOT_DELIVERED> {
        const { accountHasRoom } = this.options;
        if (this.closed) {
            throw this.notFound();
        }
        if (this.isReserved ? this.running >= this.reservation : !accountHasRoom()) {
            throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
        }
        return new Promise<InvocationOutcome | typeof NOT_DELIVERED>((resolve, reject) => {
            this.queue.push({ invocation, fault, resolve, reject, sinceMs: performance.now() });
            this.startNext();
        }).finally(() => this.startNext());
    }

    /** Begins what waits as far as there are environments, and starts further ones, one at a time. */
    private startNext(): void {
        if (this.closed) {
            return;
        }
        for (const environment of this.environments) {
            if (this.queue.length === 0) {
                break;
            }
            if (!environment.busy && !this.starting.has(environment) && this.isUsable(environment)) {
                this.beginNext(environment);
            }
        }
        const isWaiting = this.queue.length > 0;
        const isRoom = this.environments.size < (isWaiting ? BUSY_ENVIRONMENTS_MAX : this.environmentsAhead);
        if (isRoom && this.starting.size === 0) {
            const environment = this.startEnvironment();
            this.beginNext(environment);
            this.startNext();
        } else if (isWaiting && this.startTimer === undefined) {
            this.processorMeter.begin();
            this.startTimer = setTimeout(() => this.startAnother(), START_INTERVAL_MS);
        }
    }

    private beginNext(environment: ExecutionEnvironment): void {
        const next = this.queue.shift();
        if (next !== undefined) {
            environment.invoke(next);
        }
    }

    /** Environments that are starting, and free for the invocations that wait. */
    private get startingFree(): number {
        return Array.from(this.starting).filter(({ busy }) => !busy).length;
    }

    private startAnother(): void {
        this.startTimer = undefined;
        const [waiting] = this.queue;
        if (waiting !== undefined && this.startingFree < this.queue.length) {
            const running = this.environments.size;
            const waitedMs = performance.now() - waiting.sinceMs;
            if (isWorthAnother({ running, waitedMs, idleProcessors: this.processorMeter.idle() })) {
                this.startEnvironment();
            }
        }
        this.startNext();
    }

    private notFound(): AwsError {
        const { functionArn } = this.options.configuration;
        return new AwsError("ResourceNotFoundException", `Function not found: ${functionArn}`, 404);
    }

    private isUsable(environment: ExecutionEnvironment): boolean {
        if (Date.now() < (this.usableUntilMs.get(environment) ?? 0)) {
            return true;
        }
        this.forget(environment);
        environment.kill();
        return false;
    }

    private startEnvironment(): ExecutionEnvironment {
        const { configuration, taskRoot, folder, log } = this.options;
        let ended: (removal: Promise<void>) => void = () => undefined;
        const ending = new Promise<void>((resolve) => {
            ended = resolve;
        });
        this.ending.add(ending);
        let expirationMs = Infinity;
        const environment = new ExecutionEnvironment({
            configuration: {
                ...configuration,
                credentials: () => {
                    const credentials = configuration.credentials();
                    expirationMs = credentials.expiration?.getTime() ?? Infinity;
                    const untilMs = Math.min(
                        Date.now() + ENVIRONMENT_LIFETIME_MS,
                        expirationMs - CREDENTIALS_MARGIN_MS,
                    );
                    this.usableUntilMs.set(environment, untilMs);
                    return credentials;
                },
            },
            taskRoot,
            folder,
            log,
            onLogDenied: (reason) => this.tellLogDenied(reason),
            onReady: () => {
                this.starting.delete(environment);
                this.startNext();
            },
            takeWaiting: () => this.queue.shift(),
            onEnded: (gone) => {
                this.forget(gone);
                // A function that fails to start would be started for ever; an invocation has the error again.
                this.environmentsAhead = 0;
                this.startNext();
                ended(folder.removeTemporaryFolder(gone.id).finally(() => this.ending.delete(ending)));
            },
        });
        this.environments.add(environment);
        this.starting.add(environment);
        this.usableUntilMs.set(environment, Infinity);
        return environment;
    }

    private tellLogDenied(reason: string): void {
        if (!this.isLogDenied) {
            this.isLogDenied = true;
            const { functionName, logGroupName } = this.options.configuration;
            this.options.onProblem(`Nothing that ${functionName} writes appears in ${logGroupName}: ${reason}`);
        }
    }

    private forget(environment: ExecutionEnvironment): void {
        this.environments.delete(environment);
        this.starting.delete(environment);
        this.usableUntilMs.delete(environment);
    }
}
