import { createServer, type AddressInfo, type Socket } from "node:net";
import { reached } from "../timings";

export interface Door {
    /** `127.0.0.1:PORT` */
    readonly address: string;
    /** From now on, and for those who came before. */
    onConnection(serve: (socket: Socket) => void): void;
    /** Nobody comes in any more; those who are in are cut off. Resolves when they are gone. */
    close(): Promise<void>;
}

/**
 * Where the program will find its ResourceMonitor and its Engine: it can be started with the address, and takes longer to
 * start than the two do (0.1 s, which whoever waits for the deployment is spared).
 */
export async function openDoor(): Promise<Door> {
    const sockets = new Set<Socket>();
    let serve: ((socket: Socket) => void) | undefined;
    const server = createServer((socket) => {
        reached("the program has loaded Pulumi");
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        serve?.(socket);
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    return {
        address: `127.0.0.1:${port}`,
        onConnection: (next) => {
            serve = next;
            for (const socket of sockets) next(socket);
        },
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                for (const socket of sockets) socket.destroy();
            }),
    };
}
