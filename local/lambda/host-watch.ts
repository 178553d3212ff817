import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { join } from "node:path";

const PROGRAM = join(__dirname, "host-watch.cjs");

/**
 * Has process groups end if this process ends without a chance to end them, as by SIGKILL. A process of its own sees to it,
 * one for the life of this one: a handler that never gives up the processor cannot notice itself that its host is gone.
 */
class HostWatch {
    private readonly groups = new Set<number>();
    private watcher: ChildProcess | undefined;

    /** Sees to it that there is a process that watches; throws if there cannot be one. */
    start(): void {
        if (this.watcher !== undefined) {
            return;
        }
        const watcher = spawn(process.execPath, [PROGRAM], {
            // A session of its own: Ctrl-C and the end of the terminal are the host's to handle.
            detached: true,
            // What is meant for the host, such as a debugger's port, is not for this process.
            env: { ...process.env, NODE_OPTIONS: "" },
            stdio: ["pipe", "ignore", "inherit"],
            windowsHide: true,
        });
        const forget = () => {
            // Its pipe may break before it is known to have ended: by then there can be another.
            if (this.watcher === watcher) this.watcher = undefined;
        };
        watcher.once("error", forget);
        watcher.once("exit", forget);
        if (watcher.pid === undefined) {
            throw new Error("The process that ends functions whose host ends could not be started.");
        }
        this.watcher = watcher;
        // It keeps nobody waiting.
        watcher.unref();
        if (watcher.stdin instanceof Socket) {
            watcher.stdin.unref();
            // Somebody has ended it: the next environment starts another.
            watcher.stdin.on("error", forget);
        }
        this.groups.forEach((group) => this.tell(`+${group}`));
    }

    add(group: number): void {
        this.groups.add(group);
        this.tell(`+${group}`);
    }

    /** The group has ended: its number may soon be another's. */
    remove(group: number): void {
        this.groups.delete(group);
        this.tell(`-${group}`);
    }

    private tell(line: string): void {
        this.watcher?.stdin?.write(`${line}\n`);
    }
}

/** Of this process. */
export const hostWatch = new HostWatch();
