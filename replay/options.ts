import { choice, flag, text, type Command, type Given, type Values } from "../commandline/options";
import { checkStack, stackOptions } from "../producer/stack-options";
import { readSince, SINCE_EXPECTED } from "./since";

const options = {
    ...stackOptions,
    prefix: choice(["quarantine", "aws"], {
        help:
            "Only what the function put under `quarantine/`, as it can never be stored as it is, or only what Lambda put " +
            "under `aws/lambda/`, as it could not be stored in time. Without it, both.",
    }),
    since: text({
        value: "TIME",
        help: "Only objects that were written since: a time (2026-11-23, 2026-11-23T06:00Z), or how long ago (90m, 12h, 7d).",
    }),
    batches: text({
        value: "FILE",
        help:
            "Instead of the bucket: a file with what Lambda sent to a queue or topic about batches that it gave up (JSON with " +
            "KinesisBatchInfo). Their records are read from the stream again, while it still keeps them.",
    }),
    fix: text({
        value: "SCRIPT",
        help:
            "A module whose default export is a function: it is given each record ({data, partitionKey, reason, " +
            "sequenceNumber, arrivedAt, object}), and answers with the one to send, or null for none.",
    }),
    dryRun: flag({ help: "Shows what there is, and what a fix makes of it, and sends nothing." }),
    json: flag({ help: "Prints the account as one line of JSON, last on standard output." }),
};

export type ReplayOptions = typeof options;

export const command: Command<ReplayOptions> = {
    usage: "npm run replay --",
    summary:
        "Sends what failed to the stream of a deployed stack again, in order and with the original partition keys, and moves " +
        "each object of the failed-events bucket to `replayed/` once the stream has accepted all of its records. It can be " +
        "stopped and run again at any point.",
    options,
    notes: [
        "Examples:",
        "  npm run replay -- --stack dev --dry-run",
        "  npm run replay -- --stack dev --prefix aws --since 12h",
        "  npm run replay -- --stack dev --prefix quarantine --fix fix.mjs",
        "",
        "Exit code: 0 if everything was sent, 1 if something was left or has expired, 2 for a mistake in the options or the",
        "configuration, 130 if it was asked twice to stop.",
    ].join("\n"),
    check: (values, given) => [...checkStack(given), ...checkSelection(values, given)],
};

function checkSelection({ since }: Values<ReplayOptions>, given: Given<ReplayOptions>): string[] {
    const problems: string[] = [];
    if (since !== undefined && readSince(since, Date.now()) === undefined) {
        problems.push(`Expected \`--since\` to be ${SINCE_EXPECTED}, got '${since}'.`);
    }
    for (const name of ["prefix", "since"] as const) {
        if (given.has("batches") && given.has(name)) {
            problems.push(`Expected \`--${name}\` without \`--batches\`, which is not about the bucket.`);
        }
    }
    return problems;
}
