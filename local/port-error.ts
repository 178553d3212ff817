import { UsageError } from "../commandline/failure";

export interface PortUse {
    readonly port: number;
    /** By which another port can be chosen. */
    readonly option: string;
    /** What is to listen there, as in ` for the page`; nothing where it goes without saying. */
    readonly purpose?: string;
    /** Who may be in the way. */
    readonly guess?: string;
}

/** Why nothing can listen on a port, as a mistake of the user; an error of another kind is handed back as it is. */
export function explainPortError(error: unknown, { port, option, purpose = "", guess = "" }: PortUse): unknown {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== "listen" || (code !== "EADDRINUSE" && code !== "EACCES")) return error;
    const expected =
        code === "EADDRINUSE"
            ? `to be free${purpose}: another program listens on it${guess}.`
            : `to be one that you may listen on${purpose}: those below 1024 often need the superuser's rights.`;
    return new UsageError(`Expected port ${port} of 127.0.0.1 ${expected} Choose another one with \`${option} N\`.`);
}
