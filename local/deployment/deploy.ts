import { Engine, type LogMessage } from "./engine";
import { DeploymentError } from "./errors";
import { Monitor, type DeployedResource, type Provider } from "./monitor";
import type { Project } from "./project";
import { runProgram } from "./program";
import { engineService, grpc, resourceService } from "./pulumi-protocol";
import type { Properties } from "./values";

/** As the Pulumi CLI sets it: an archive comes inline, and may be larger than gRPC's default of 4 MiB. */
const MESSAGE_BYTES_MAX = 400 * 1024 * 1024;

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
    const provider = later(startProvider);
    const monitor = new Monitor({
        project: project.name,
        stack,
        provider: provider.promise,
        onOutputs,
        onRefusal: () => refusal.abort(),
    });
    const engine = new Engine(onLog);
    const server = new grpc.Server({
        "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
        "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
    });
    server.addService(resourceService.ResourceMonitorService, monitor.service());
    server.addService(engineService.EngineService, engine.service());
    try {
        const port = await listen(server);
        const printed: string[] = [];
        const program = runProgram({
            project,
            stack,
            address: `127.0.0.1:${port}`,
            signal: AbortSignal.any([signal, refusal.signal]),
            onLine: (text) => {
                printed.push(text);
                onLog({ severity: "info", text });
            },
        });
        provider.start();
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
        server.forceShutdown();
    }
}

/** A promise of what is begun by `start`, and, when that is over, of why it failed. */
function later<T>(begin: () => Promise<T>) {
    let start: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => (start = resolve)).then(begin);
    const failure = promise.then(
        () => undefined,
        (error: unknown) => ({ error }),
    );
    return { promise, failure, start };
}

/** What the program logged as errors, or, if it could not even do that, what it printed. */
function explain(errors: string[], printed: string[], code: number | null): string {
    if (errors.length > 0) return errors.join("\n");
    return [`the program ended with exit code ${code ?? "of a signal"}`, ...printed].join("\n");
}

function listen(server: InstanceType<typeof grpc.Server>): Promise<number> {
    return new Promise((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
            if (error) reject(error);
            else resolve(port);
        });
    });
}
