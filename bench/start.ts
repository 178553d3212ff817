import { spawn, type ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../commandline/failure";
import { describeEnd, endOf } from "../local/child-process";
import { row, type BenchContext, type Row } from "./part";
import { alternate, median } from "./rounds";

const PROJECT_FOLDER = join(__dirname, "..");
/** What commandline/compile-cache.cjs keeps: without it, a start is one right after `npm ci`. */
const CACHE_FOLDER = join(PROJECT_FOLDER, "node_modules", ".cache", "stream-processing");
const POSTS = 10;
/** How long someone who tries it waits for the first stored post, at the most. */
const COLD_SECONDS = 3;
const WARM_SECONDS = 2;

const DEMO = ["--require", "./commandline/typescript.cjs", "local/demo/main.ts"];
const PULUMI_SDKS = ["--eval", 'require("@pulumi/pulumi"); require("@pulumi/aws");'];

const running = new Map<ChildProcess, Promise<unknown>>();

/** Ends the demo that is being measured, with all that it has started: what is measured fails. */
export async function endDemo(): Promise<void> {
    for (const child of running.keys()) {
        child.kill("SIGTERM");
    }
    await Promise.all(running.values());
}

/** From the start of `npm run demo` to the first stored post: as after `npm ci`, and from the second time on. */
export async function benchStart({ rounds, say }: BenchContext): Promise<Row[]> {
    say("start: the time until the first stored post ...");
    const [cold = [], warm = [], withNpm = [], withoutNpm = [], sdks = []] = await alternate(rounds, [
        async () => {
            await rm(CACHE_FOLDER, { recursive: true, force: true });
            return firstStoredSeconds();
        },
        async () => {
            // The first one after a cold start has its cache, whichever side was before.
            await firstStoredSeconds();
            return firstStoredSeconds();
        },
        () => secondsOf("npm", ["run", "demo", "--", "--help"]),
        () => secondsOf(process.execPath, [...DEMO, "--help"]),
        () => secondsOf(process.execPath, PULUMI_SDKS),
    ]);
    const npmSeconds = median(withNpm) - median(withoutNpm);
    const coldSeconds = median(cold) + npmSeconds;
    const warmSeconds = median(warm) + npmSeconds;
    const sdkSeconds = median(sdks);
    return [
        row({
            name: "s to the first stored post, cold",
            measured: coldSeconds,
            against: "the goal",
            other: COLD_SECONDS,
            goal: { atMost: 1 },
        }),
        row({
            name: "s to the first stored post, warm",
            measured: warmSeconds,
            against: "the goal",
            other: WARM_SECONDS,
            goal: { atMost: 1 },
        }),
        row({
            name: "s to the first stored post, cold",
            measured: coldSeconds,
            against: "Node loading Pulumi's two SDKs",
            other: sdkSeconds,
        }),
        row({
            name: "s to the first stored post, warm",
            measured: warmSeconds,
            against: "Node loading Pulumi's two SDKs",
            other: sdkSeconds,
        }),
    ];
}

/** Without npm's own start. */
async function firstStoredSeconds(): Promise<number> {
    const output = await outputOf(process.execPath, [...DEMO, "--json", "--posts", String(POSTS)]);
    const { firstItemSeconds } = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as { firstItemSeconds: number };
    return firstItemSeconds;
}

async function secondsOf(program: string, args: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    await outputOf(program, args);
    return (performance.now() - startedAt) / 1000;
}

async function outputOf(program: string, args: readonly string[]): Promise<string> {
    const child = spawn(program, args, {
        cwd: PROJECT_FOLDER,
        stdio: ["ignore", "pipe", "ignore"],
        // Ctrl-C comes to every process of a terminal: this one is to end with the one that measures it.
        detached: true,
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const ended = endOf(child);
    running.set(child, ended);
    const code = await ended.finally(() => running.delete(child));
    if (code !== 0) {
        throw new Failure(`${program} ${args.join(" ")} ${describeEnd(code)}.`);
    }
    return output;
}
