import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { temporaryFolder } from "./temporary-folder";

const PROJECT_FOLDER = path.resolve(__dirname, "..");
/** What runs; the rest of the project is of no use to a copy. */
const PARTS = [
    "Pulumi.yaml",
    "commandline",
    "consumer",
    "index.ts",
    "infrastructure",
    "local",
    "package.json",
    "producer",
    "tsconfig.check.json",
    "tsconfig.json",
    "wire-record.ts",
];

/** A copy of the project for tests that write into its folder, with further files by their path in it. */
export function projectCopy(files: Record<string, string> = {}): string {
    const folder = temporaryFolder(files);
    for (const part of PARTS) cpSync(path.join(PROJECT_FOLDER, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(PROJECT_FOLDER, "node_modules"), path.join(folder, "node_modules"));
    return folder;
}

export type Program = ChildProcessByStdio<null, Readable, Readable>;

export interface End {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

export interface Surroundings {
    /** The project's folder; this one unless given. */
    readonly folder?: string;
    /** The system's folder for temporary files. */
    readonly temporary?: string;
    /** Variables beside those of this process. */
    readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command of the project as its npm script does, at the head of a process group of its own. */
export function startProgram(file: string, options: readonly string[], surroundings: Surroundings = {}): Program {
    const { folder = PROJECT_FOLDER, temporary, environment } = surroundings;
    const program = ["--require", "./commandline/typescript.cjs", file, ...options];
    return spawn(process.execPath, program, {
        cwd: folder,
        env: {
            ...process.env,
            ...(temporary !== undefined && { TMPDIR: temporary, TEMP: temporary, TMP: temporary }),
            ...environment,
        },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
    });
}

/** Resolves when the program has ended and its output is read. To be called before it can have ended. */
export async function end(program: Program): Promise<End> {
    const output = { stdout: "", stderr: "" };
    program.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    program.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const [code] = (await once(program, "close")) as [number | null];
    return { code, ...output };
}

/** Resolves, with all that came until then, when the text was printed; rejects when the output ends without it. */
export function printed(output: Readable, expected: string): Promise<string> {
    return new Promise((resolve, reject) => {
        let text = "";
        output.on("data", (chunk: string | Buffer) => {
            text += String(chunk);
            if (text.includes(expected)) resolve(text);
        });
        output.on("end", () => reject(new Error(`Expected '${expected}' to be printed, got: ${text}`)));
    });
}

/** The processes, of any group, that were given the folder for temporary files; none where there is no /proc. */
export function processesUsing(folder: string): string[] {
    if (process.platform !== "linux") return [];
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
        .flatMap((pid) => {
            try {
                const [environment, command] = ["environ", "cmdline"].map((file) =>
                    readFileSync(`/proc/${pid}/${file}`, "latin1"),
                ) as [string, string];
                return environment.includes(folder) || command.includes(folder) ? [command] : [];
            } catch {
                return []; // It has ended in the meantime.
            }
        });
}

/** The processes of the program's group that are still there, by their command lines; empty where there is no /proc. */
export function processesLeft(program: Program): string[] {
    if (process.platform !== "linux") return [];
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => {
            try {
                const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
                const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
                const isLeft = Number(group) === program.pid && state !== "Z";
                return isLeft ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
            } catch {
                return []; // It has ended in the meantime.
            }
        });
}
