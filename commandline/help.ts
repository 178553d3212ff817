import { optionName, type Command, type Options } from "./options";

const WIDTH_CHARACTERS = 100;

/** The help of a command: what it does, how it is called, its options in the order in which they are declared. */
export function formatHelp<O extends Options>({ usage, summary, options, notes }: Command<O>): string {
    const rows = Object.entries(options).map(([key, { value, help, fallback }]) => ({
        typed: `--${optionName(key)}${value === undefined ? "" : ` ${value}`}`,
        help: help + describeDefault(fallback),
    }));
    rows.push({ typed: "--help", help: "Prints this." });
    const indent = Math.max(...rows.map(({ typed }) => typed.length)) + 4;
    const lines = rows.map(({ typed, help }) => {
        const [first = "", ...others] = wrap(help, WIDTH_CHARACTERS - indent);
        return [`  ${typed}`.padEnd(indent) + first, ...others.map((line) => " ".repeat(indent) + line)].join("\n");
    });
    const parts = [wrap(summary, WIDTH_CHARACTERS).join("\n"), `Usage: ${usage} [options]`, lines.join("\n")];
    if (notes !== undefined) parts.push(notes);
    return `${parts.join("\n\n")}\n`;
}

function describeDefault(fallback: unknown): string {
    const values: readonly unknown[] = Array.isArray(fallback) ? fallback : [fallback];
    const shown = values.filter((value) => typeof value === "string" || typeof value === "number");
    return shown.length === 0 ? "" : ` Default: ${shown.join(", ")}.`;
}

/** Breaks text at spaces so that lines have at most `charactersMax` characters, if no word is longer. */
function wrap(text: string, charactersMax: number): string[] {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
        const line = lines.at(-1);
        if (line === undefined || line.length + 1 + word.length > charactersMax) lines.push(word);
        else lines[lines.length - 1] = `${line} ${word}`;
    }
    return lines;
}
