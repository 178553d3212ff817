import {
    accessSync,
    chmodSync,
    constants,
    existsSync,
    lstatSync,
    mkdtempSync,
    readdirSync,
    realpathSync,
    rmSync,
} from "node:fs";
import { copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isRunning } from "../child-process";
import { findSandbox, isInTmp, type SandboxSearch, type SandboxView } from "./sandbox";

/** The scopes of the AWS SDK for JavaScript v3, which the runtime brings along (`/var/runtime/node_modules`). */
const RUNTIME_SCOPES = ["@aws-sdk", "@smithy"];
/** The runtime's own program. */
const RUNTIME_FILES = ["bootstrap.cjs", "handler-loader.cjs"] as const;

/** A file of a process that has just ended may still be in use for a moment, on some systems. */
const REMOVE_RETRIES_MAX = 3;

/**
 * Every file that functions have: one temporary folder, removed at the end.
 *
 *     <root>/task/<function>/                        the archive, read-only as /var/task is
 *     <root>/task/node_modules/@aws-sdk, @smithy     links to those below; ES modules find them here, CommonJS by NODE_PATH
 *     <root>/runtime/                                the runtime's program, as in /var/runtime
 *     <root>/runtime/node_modules/                   the project's: in a sandbox mounted there, else a link
 *     <root>/tmp/<environment>/                      where there is no sandbox: TMPDIR of one execution environment
 */
export class TaskFolder {
    readonly root = makeProcessFolder(taskFolderBase());
    readonly taskRoots = join(this.root, "task");
    readonly runtimeModules = join(this.taskRoots, "node_modules");
    readonly bootstrap = join(this.root, "runtime", RUNTIME_FILES[0]);
    readonly shown: SandboxView["shown"] = {
        folder: realpathSync(installedModules()),
        at: join(this.root, "runtime", "node_modules"),
    };
    private readonly temporaryFolders = join(this.root, "tmp");
    private readonly readOnlyFolders = new Set<string>();
    private runtimeLinks: Promise<void> | undefined;

    constructor(private readonly find: typeof findSandbox = findSandbox) {}

    /** Whether processes that work in this folder have a sandbox. */
    sandbox(): Promise<SandboxSearch> {
        return this.find(dirname(this.root));
    }

    /** Unpacks an archive; returns the folder in which it is. */
    async writeArchive(functionId: string, files: Readonly<Record<string, Buffer | string>>): Promise<string> {
        await (this.runtimeLinks ??= this.linkRuntime());
        const taskRoot = join(this.taskRoots, functionId);
        const folders = new Set([taskRoot]);
        for (const path of Object.keys(files)) {
            for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
                folders.add(join(taskRoot, folder));
            }
        }
        await Promise.all(Array.from(folders, (folder) => mkdir(folder, { recursive: true })));
        await Promise.all(
            Object.entries(files).map(([path, content]) => writeFile(join(taskRoot, path), content, { mode: 0o444 })),
        );
        for (const folder of folders) {
            chmodSync(folder, 0o555);
            this.readOnlyFolders.add(folder);
        }
        return taskRoot;
    }

    async createTemporaryFolder(environmentId: string): Promise<string> {
        const folder = this.temporaryFolder(environmentId);
        await mkdir(folder, { recursive: true });
        return folder;
    }

    async removeTemporaryFolder(environmentId: string): Promise<void> {
        const options = { recursive: true, force: true, maxRetries: REMOVE_RETRIES_MAX };
        // What cannot be removed now, because something has it open, is tried again by `remove`, which tells of its failure.
        await rm(this.temporaryFolder(environmentId), options).catch(() => undefined);
    }

    private temporaryFolder(environmentId: string): string {
        return join(this.temporaryFolders, environmentId);
    }

    /** Synchronous, so that it can also run while the process exits. */
    remove(): void {
        for (const folder of this.readOnlyFolders) {
            chmodSync(folder, 0o755);
        }
        this.readOnlyFolders.clear();
        rmSync(this.root, { recursive: true, force: true });
    }

    private async linkRuntime(): Promise<void> {
        const { folder, at } = this.shown;
        await Promise.all([
            mkdir(this.runtimeModules, { recursive: true }),
            mkdir(dirname(this.bootstrap), { recursive: true }),
        ]);
        const { sandbox } = await this.sandbox();
        await Promise.all([
            sandbox === undefined ? symlink(folder, at) : mkdir(at),
            ...RUNTIME_FILES.map((name) => copyFile(join(__dirname, name), join(dirname(this.bootstrap), name))),
            ...RUNTIME_SCOPES.map((scope) => symlink(join(at, scope), join(this.runtimeModules, scope))),
        ]);
    }
}

/** In which the folders of all services are: not where a function in a sandbox sees its own `/tmp`. */
export function taskFolderBase(): string {
    return isInTmp(tmpdir()) && isWritable("/var/tmp") ? "/var/tmp" : tmpdir();
}

function isWritable(folder: string): boolean {
    try {
        accessSync(folder, constants.W_OK);
        return true;
    } catch {
        return false;
    }
}

/** A folder whose name has the process that owns it; what processes that were killed have left is removed. */
export function makeProcessFolder(base: string): string {
    for (const name of readdirSync(base)) {
        const owner = /^lambda-(\d+)-\w{6}$/.exec(name)?.[1];
        if (owner !== undefined && !isRunning(Number(owner))) {
            removeFolder(join(base, name));
        }
    }
    return mkdtempSync(join(base, `lambda-${process.pid}-`));
}

/** Also the archives in it, whose folders are read-only. What another user has left is for that one to remove. */
function removeFolder(root: string): void {
    const left = lstatSync(root, { throwIfNoEntry: false });
    if (left === undefined || (process.getuid !== undefined && left.uid !== process.getuid())) return;
    try {
        const tasks = join(root, "task");
        for (const path of existsSync(tasks) ? readdirSync(tasks, { recursive: true, withFileTypes: true }) : []) {
            if (path.isDirectory()) chmodSync(join(path.parentPath, path.name), 0o755);
        }
        rmSync(root, { recursive: true, force: true });
    } catch (error) {
        // Another process that has just started as well was quicker.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
}

/** The `node_modules` folder in which the project's AWS SDK is: a Node.js process looks in the same places. */
function installedModules(): string {
    const folder = module.paths.find((path) => existsSync(join(path, "@aws-sdk")));
    if (folder === undefined) {
        throw new Error("The AWS SDK is not installed: run `npm ci` in the project's folder.");
    }
    return folder;
}
