import { rmSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { previewStack } from "../local/deployment/preview";
import { Archive, Asset } from "../local/deployment/values";
import { makeProcessFolder, taskFolderBase } from "../local/lambda/task-folder";

const MODULES = join(__dirname, "..", "node_modules");
const FUNCTION = "aws:lambda/function:Function";
/** Any stack has the same function. */
const STACK = "bench";

/** The files of the function's archive, the very ones that `pulumi up` would upload, by their path. */
export async function functionFiles(): Promise<Record<string, string>> {
    const resources = await previewStack(STACK, () => undefined);
    const code = resources.find(({ type }) => type === FUNCTION)?.inputs.values.code;
    if (!(code instanceof Archive)) throw new Error("The program has no function with an archive.");
    return Object.fromEntries(
        Object.entries(code.entries).map(([path, entry]) => {
            if (!(entry instanceof Asset) || entry.text === undefined) throw new Error(`${path} is no text.`);
            return [path, entry.text];
        }),
    );
}

/** Those files in a folder of their own, from which the AWS SDK can be required, for as long as `use` takes. */
export async function withUnpacked<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = makeProcessFolder(taskFolderBase());
    const remove = () => rmSync(folder, { recursive: true, force: true });
    // Also when the process is stopped.
    process.once("exit", remove);
    try {
        const files = Object.entries(await functionFiles());
        await Promise.all(files.map(([path, text]) => writeFile(join(folder, path), text)));
        await symlink(MODULES, join(folder, "node_modules"), "junction");
        return await use(folder);
    } finally {
        process.off("exit", remove);
        remove();
    }
}
