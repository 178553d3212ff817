import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends processes that a function has started in groups of their own, which would outlive its environment: Lambda's end with
 * it. They are known by what they have inherited: a variable that a function cannot set. Linux tells the environment of a
 * process; elsewhere such processes are not found, and live on.
 * @param beginning of the variable's value
 */
export function endStrayProcesses(name: "AWS_LAMBDA_LOG_STREAM_NAME" | "LAMBDA_TASK_ROOT", beginning: string): void {
    if (process.platform !== "linux") {
        return;
    }
    const variable = `\0${name}=${beginning}`;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
        try {
            if (`\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`.includes(variable)) {
                process.kill(Number(pid), "SIGKILL");
            }
        } catch (error) {
            // It has ended by itself, or is somebody else's.
            if (!["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) {
                throw error;
            }
        }
    }
}
