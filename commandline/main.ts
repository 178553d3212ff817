import { Failure } from "./failure";
import { formatHelp } from "./help";
import { readCommandLine, type Command, type Given, type Options, type Values } from "./options";

/**
 * Runs a command to its end: reads its options, prints the help, sets the exit code that `run` answers with. A mistake of
 * the user (`UsageError`, exit code 2) and an expected failure (`Failure`) are told on standard error, a line each; any
 * other error is a bug of ours, and shows its stack with exit code 1.
 *
 * The exit code is set, not forced: what is still being written is written, and what was left running shows.
 */
export function runMain<O extends Options>(
    command: Command<O>,
    run: (values: Values<O>, given: Given<O>) => Promise<number>,
): void {
    ignoreClosedPipes();
    perform(command, run).then(
        // An output that could not be written has failed the command before.
        (exitCode) => (process.exitCode = exitCode === 0 ? (process.exitCode ?? 0) : exitCode),
        (error: unknown) => {
            process.exitCode = error instanceof Failure ? error.exitCode : 1;
            process.stderr.write(`${error instanceof Failure ? error.message : describeBug(error)}\n`);
        },
    );
}

async function perform<O extends Options>(command: Command<O>, run: Parameters<typeof runMain<O>>[1]): Promise<number> {
    const line = readCommandLine(command, process.argv.slice(2));
    if (!line.help) return run(line.values, line.given);
    process.stdout.write(formatHelp(command));
    return 0;
}

/**
 * Whoever read our output has gone (`… | head -1`, a terminal that was closed): the work goes on to its good end, and what it
 * would have printed is not needed. Output that cannot be written for another reason, such as a full disk, is a failure.
 */
function ignoreClosedPipes(): void {
    for (const stream of [process.stdout, process.stderr]) {
        stream.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EPIPE" || error.code === "EIO") return;
            process.exitCode = 1;
            if (stream === process.stdout) process.stderr.write(`The output could not be written: ${error.message}\n`);
        });
    }
}

function describeBug(error: unknown): string {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
