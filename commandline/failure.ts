/**
 * An end that has to be told in one line and is no bug: the credentials were refused, a port is taken, a line of the
 * input was no post. It ends a command without a stack trace, with `exitCode`.
 */
export class Failure extends Error {
    constructor(
        message: string,
        readonly exitCode = 1,
    ) {
        super(message);
        this.name = "Failure";
    }
}

/** What the user typed or configured cannot be carried out: every mistake on a line of its own, exit code 2. */
export class UsageError extends Failure {
    constructor(readonly problems: readonly string[] | string) {
        super(typeof problems === "string" ? problems : problems.join("\n"), 2);
        this.name = "UsageError";
    }
}
