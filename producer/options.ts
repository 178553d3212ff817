import { choice, flag, optionName, text, type Command, type Given, type Values } from "../commandline/options";
import { sources, type SourceName } from "./sources";
import type { Source, SourceContext } from "./sources/source";

const sourceNames = Object.keys(sources) as SourceName[];

const options = {
    stack: text({
        value: "NAME",
        help: "The stack to send to; its outputs are asked of the Pulumi CLI. `local` is the one of `npm run local`.",
    }),
    outputs: text({
        value: "FILE",
        help: "Instead of --stack: a file with what `pulumi stack output --json --show-secrets` prints; `-` is standard input.",
    }),
    source: choice(sourceNames, { help: "Where the posts come from." }),
    ...sources.sample.options,
    ...sources.file.options,
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
        "  npm run producer -- --stack dev --source file --path posts.ndjson",
        "  zcat posts.ndjson.gz | npm run producer -- --stack dev --source file --path -",
        "",
        "Exit code: 0 if every post was sent, 1 if some were refused or not sent, 2 for a mistake in the options or the",
        "configuration, 130 if it was asked twice to stop.",
    ].join("\n"),
    check: (values, given) => [...checkStack(values, given), ...checkSource(values, given)],
};

function checkStack(values: Values<ProducerOptions>, given: Given<ProducerOptions>): string[] {
    if (given.has("stack") && given.has("outputs")) return ["Expected `--stack` or `--outputs`, got both."];
    if (values.outputs === "-" && values.path === "-") {
        return ["Expected `--outputs` or `--path` to be standard input, got both."];
    }
    if (!given.has("stack") && !given.has("outputs")) return ["Expected `--stack NAME` or `--outputs FILE`."];
    return [];
}

function checkSource(values: Values<ProducerOptions>, given: Given<ProducerOptions>): string[] {
    const { source } = values;
    if (source === undefined) {
        // Mistyped, it has been told already.
        return given.has("source") ? [] : [`Expected \`--source\` to be one of ${sourceNames.join(", ")}.`];
    }
    const problems: string[] = [];
    for (const other of sourceNames.filter((name) => name !== source)) {
        for (const key of Object.keys(sources[other].options)) {
            if (!(key in sources[source].options) && given.has(key as keyof ProducerOptions)) {
                problems.push(`Expected \`--${optionName(key)}\` with \`--source ${other}\` only.`);
            }
        }
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
