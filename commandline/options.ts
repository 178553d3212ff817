import { parseArgs } from "node:util";
import { UsageError } from "./failure";
import { closest } from "./closest";

/**
 * One option. `read` turns what was typed into a value or throws a `Mistake`; an option without `value` is a switch.
 * Make them with `text`, `texts`, `choice`, `whole`, `positive` and `flag`.
 */
export interface Option<T> {
    /** What stands for the value in the help and in error messages, as in `NAME`; a switch has none. */
    readonly value?: string;
    /** One sentence or two for the help; the default is added to it. */
    readonly help: string;
    readonly fallback: T;
    readonly read: (typed: string) => T;
    /** It may be typed several times; its value is the list of what was read. */
    readonly isList?: true;
}

/** Options by name in camel case: `recordTtl` is typed as `--record-ttl`. */
export type Options = Record<string, Option<unknown>>;
export type Values<O extends Options> = { [K in keyof O]: O[K] extends Option<infer T> ? T : never };
/** The options that were typed, as against those that stand at their default. */
export type Given<O extends Options> = ReadonlySet<keyof O & string>;

export interface Command<O extends Options> {
    /** What one types before the options, as in `npm run producer --`. */
    readonly usage: string;
    readonly summary: string;
    readonly options: O;
    /** Said at the end of the help: examples, what the exit codes mean. */
    readonly notes?: string;
    /**
     * Rules between options: a line per mistake. It is asked together with the rules of each option, so that all mistakes
     * are told at once; options that were mistyped stand at their default.
     */
    readonly check?: (values: Values<O>, given: Given<O>) => readonly string[];
}

export type CommandLine<O extends Options> = { help: true } | { help: false; values: Values<O>; given: Given<O> };

/** Thrown by `read`: what was expected, as in `a positive number of posts per second`. */
class Mistake extends Error {
    constructor(readonly expected: string) {
        super(expected);
    }
}

interface Details<T> {
    value: string;
    help: string;
    default?: T;
}

export function text(details: Details<string> & { default: string }): Option<string>;
export function text(details: Details<string>): Option<string | undefined>;
export function text({ value, help, default: fallback }: Details<string>): Option<string | undefined> {
    const read = (typed: string) => {
        if (typed === "") throw new Mistake("a value that is not empty");
        return typed;
    };
    return { value, help, fallback, read };
}

/** A text that may be typed several times: all of them, in order. What is typed replaces the default. */
export function texts(details: {
    value: string;
    help: string;
    default?: readonly string[];
}): Option<readonly string[]> {
    const { value, help, default: fallback = [] } = details;
    const read = (typed: string) => {
        if (typed === "") throw new Mistake("a value that is not empty");
        return [typed];
    };
    return { value, help, fallback, read, isList: true };
}

export function choice<const C extends string>(
    choices: readonly C[],
    details: { help: string; default: NoInfer<C> },
): Option<C>;
export function choice<const C extends string>(
    choices: readonly C[],
    details: { help: string; default?: undefined },
): Option<C | undefined>;
export function choice<const C extends string>(
    choices: readonly C[],
    { help, default: fallback }: { help: string; default?: C | undefined },
): Option<C | undefined> {
    const read = (typed: string) => {
        const found = choices.find((candidate) => candidate === typed);
        if (found === undefined) throw new Mistake(`one of ${choices.join(", ")}`);
        return found;
    };
    return { value: choices.join("|"), help, fallback, read };
}

interface Range {
    /** What the number counts, as in `posts`: it ends the sentence of an error message. */
    unit: string;
    minimum: number;
    maximum: number;
}

/** A whole number, written in digits. */
export function whole(details: Details<number> & Range & { default: number }): Option<number>;
export function whole(details: Details<number> & Range): Option<number | undefined>;
export function whole(details: Details<number> & Range): Option<number | undefined> {
    const { value, help, unit, minimum, maximum, default: fallback } = details;
    const read = (typed: string) => {
        const number = /^[+-]?\d{1,16}$/.test(typed) ? Number(typed) : NaN;
        if (number >= minimum && number <= maximum) return number;
        throw new Mistake(`a whole number${unitPhrase(unit)} from ${minimum} to ${maximum}`);
    };
    return { value, help, fallback, read };
}

