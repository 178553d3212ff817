import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folders: string[] = [];

/** A folder of its own in `base` for a test, with the files given by their path in it; gone after all tests of the file. */
export function temporaryFolder(files: Record<string, string> = {}, base = tmpdir()): string {
    const folder = mkdtempSync(path.join(base, "stream-processing-test-"));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) {
        const file = path.join(folder, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
    return folder;
}

/** To be called in `after` by whoever calls `temporaryFolder`. */
export function removeTemporaryFolders(): void {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
