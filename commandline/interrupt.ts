/**
 * `npm run` passes a signal on to the command that the terminal has already sent it to: one Ctrl-C arrives twice,
 * milliseconds apart (@npmcli/run-script, signal-manager.js). Signals this close to the first are the same request.
 */
export const SAME_REQUEST_MS = 500;
/** The exit code of what Ctrl-C has stopped, as shells have it: 128 and the number of SIGINT. */
export const INTERRUPTED = 130;
/**
 * A SIGTERM for npm itself, as from `kill` or a service manager, it passes on to the shell by which it has started the
 * command: many a shell ends of it without a word to the command. That the shell is gone is looked for this often.
 */
const SHELL_CHECK_MS = 250;

export interface InterruptHandlers {
    /** Ctrl-C or SIGTERM: stop in good order. */
    stop: (signal: NodeJS.Signals) => void;
    /** Asked again: stop now. */
    abort: (signal: NodeJS.Signals) => void;
}

/**
 * Watches for SIGINT and SIGTERM (and SIGHUP, when the terminal is closed), and for the end of the shell of `npm run`, which
 * counts as SIGTERM, until the returned function is called.
 */
export function onInterrupt(handlers: InterruptHandlers, now: () => number = () => performance.now()): () => void {
    let stoppedAt: number | undefined;
    const listener = (signal: NodeJS.Signals) => {
        if (stoppedAt === undefined) {
            stoppedAt = now();
            handlers.stop(signal);
        } else if (now() - stoppedAt >= SAME_REQUEST_MS) {
            handlers.abort(signal);
        }
    };
    const shell = process.ppid;
    const lookForShell = () => {
        if (process.ppid !== shell && stoppedAt === undefined) listener("SIGTERM");
    };
    const timer =
        process.env.npm_lifecycle_event === undefined ? undefined : setInterval(lookForShell, SHELL_CHECK_MS).unref();
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, listener);
    return () => {
        clearInterval(timer);
        for (const signal of signals) process.off(signal, listener);
    };
}
