import { describeEnd } from "../child-process";
import { openDoor } from "./door";
import type { LogMessage } from "./engine";
import { DeploymentError } from "./errors";
import type { DeployedResource, Provider } from "./monitor";
import type { Project } from "./project";
import { runProgram } from "./program";
import type { Services } from "./services";
import type { Properties } from "./values";

export interface Deployment {
    readonly outputs: Properties;
    readonly resources: readonly DeployedResource[];
}

export interface DeployOptions {
    readonly project: Project;
    readonly stack: string;
    /** Called when the program is starting, which takes a while; its first resource waits for the provider. */
    readonly startProvider: () => Promise<Provider>;
    /** Ends the deployment, and its program, when it is aborted. */
    readonly signal: AbortSignal;
    /** Called with what the program exports; then it has still to end, which may fail. */
    readonly onOutputs?: (outputs: Properties) => void;
    /** What the program logs or prints. */
    readonly onLog?: (message: LogMessage) => void;
}

/**
 * Runs the project's program against the provider's resources, as `pulumi up` does on an empty stack. Throws a
 * DeploymentError that says what the program or the provider would not do.
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
    const { project, stack, startProvider, signal, onOutputs = () => undefined, onLog = () => undefined } = options;
    const refusal = new AbortController();
    const door = await openDoor();
    let services: Services | undefined;
    try {
        const printed: string[] = [];
        const program = runProgram({
            project,
            stack,
            address: door.address,
            signal: AbortSignal.any([signal, refusal.signal]),
            onLine: (text) => {
                printed.push(text);
                onLog({ severity: "info", text });
            },
        });
        const provider = settled(startProvider);
        // Loaded while the program starts, which takes longer.
        const { serveProgram } = await import("./services");
        services = serveProgram(door, {
            project: project.name,
            stack,
            provider: provider.promise,
            onOutputs,
            onRefusal: () => refusal.abort(),
            onLog,
        });
        const { monitor, engine } = services;
        const failure = await provider.failure;
        // Without its provider, the program would wait for ever.
        if (failure !== undefined) refusal.abort();
        const code = await program;
        signal.throwIfAborted();
        if (failure !== undefined) throw failure.error;
        if (monitor.refused !== undefined) throw monitor.refused;
        if (code !== 0) throw new DeploymentError(explain(engine.errors, printed, code));
        return { outputs: monitor.stackOutputs, resources: [...monitor.resources.values()] };
    } finally {
        services?.close();
        await door.close();
    }
}

/** A promise, and another of why it failed, which never rejects. */
function settled<T>(begin: () => Promise<T>) {
    const promise = begin();
    const failure = promise.then(
        () => undefined,
        (error: unknown) => ({ error }),
    );
    return { promise, failure };
}

/** What the program logged as errors, or, if it could not even do that, what it printed. */
function explain(errors: string[], printed: string[], code: number | null): string {
    if (errors.length > 0) return errors.join("\n");
    return [`the program ${describeEnd(code)}`, ...printed].join("\n");
}
