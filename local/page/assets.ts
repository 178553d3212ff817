import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

/** A file of the page, served as it is. */
export interface Asset {
    readonly file: string;
    readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
};
const CLIENT_FOLDER = path.join(__dirname, "client");
const CLIENT_FILES = [
    ...["page.css", "icon.svg", "main.js", "dom.js", "flow.js", "shards.js", "charts.js", "items.js"],
    ...["panels.js", "log.js", "failed-events.js", "denied.js", "resources.js"],
];
const UPLOT = path.dirname(createRequire(__filename).resolve("uplot/dist/uPlot.iife.min.js"));

/** Everything that the page loads, by its path; nothing else is read from the disk. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
    ["/", assetOf(path.join(CLIENT_FOLDER, "index.html"))],
    ...CLIENT_FILES.map((name) => [`/${name}`, assetOf(path.join(CLIENT_FOLDER, name))] as const),
    // What dynamodb-admin's pages make a browser ask for.
    ["/favicon.ico", assetOf(path.join(CLIENT_FOLDER, "icon.svg"))],
    ["/uPlot.js", assetOf(path.join(UPLOT, "uPlot.iife.min.js"))],
    ["/uPlot.css", assetOf(path.join(UPLOT, "uPlot.min.css"))],
]);

/** From the disk each time: a change shows when the page is loaded again. */
export async function readAsset({ file }: Asset): Promise<Buffer> {
    return readFile(file);
}

function assetOf(file: string): Asset {
    return { file, type: TYPES[path.extname(file)] ?? "application/octet-stream" };
}
