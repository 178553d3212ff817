import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error";
import { ExecutionEnvironment, NOT_DELIVERED, type InvocationFault } from "./execution-environment";
import type { FunctionConfiguration } from "./function-configuration";
import type { FunctionLog } from "./function-log";
import { checkPayload, type Invocation, type InvocationResult } from "./invocation";
import type { TaskFolder } from "./task-folder";

/** An environment is replaced at this age at the latest: its credentials end some time, as do Lambda's environments. */
export const ENVIRONMENT_LIFETIME_MS = 45 * 60 * 1000;
/** An environment is not used in the last minutes of its credentials: no invocation should outlive them. */
export const CREDENTIALS_MARGIN_MS = 16 * 60 * 1000;

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
    /** Whether the account has room for one more invocation at once. */
    readonly accountHasRoom: () => boolean;
}

/** A function with its execution environments: as many as there are invocations at once. */
export class LambdaFunction {
    private readonly environments = new Set<ExecutionEnvironment>();
    private readonly ending = new Set<Promise<void>>();
    private readonly usableUntilMs = new Map<ExecutionEnvironment, number>();
    private environmentsAhead = 0;
    private isInitializing = false;
    private closed = false;

    constructor(private readonly options: LambdaFunctionOptions) {}

    /** Whether its invocations at once come from a reservation, not from what the account has for all. */
    get isReserved(): boolean {
        return this.reservation !== -1;
    }

    get running(): number {
        return Array.from(this.environments).filter((environment) => environment.busy).length;
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
        if (!this.isInitializing) {
            this.initializeNext();
        }
    }

    private initializeNext(): void {
        this.isInitializing = !this.closed && this.environments.size < this.environmentsAhead;
        if (this.isInitializing) {
            this.startEnvironment(() => this.initializeNext());
        }
    }

    /** Ends every process; running invocations fail. Resolves when the processes are gone. */
    async close(): Promise<void> {
        this.kill();
        await Promise.all(this.ending);
    }

    kill(): void {
        this.closed = true;
        for (const environment of this.environments) {
            environment.kill();
        }
    }

    private async run(invocation: Invocation): Promise<InvocationResult> {
        const fault = this.options.faults?.onInvocation();
        for (;;) {
            const outcome = await this.takeEnvironment().invoke(invocation, fault);
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

    private takeEnvironment(): ExecutionEnvironment {
        const { configuration, accountHasRoom } = this.options;
        if (this.closed) {
            throw new AwsError("ResourceNotFoundException", `Function not found: ${configuration.functionArn}`, 404);
        }
        if (this.isReserved ? this.running >= this.reservation : !accountHasRoom()) {
            throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
        }
        for (const environment of this.environments) {
            if (!environment.busy && this.isUsable(environment)) {
                return environment;
            }
        }
        return this.startEnvironment();
    }

    private isUsable(environment: ExecutionEnvironment): boolean {
        if (Date.now() < (this.usableUntilMs.get(environment) ?? 0)) {
            return true;
        }
        this.forget(environment);
        environment.kill();
        return false;
    }

    private startEnvironment(onReady: () => void = () => undefined): ExecutionEnvironment {
        const { configuration, taskRoot, folder, log } = this.options;
        let ended: () => void = () => undefined;
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
            onReady,
            onEnded: (gone) => {
                this.forget(gone);
                this.ending.delete(ending);
                ended();
            },
        });
        this.environments.add(environment);
        this.usableUntilMs.set(environment, Infinity);
        return environment;
    }

    private forget(environment: ExecutionEnvironment): void {
        this.environments.delete(environment);
        this.usableUntilMs.delete(environment);
    }
}
