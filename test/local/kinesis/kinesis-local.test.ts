import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";

/** What known-differences.ts was written for. */
const VERSION = "0.6.2";
/** The put of more than 10 MiB makes it take a gigabyte; with 384 MB it ends there. */
const HEAP_MEGABYTES = 1024;
/** Ports that it is told to listen on, so that loopback.cjs can tell its two servers apart; it never does. */
const PLAIN_PORT = 1;
const TLS_PORT = 2;

/** Operations that leave a stream in another state for half a second by default. */
const SLOW_OPERATIONS = [
    "CREATE_STREAM",
    "DELETE_STREAM",
    "MERGE_SHARDS",
    "SPLIT_SHARD",
    "START_STREAM_ENCRYPTION",
    "STOP_STREAM_ENCRYPTION",
    "UPDATE_SHARD_COUNT",
    "UPDATE_STREAM_MODE",
];

/** Only the tests of the states themselves need them to last, so long that they are seen also on a busy machine. */
const PARTS = [
    { name: "lifecycle", files: "lifecycle", slowOperation: "10s" },
    { name: "all else", files: "!(lifecycle)", slowOperation: "1ms" },
];

describe("the suite of Kinesis on kinesis-local", () => {
    const title = "passes but for what known-differences.ts lists";
    const script = installedScript();
    if (script === undefined) {
        it.skip(`${title} (not installed: npm install --no-save kinesis-local@${VERSION})`);
        return;
    }

    const children: ChildProcess[] = [];
    after(() => children.forEach((child) => child.kill()));

    for (const { name, files, slowOperation } of PARTS) {
        it(`${title}: ${name}`, async () => {
            const emulator = startEmulator(script, slowOperation);
            const suite = join(__dirname, "operations", `${files}.test.ts`);
            children.push(emulator);
            const complaints = read(emulator.stderr!);
            const mocha = spawn(process.execPath, [require.resolve("mocha/bin/mocha.js"), suite], {
                env: {
                    ...process.env,
                    KINESIS_ENDPOINT: await endpointOf(emulator),
                    KINESIS_EMULATOR: "kinesis-local",
                },
                stdio: ["ignore", "pipe", "inherit"],
            });
            children.push(mocha);
            const output = await read(mocha.stdout);
            if (mocha.exitCode === null) await once(mocha, "exit");
            emulator.kill();
            if (mocha.exitCode === 0) return;
            throw new Error(`The suite failed:\n${output}\nkinesis-local said:\n${await complaints}`);
        });
    }
});

function installedScript(): string | undefined {
    try {
        return require.resolve("kinesis-local");
    } catch {
        return undefined;
    }
}

function startEmulator(script: string, slowOperation: string): ChildProcess {
    const durations = SLOW_OPERATIONS.map((operation) => [`${operation}_DURATION`, slowOperation]);
    return fork(script, {
        execArgv: ["--require", join(__dirname, "loopback.cjs"), `--max-old-space-size=${HEAP_MEGABYTES}`],
        env: {
            PATH: process.env.PATH,
            KINESIS_MOCK_PLAIN_PORT: String(PLAIN_PORT),
            KINESIS_MOCK_TLS_PORT: String(TLS_PORT),
            KINESIS_MOCK_CERT_PATH: join(dirname(script), "server.json"),
            // As the default quotas of AWS.
            SHARD_LIMIT: "500",
            ON_DEMAND_STREAM_COUNT_LIMIT: "50",
            LOG_LEVEL: "ERROR",
            ...(Object.fromEntries(durations) as Record<string, string>),
        },
        stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
}

async function endpointOf(emulator: ChildProcess): Promise<string> {
    const port = await new Promise<number>((resolve, reject) => {
        emulator.on("message", (message: { asked: string | number; port: number }) => {
            if (Number(message.asked) === PLAIN_PORT) resolve(message.port);
        });
        emulator.once("exit", (code) => reject(new Error(`kinesis-local ended with ${code ?? "a signal"}`)));
    });
    return `http://127.0.0.1:${port}`;
}

async function read(stream: Readable): Promise<string> {
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    return text;
}
