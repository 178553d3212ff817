import { choice, flag, optionName, positive, type Command, type Given, type Values } from "../commandline/options";
import { checkStack, stackOptions } from "./stack-options";
import { sources, type SourceName } from "./sources";
import type { Source, SourceContext } from "./sources/source";

/** Of posts that cannot wait at their source: those of a longer outage would be dropped anyway, for want of room. */
export const LIVE_RECORD_TTL_SECONDS = 300;
/** As long as a stream keeps a record by default. */
const RECORD_TTL_SECONDS_MAX = 86_400;

const sourceNames = Object.keys(sources) as SourceName[];

const options = {
    ...stackOptions,
    source: choice(sourceNames, { help: "Where the posts come from." }),
    ...sources.bluesky.options,
    ...sources.x.options,
    ...sources.sample.options,
    ...sources.file.options,
    recordTtl: positive({
        value: "SECONDS",
        help:
            "Drops posts that could not be sent so long after they came, and counts them. Without it, X's are dropped after " +
            `${LIVE_RECORD_TTL_SECONDS} seconds, and all others sent, however late.`,
        unit: "seconds",
        maximum: RECORD_TTL_SECONDS_MAX,
    }),
    verbose: flag({ help: "Prints a line for each request." }),
    json: flag({ help: "Prints the account as one line of JSON, last on standard output." }),
};

export type ProducerOptions = typeof options;

export const command: Command<ProducerOptions> = {
    usage: "npm run producer --",
    summary:
        "Sends posts to the stream of a deployed stack, in the order of each author, as fast as the stream takes them. Ctrl-C " +
        "stops the source and sends what has been read; a second one gives up.",
    options,
    notes: [
        "Examples:",
        "  npm run producer -- --stack local --source sample --posts 5000",
        "  npm run producer -- --stack dev --source bluesky --track coffee",
        "  npm run producer -- --stack dev --source x --track yolo --max-posts 500",
        "  npm run producer -- --stack dev --source file --path posts.ndjson",
        "  zcat posts.ndjson.gz | npm run producer -- --stack dev --source file --path -",
        "",
        "Exit code: 0 if every post was sent, or, when it was asked to stop, what had been read; 1 if some",
        "were refused, dropped for want of room or time, or not sent; 2 for a mistake in the options or the",
        "configuration; 130 if it was asked to stop twice.",
    ].join("\n"),
    check: (values, given) => [...checkStack(given), ...checkSource(values, given)],
};

function checkSource(values: Values<ProducerOptions>, given: Given<ProducerOptions>): string[] {
    const { source } = values;
    if (source === undefined) {
        // Mistyped, it has been told already.
        return given.has("source") ? [] : [`Expected \`--source\` to be one of ${sourceNames.join(", ")}.`];
    }
    const problems: string[] = [];
    if (values.outputs === "-" && values.path === "-") {
        problems.push("Expected `--outputs` or `--path` to be standard input, got both.");
    }
    for (const key of given) {
        const owners = sourceNames.filter((name) => key in sources[name].options);
        if (owners.length === 0 || owners.includes(source)) continue;
        const chosen = owners.map((name) => `\`--source ${name}\``).join(" or ");
        problems.push(`Expected \`--${optionName(key)}\` with ${chosen} only.`);
    }
    return [...problems, ...sources[source].check(values)];
}

/** Opens the source that was chosen. */
export function openSource(values: Values<ProducerOptions>, context: SourceContext): Promise<Source> {
    const { source } = values;
    // `check` has refused a command line without a source.
    if (source === undefined) throw new TypeError("No source was chosen.");
    return sources[source].open(values, context);
}