/** A positive number, such as `0.5`. */
export function positive(details: Details<number> & Omit<Range, "minimum"> & { default: number }): Option<number>;
export function positive(details: Details<number> & Omit<Range, "minimum">): Option<number | undefined>;
export function positive(details: Details<number> & Omit<Range, "minimum">): Option<number | undefined> {
    const { value, help, unit, maximum, default: fallback } = details;
    const read = (typed: string) => {
        const number = /^\+?(\d{1,16}(\.\d{1,16})?|\.\d{1,16})$/.test(typed) ? Number(typed) : NaN;
        if (number > 0 && number <= maximum) return number;
        const limit = number > maximum ? ` up to ${maximum}` : "";
        throw new Mistake(`a positive number${unitPhrase(unit)}${limit}`);
    };
    return { value, help, fallback, read };
}

/** A switch: false unless it is typed. */
export function flag(details: { help: string }): Option<boolean> {
    return { help: details.help, fallback: false, read: () => true };
}

/**
 * Reads what was typed. `--help` (or `-h`) anywhere asks for the help, whatever else is wrong. All mistakes come together in
 * one `UsageError`, a line each.
 */
export function readCommandLine<O extends Options>(command: Command<O>, argv: readonly string[]): CommandLine<O> {
    const names = new Map(Object.keys(command.options).map((key) => [optionName(key), key]));
    const { tokens } = parseArgs({
        args: [...argv],
        strict: false,
        tokens: true,
        options: {
            help: { type: "boolean", short: "h" },
            ...Object.fromEntries(
                [...names].map(([name, key]) => [
                    name,
                    { type: command.options[key]?.value === undefined ? "boolean" : "string" } as const,
                ]),
            ),
        },
    });
    if (tokens.some((token) => token.kind === "option" && token.name === "help")) return { help: true };

    const problems: string[] = [];
    const values = Object.fromEntries(Object.entries(command.options).map(([key, option]) => [key, option.fallback]));
    const given = new Set<string>();
    let unknownAt: number | undefined;
    for (const token of tokens) {
        // What follows an unknown option is most likely its value: one mistake, not two.
        if (token.kind === "positional" && token.index - 1 !== unknownAt) {
            problems.push(`Unexpected argument '${token.value}'.`);
        }
        if (token.kind !== "option") continue;
        const key = names.get(token.name);
        const option = key === undefined ? undefined : command.options[key];
        if (key === undefined || option === undefined) {
            problems.push(unknownOption(token.rawName, [...names.keys()]));
            if (token.inlineValue !== true) unknownAt = token.index;
        } else if (given.has(key) && option.isList !== true) {
            problems.push(`Expected \`--${token.name}\` once, got it again.`);
        } else {
            const typed = readValue(option, token);
            if (!typed.ok) problems.push(typed.problem);
            else
                values[key] = given.has(key)
                    ? [...(values[key] as readonly unknown[]), typed.value].flat()
                    : typed.value;
            given.add(key);
        }
    }
    const checked = { help: false as const, values: values as Values<O>, given: given as Given<O> };
    problems.push(...(command.check?.(checked.values, checked.given) ?? []));
    if (problems.length > 0) throw new UsageError([...problems, `\`${command.usage} --help\` lists the options.`]);
    return checked;
}

interface Token {
    name: string;
    value?: string | undefined;
    inlineValue?: boolean | undefined;
}

type Reading = { ok: true; value: unknown } | { ok: false; problem: string };

function readValue(option: Option<unknown>, { name, value, inlineValue }: Token): Reading {
    const typed = `--${name}${option.value === undefined ? "" : ` ${option.value}`}`;
    if (option.value === undefined) {
        if (value === undefined) return { ok: true, value: true };
        return { ok: false, problem: `Expected \`${typed}\` without a value, got '${value}'.` };
    }
    // `--stack --json` is a forgotten name; a name that does begin with dashes is typed as `--stack=--json`.
    if (value === undefined || (value.startsWith("--") && inlineValue !== true)) {
        return { ok: false, problem: `Expected \`${typed}\` to have a value.` };
    }
    try {
        return { ok: true, value: option.read(value) };
    } catch (error) {
        if (!(error instanceof Mistake)) throw error;
        return { ok: false, problem: `Expected \`--${name}\` to be ${error.expected}, got '${value}'.` };
    }
}

function unknownOption(typed: string, names: readonly string[]): string {
    const near = closest(typed.replace(/^-+/, ""), names);
    return `Unknown option \`${typed}\`${near === undefined ? "." : `; did you mean \`--${near}\`?`}`;
}

/** `recordTtl` → `record-ttl` */
export function optionName(key: string): string {
    return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function unitPhrase(unit: string): string {
    return unit === "" ? "" : ` of ${unit}`;
}
