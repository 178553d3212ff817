import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, UsageError } from "../commandline/failure";
import { isRunning } from "./child-process";

/**
 * Claims a folder for this process, so that two `npm run local` do not overwrite each other's files. A claim that a killed
 * process has left is taken over. Returns what gives the claim back.
 */
export function claim(folder: string): () => void {
    const file = path.join(folder, "pid");
    const owner = inFolder(folder, () => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        return readOwner(file);
    });
    if (owner !== undefined && owner !== process.pid && isRunning(owner)) {
        throw new UsageError(
            `Another \`npm run local\` of this folder is running (process ${owner}): stop it first, with Ctrl-C where it runs. ` +
                `If process ${owner} is something else, delete ${path.relative(process.cwd(), file)}.`,
        );
    }
    inFolder(folder, () => writeFileSync(file, `${process.pid}\n`, { mode: 0o600 }));
    return () => {
        rmSync(file, { force: true });
        // Where nothing else is in it, the folder goes as well; somebody may have removed it.
        if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
    };
}

function inFolder<T>(folder: string, work: () => T): T {
    try {
        return work();
    } catch (error) {
        const { message } = error as Error;
        throw new Failure(
            `Expected \`${path.relative(process.cwd(), folder)}\` to be a folder of your own: ${message}.`,
        );
    }
}

function readOwner(file: string): number | undefined {
    try {
        const owner = Number.parseInt(readFileSync(file, "utf8"), 10);
        return Number.isInteger(owner) && owner > 0 ? owner : undefined;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}
