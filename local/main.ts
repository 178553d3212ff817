import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { Failure } from "../commandline/failure";
import { INTERRUPTED, onInterrupt } from "../commandline/interrupt";
import { runMain } from "../commandline/main";
import { formatAmount, formatSeconds } from "../commandline/numbers";
import { flag, whole, type Values } from "../commandline/options";
import { describeOutputs, writeEnvironment, writeOutputs } from "./outputs";
import { claim } from "./claim";
import { leaveAwsSettingsOut } from "./host-settings";
import { uiPort } from "./page/options";
import { startPage, type Page } from "./page/page";
import { PROJECT_FOLDER, startStack, type Stack } from "./stack";

const PORT_DEFAULT = 4566;
const FOLDER = path.join(PROJECT_FOLDER, ".local");
/** The exit code of a program that Ctrl-C has ended, by the convention of shells. */

const options = {
    port: whole({
        value: "N",
        help: "The port on 127.0.0.1 that AWS clients connect to.",
        unit: "",
        minimum: 1,
        maximum: 65_535,
        default: PORT_DEFAULT,
    }),
    uiPort,
    logs: flag({ help: "Prints the function's log as it comes." }),
};

leaveAwsSettingsOut();

runMain(
    {
        usage: "npm run local --",
        summary: "Runs the embedded cloud on this machine with index.ts deployed to it, until Ctrl-C.",
        options,
        notes: "Exit code: 0 after Ctrl-C, 1 if the embedded cloud failed, 2 for a mistake in the options or the configuration.",
    },
    stayUp,
);

async function stayUp(values: Values<typeof options>): Promise<number> {
    const interruption = new AbortController();
    const stopWatching = onInterrupt({
        stop: () => interruption.abort(),
        abort: () => process.exit(INTERRUPTED),
    });
    const release = claim(FOLDER);
    try {
        return await run(values, interruption);
    } catch (error) {
        if (interruption.signal.aborted && (error as Error).name === "AbortError") {
            process.stdout.write("Stopped; nothing is left running.\n");
            return 0;
        }
        throw error;
    } finally {
        release();
        stopWatching();
    }
}

async function run(
    { port, uiPort: pagePort, logs }: Values<typeof options>,
    interruption: AbortController,
): Promise<number> {
    const { signal } = interruption;
    let failure: Failure | undefined;
    process.stdout.write("Starting the embedded cloud and deploying index.ts to it ...\n");
    const stack = await startStack({
        port,
        signal,
        onCloud: ({ lambda }) => {
            if (!logs) return;
            lambda.onLog(({ functionName, message }) =>
                process.stdout.write(`${functionName}: ${message.trimEnd()}\n`),
            );
        },
        onLog: ({ severity, text }) =>
            process.stdout.write(severity === "info" ? `${text}\n` : `${severity}: ${text}\n`),
        onDenied: ({ message }) => process.stdout.write(`Denied: ${message}\n`),
        onProblem: (problem) => process.stdout.write(`${problem}\n`),
        onError: (error) => {
            const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
            failure = new Failure(`The embedded cloud failed: ${detail}`);
            interruption.abort();
        },
    });
    const files = [path.join(FOLDER, "outputs.json"), path.join(FOLDER, "env")] as const;
    let page: Page | undefined;
    try {
        const { cloud, deployment } = stack;
        const { outputs, resources } = deployment;
        page = await startPage({ port: pagePort, cloud, outputs, resources: () => resources });
        writeOutputs(files[0], deployment.outputs);
        writeEnvironment(files[1], cloud.endpointUrl, cloud.region, cloud.administrator);
        process.stdout.write(welcome(stack, page));
        if (!signal.aborted) await once(signal, "abort");
        process.stdout.write("\nStopping ...\n");
    } finally {
        for (const file of files) rmSync(file, { force: true });
        await page?.close();
        await stack.cloud.close();
    }
    if (failure !== undefined) throw failure;
    process.stdout.write("Stopped; nothing is left running.\n");
    return 0;
}

function welcome({ cloud, deployment }: Stack, { address }: Page): string {
    const { resources, outputs } = deployment;
    const recorded = resources.filter(({ recordedOnly }) => recordedOnly).map(({ type }) => type.split(":").at(-1));
    const table = String(outputs.values.eventDataTable);
    return `
The embedded cloud is up at ${cloud.endpointUrl} after ${formatSeconds(performance.now() / 1000)}: ${formatAmount(resources.length, "resource")} deployed, of which
${recorded.length} have nothing to do on one machine and are recorded only (${[...new Set(recorded)].join(", ")}).

${describeOutputs(outputs)
    .map((line) => `  ${line}`)
    .join("\n")}

See it flow: ${address}

What to try, in another terminal:
  npm run producer -- --stack local --source sample --posts 5000
  echo '{"username":"ada","id":"1","timestamp":"2026-01-01T00:00:00Z","message":"hello","source":"me"}' \\
    | npm run producer -- --stack local --source file --path -
  set -a; . .local/env; set +a          # then any client of Kinesis, DynamoDB, S3 or STS works:
  aws dynamodb scan --table-name ${table} --max-items 5

Ctrl-C stops it.
`;
}
