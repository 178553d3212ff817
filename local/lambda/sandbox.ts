import { execFile } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What Lambda gives a function unless its `ephemeralStorage` asks for more; then a write fails with ENOSPC. */
export const TMP_MB = 512;
export const TMP = "/tmp";

/** What a process in a sandbox sees besides its own `/tmp`; all of it lies outside of the host's `/tmp`. */
export interface SandboxView {
    /** Working directory, which nobody can write to, not even the superuser. */
    readonly taskRoot: string;
    /** A folder of the host, wherever it is, and the empty one in whose place it is seen. */
    readonly shown: { readonly folder: string; readonly at: string };
}

/** The arguments: mount, the shown folder, its place, the task root, and the command. */
const SCRIPT = [
    '"$1" -n --bind "$2" "$3"',
    '"$1" -n --bind "$4" "$4"',
    '"$1" -n -o remount,bind,ro "$4"',
    `"$1" -n -t tmpfs -o size=${TMP_MB}m,mode=1777,nosuid,nodev tmpfs ${TMP}`,
    'cd "$4"',
    "unset OLDPWD",
    "shift 4",
    'exec "$@"',
].join(" && ");

/**
 * Starts programs in a mount namespace of their own: with an empty `/tmp` in memory, which is gone with the last of their
 * processes. It needs no rights but that of making user namespaces; within a second one the program is nobody but who
 * started it, and cannot undo what was done in the first.
 */
export class Sandbox {
    constructor(
        private readonly unshare: string,
        private readonly mount: string,
    ) {}

    /** The command that becomes `command` in a sandbox: the same process, by its number, signals and exit code. */
    wrap({ taskRoot, shown }: SandboxView, command: readonly string[]): readonly [string, ...string[]] {
        const { unshare, mount } = this;
        const asWhoStartedIt = [`--map-user=${process.getuid?.() ?? 0}`, `--map-group=${process.getgid?.() ?? 0}`];
        return [
            unshare,
            ...["--user", "--map-root-user", "--mount", "--propagation", "private"],
            ...["/bin/sh", "-c", SCRIPT, "sandbox", mount, shown.folder, shown.at, taskRoot],
            ...[unshare, "--user", ...asWhoStartedIt, ...command],
        ];
    }
}

/** A sandbox, or why there is none here. */
export type SandboxSearch = { readonly sandbox: Sandbox } | { readonly sandbox: undefined; readonly reason: string };

/** It takes some milliseconds; a busy machine is not to be taken for one that has no sandbox. */
const PROBE_MS_MAX = 60_000;
let found: Promise<SandboxSearch> | undefined;

/**
 * Tries once whether this machine lets processes have a sandbox: containers and some distributions do not.
 * @param folder in which all task roots are
 */
export function findSandbox(folder: string): Promise<SandboxSearch> {
    return (found ??= search(folder));
}

async function search(folder: string): Promise<SandboxSearch> {
    const none = (reason: string) => ({ sandbox: undefined, reason });
    if (process.platform !== "linux") {
        return none("only Linux has mount namespaces");
    }
    if (realpathSync(TMP) !== TMP) {
        return none(`${TMP} is a link to ${realpathSync(TMP)}`);
    }
    for (const [what, where] of Object.entries({ "Node.js": process.execPath, "every folder to use": folder })) {
        if (isInTmp(where)) {
            return none(`${what} is in ${TMP} itself`);
        }
    }
    const [unshare, mount] = [findProgram("unshare"), findProgram("mount")];
    if (unshare === undefined || mount === undefined) {
        return none("the programs unshare and mount of util-linux are not installed");
    }
    const sandbox = new Sandbox(unshare, mount);
    const problem = await probe(sandbox, folder);
    return problem === undefined ? { sandbox } : none(problem);
}

/** The first line of what keeps a program from running in the sandbox. */
function probe(sandbox: Sandbox, folder: string): Promise<string | undefined> {
    const [program, ...args] = sandbox.wrap({ taskRoot: folder, shown: { folder, at: folder } }, [
        "/bin/sh",
        "-c",
        ":",
    ]);
    return new Promise((resolve) => {
        execFile(program, args, { timeout: PROBE_MS_MAX }, (error, _stdout, stderr) => {
            resolve(error === null ? undefined : (stderr.trim() || error.message).split("\n")[0]);
        });
    });
}

export function isInTmp(path: string): boolean {
    return path === TMP || path.startsWith(`${TMP}/`);
}

function findProgram(name: string): string | undefined {
    const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    return folders
        .filter((folder) => folder !== "")
        .map((folder) => join(folder, name))
        .find(isExecutable);
}

function isExecutable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
