import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isRunning } from "../child-process";

/** The scopes of the AWS SDK for JavaScript v3, which the runtime brings along (`/var/runtime/node_modules`). */
const RUNTIME_SCOPES = ["@aws-sdk", "@smithy"];

/** A file of a process that has just ended may still be in use for a moment, on some systems. */
const REMOVE_RETRIES_MAX = 3;

/**
 * Every file that functions have: one temporary folder, removed at the end.
 *
 *     <root>/task/<function>/                        the archive, read-only as /var/task is
 *     <root>/task/node_modules/@aws-sdk, @smithy     links to the project's; ES modules find them here, CommonJS by NODE_PATH
 *     <root>/tmp/<environment>/                      TMPDIR of one execution environment
 */
export class TaskFolder {
    readonly root = makeRoot();
    readonly runtimeModules = join(this.root, "task", "node_modules");
    /** Those of all environments. */
    readonly temporaryFolders = join(this.root, "tmp");
    private readonly readOnlyFolders = new Set<string>();
    private runtimeLinks: Promise<void> | undefined;

    /** Unpacks an archive; returns the folder in which it is. */
    async writeArchive(functionId: string, files: Readonly<Record<string, Buffer | string>>): Promise<string> {
        await (this.runtimeLinks ??= this.linkRuntime());
        const taskRoot = join(this.root, "task", functionId);
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
        await mkdir(this.runtimeModules, { recursive: true });
        const installed = installedModules();
        await Promise.all(
            RUNTIME_SCOPES.map((scope) => symlink(join(installed, scope), join(this.runtimeModules, scope))),
        );
    }
}

/** A folder whose name has the process that owns it; what processes that were killed have left is removed. */
function makeRoot(): string {
    for (const name of readdirSync(tmpdir())) {
        const owner = /^lambda-(\d+)-\w{6}$/.exec(name)?.[1];
        if (owner !== undefined && !isRunning(Number(owner))) {
            removeFolder(join(tmpdir(), name));
        }
    }
    return mkdtempSync(join(tmpdir(), `lambda-${process.pid}-`));
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
