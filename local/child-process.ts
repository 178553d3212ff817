import type { ChildProcess } from "node:child_process";

/**
 * Resolves with the exit code of a process, or null if a signal ended it, when it is gone and its output is read. A process
 * that was aborted by the signal of its spawn ends like any other; one that could not be started rejects.
 */
export function endOf(child: ChildProcess): Promise<number | null> {
    return new Promise((resolve, reject) => {
        child.on("error", (error) => {
            if (error.name !== "AbortError") reject(error);
        });
        child.once("close", (code) => resolve(code));
    });
}

/** How a process ended, by what `endOf` says of it. */
export function describeEnd(code: number | null): string {
    return code === null ? "was ended by a signal" : `ended with exit code ${code}`;
}

/** Whether there is a process with this number. */
export function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        // EPERM: it is there, and belongs to somebody else.
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
