import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";

const LOADER = join(__dirname, "..", "commandline", "typescript.cjs");

/**
 * A process of its own for one side of a comparison, so that its processor time and memory are its own. Its script calls
 * `answerMessages`; it is asked one thing at a time.
 */
export class PeerProcess {
    private static readonly running = new Set<PeerProcess>();

    /** Ends all there are: what they are asked fails. */
    static async closeAll(): Promise<void> {
        await Promise.all([...PeerProcess.running].map((peer) => peer.close()));
    }

    private readonly answers: ((answer: unknown) => void)[] = [];
    private readonly failures: ((error: Error) => void)[] = [];
    private readonly ended: Promise<void>;
    private readonly child: ChildProcess;
    private exit: string | undefined;

    /** @param script a file of this folder */
    constructor(script: string, parameters: readonly string[]) {
        this.child = fork(join(__dirname, script), [...parameters], {
            // Ctrl-C comes to every process of a terminal: this one is to end, in good order, with the one that asks.
            detached: true,
            execArgv: ["--expose-gc", "--require", LOADER],
            // What is measured may write a log.
            stdio: ["ignore", "ignore", "inherit", "ipc"],
        });
        this.child.on("message", (answer) => {
            this.failures.shift();
            this.answers.shift()?.(answer);
        });
        PeerProcess.running.add(this);
        this.ended = new Promise((resolve) => {
            this.child.once("exit", (code, signal) => {
                PeerProcess.running.delete(this);
                this.exit = `${script} ended with ${signal ?? code ?? "no code"}.`;
                for (const fail of this.failures) fail(new Error(this.exit));
                resolve();
            });
        });
    }

    async ask<T>(message: object): Promise<T> {
        if (this.exit !== undefined) throw new Error(this.exit);
        return new Promise<T>((resolve, reject) => {
            this.answers.push(resolve as (answer: unknown) => void);
            this.failures.push(reject);
            // What cannot be delivered fails when the process has ended: `exit` says with what.
            this.child.send(message, () => undefined);
        });
    }

    async close(): Promise<void> {
        if (this.child.connected) this.child.disconnect();
        await this.ended;
    }
}

/**
 * In the script of a `PeerProcess`: answers each message, until the channel is closed.
 * @param end what happens then
 */
export function answerMessages(
    answer: (message: unknown) => Promise<object>,
    end: () => void = () => process.exit(),
): void {
    process.on("message", (message) => {
        answer(message).then(
            (value) => process.send?.(value),
            (error: unknown) => {
                // What was under way when the channel was closed may fail.
                if (!process.connected) process.exit();
                process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
                process.exit(1);
            },
        );
    });
    process.on("disconnect", end);
}
