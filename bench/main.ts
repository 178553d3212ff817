import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { INTERRUPTED, onInterrupt } from "../commandline/interrupt";
import { runMain } from "../commandline/main";
import { choice, flag, whole, type Values } from "../commandline/options";
import { leaveAwsSettingsOut } from "../local/host-settings";
import { benchConsumer } from "./consumer";
import { benchFunction } from "./function";
import { isMet, type Part, type Row } from "./part";
import { PeerProcess } from "./peer-process";
import { benchCost, benchPipeline } from "./pipeline";
import { benchProducer } from "./producer";
import { resultsOf, resultsTable } from "./report";
import { benchStart, endDemo } from "./start";

/** The parts by the name that `--only` chooses them with. */
const parts = {
    start: benchStart,
    producer: benchProducer,
    consumer: benchConsumer,
    function: benchFunction,
    pipeline: benchPipeline,
    cost: benchCost,
} satisfies Record<string, Part>;

const RESULTS_FILE = join(__dirname, "results.json");
const partNames = Object.keys(parts) as (keyof typeof parts)[];

const options = {
    only: choice(partNames, { help: "Measures this part alone, and writes no file." }),
    rounds: whole({
        value: "N",
        help: "How often each side is measured; the median counts.",
        unit: "rounds",
        minimum: 1,
        maximum: 100,
        default: 3,
    }),
    json: flag({ help: "Prints the results as one line of JSON, last on standard output." }),
};

leaveAwsSettingsOut();

runMain(
    {
        usage: "npm run bench --",
        summary:
            "Measures the project beside its limits and beside other ways to do the same, the sides by turns in one run, and writes " +
            "bench/results.json, in 20 minutes. Ratios can be compared between machines, what was measured cannot.",
        options,
        notes: "Exit code: 0 if every goal is met, 1 if not, 2 for a mistake in the options.",
    },
    bench,
);

async function bench({ only, rounds, json }: Values<typeof options>): Promise<number> {
    const measured: Record<string, Row[]> = {};
    let stopped: Promise<never> | undefined;
    const stopWatching = onInterrupt({
        stop: () => {
            stopped = stop();
        },
        abort: () => process.exit(INTERRUPTED),
    });
    try {
        for (const name of only === undefined ? partNames : [only]) measured[name] = await parts[name]({ rounds, say });
    } catch (error) {
        // What was under way fails when it is stopped.
        throw stopped === undefined ? error : await stopped;
    } finally {
        stopWatching();
    }
    await stopped;
    const results = resultsOf(measured, rounds);
    process.stdout.write(`${resultsTable(results)}\n`);
    if (only === undefined) await writeFile(RESULTS_FILE, `${JSON.stringify(results, undefined, 4)}\n`);
    if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
    return Object.values(measured).flat().every(isMet) ? 0 : 1;
}

async function stop(): Promise<never> {
    await Promise.all([PeerProcess.closeAll(), endDemo()]);
    say("Stopped; nothing is left running.");
    process.exit(INTERRUPTED);
}

function say(line: string): void {
    process.stderr.write(`${line}\n`);
}
