/** Matches any text, also none: `*` of a policy. */
export const ANY = Symbol("*");
/** Matches exactly one character: `?` of a policy. */
export const ONE = Symbol("?");

/** A policy variable: `${aws:username}`, or `${aws:username, 'anonymous'}` with a value for when it has none. */
export interface Variable {
    readonly name: string;
    readonly otherwise: string | undefined;
}

type Token = string | typeof ANY | typeof ONE;

/** A compiled pattern: single characters, wildcards and policy variables. */
export type Pattern = readonly (Token | Variable)[];

const VARIABLE = /^\$\{\s*([^},]*?)\s*(?:,\s*'([^']*)'\s*)?\}/;
/** `${*}`, `${?}` and `${$}` stand for the characters themselves. */
const ESCAPED = new Set(["*", "?", "$"]);

/**
 * Compiles a pattern of a policy element.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 * @param text with `*` and `?` as wildcards
 */
export function compilePattern(text: string): Pattern {
    const pattern: (Token | Variable)[] = [];
    for (let at = 0; at < text.length; at++) {
        const variable = text.startsWith("${", at) ? VARIABLE.exec(text.slice(at)) : null;
        if (variable) {
            const name = variable[1] ?? "";
            pattern.push(ESCAPED.has(name) ? name : { name, otherwise: variable[2] });
            at += variable[0].length - 1;
        } else {
            pattern.push(tokenOf(text.charAt(at)));
        }
    }
    return pattern;
}

function tokenOf(character: string): Token {
    if (character === "*") {
        return ANY;
    }
    return character === "?" ? ONE : character;
}

/** The names of the policy variables in a pattern. */
export function variablesOf(pattern: Pattern): string[] {
    return pattern.filter((token): token is Variable => typeof token === "object").map(({ name }) => name);
}

/**
 * Whether the whole of `value` matches. A variable without a value, and without one to take instead, matches nothing;
 * the value of a variable is taken literally, wildcards included.
 * As AWS does for an asterisk at the end of an ARN's segment, `*` also crosses the colons of an ARN.
 */
export function matches(pattern: Pattern, value: string, variable: (name: string) => string | undefined): boolean {
    const tokens = expand(pattern, variable);
    return tokens !== undefined && matchTokens(tokens, value);
}

function expand(pattern: Pattern, variable: (name: string) => string | undefined): readonly Token[] | undefined {
    if (!pattern.some((token) => typeof token === "object")) {
        return pattern as readonly Token[];
    }
    const tokens: Token[] = [];
    for (const token of pattern) {
        if (typeof token !== "object") {
            tokens.push(token);
            continue;
        }
        const value = variable(token.name) ?? token.otherwise;
        if (value === undefined) {
            return undefined;
        }
        tokens.push(...value.split(""));
    }
    return tokens;
}

/** On a mismatch only the last `*` takes one character more, so the time is at most pattern × value, never exponential. */
function matchTokens(tokens: readonly Token[], value: string): boolean {
    let token = 0;
    let character = 0;
    let lastAny = -1;
    let lastAnyEnd = 0;
    while (character < value.length) {
        if (tokens[token] === ONE || tokens[token] === value[character]) {
            token++;
            character++;
        } else if (tokens[token] === ANY) {
            lastAny = token++;
            lastAnyEnd = character;
        } else if (lastAny >= 0) {
            token = lastAny + 1;
            character = ++lastAnyEnd;
        } else {
            return false;
        }
    }
    while (tokens[token] === ANY) {
        token++;
    }
    return token === tokens.length;
}
