import type { Door } from "./door";
import { Engine } from "./engine";
import { Monitor, type MonitorOptions } from "./monitor";
import { engineService, grpc, resourceService } from "./pulumi-protocol";
import type { LogMessage } from "./engine";

/** As the Pulumi CLI sets it: an archive comes inline, and may be larger than gRPC's default of 4 MiB. */
const MESSAGE_BYTES_MAX = 400 * 1024 * 1024;

export interface Services {
    readonly monitor: Monitor;
    readonly engine: Engine;
    close(): void;
}

/** Serves the ResourceMonitor and the Engine to the program that comes through the door. */
export function serveProgram(
    door: Door,
    { onLog, ...monitorOptions }: MonitorOptions & { readonly onLog: (message: LogMessage) => void },
): Services {
    const monitor = new Monitor(monitorOptions);
    const engine = new Engine(onLog);
    const server = new grpc.Server({
        "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
        "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
    });
    server.addService(resourceService.ResourceMonitorService, monitor.service());
    server.addService(engineService.EngineService, engine.service());
    const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
    door.onConnection((socket) => injector.injectConnection(socket));
    return {
        monitor,
        engine,
        close: () => {
            injector.destroy();
            server.forceShutdown();
        },
    };
}
