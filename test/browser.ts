import { accessSync, constants } from "node:fs";
import path from "node:path";
import { chromium, type Browser } from "playwright-core";

/** What Debian, others, and Chrome's own packages call it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A browser that is installed on this machine: `CHROMIUM`, or one of the usual names in PATH; undefined if there is none. */
export function findBrowser(): string | undefined {
    const { CHROMIUM, PATH = "" } = process.env;
    if (CHROMIUM !== undefined && CHROMIUM !== "") return CHROMIUM;
    const folders = PATH.split(path.delimiter).filter((folder) => folder !== "");
    return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isExecutable);
}

export function launchBrowser(executablePath: string): Promise<Browser> {
    // Without its sandbox, which it cannot have as root and in most containers: it only opens pages of ours.
    // However long it takes: who waits for it has a limit of their own.
    return chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: 0 });
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false; // It is not there, or not for us.
    }
}
