import { BlockList, isIP } from "node:net";
import type { ConditionValues } from "./context";
import { compilePattern, matches, type Pattern, variablesOf } from "./wildcard";

/** One line of a Condition element: an operator, a key, and the values of which one must match. */
export interface Condition {
    readonly key: string;
    /** Every variable that the values use. */
    readonly variables: readonly string[];
    readonly holds: (values: ConditionValues) => boolean;
}

/** Compares the request's value with one of the policy's; throws a TypeError for a value that it cannot compare. */
type Comparison = (expected: string) => (actual: string, values: ConditionValues) => boolean;

interface Operator {
    readonly compile: Comparison;
    /** A negated operator holds where **no** value matches, and also where the request has no such key. */
    readonly negated: boolean;
}

const equals: Comparison = (expected) => {
    const pattern = literalPattern(expected);
    return (actual, values) => matches(pattern, actual, values);
};
const equalsIgnoreCase: Comparison = (expected) => {
    const pattern = literalPattern(expected.toLowerCase());
    return (actual, values) => matches(pattern, actual.toLowerCase(), (name) => values(name)?.toLowerCase());
};
const like: Comparison = (expected) => {
    const pattern = compilePattern(expected);
    return (actual, values) => matches(pattern, actual, values);
};
/** ArnEquals and ArnLike are the same: each of the six parts of the ARN is matched by itself, with wildcards. */
const arnLike: Comparison = (expected) => {
    const patterns = arnParts(expected).map((part) => compilePattern(part));
    return (actual, values) => {
        const parts = arnParts(actual);
        return parts.length === patterns.length && patterns.every((one, at) => matches(one, parts[at] ?? "", values));
    };
};
const bool: Comparison = (expected) => {
    if (!["true", "false"].includes(expected.toLowerCase())) {
        throw new TypeError(`Expected true or false, got '${expected}'`);
    }
    return (actual) => actual.toLowerCase() === expected.toLowerCase();
};
const ipAddress: Comparison = (expected) => {
    const [address = "", prefix] = expected.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    const bits = prefix === undefined ? (family === "ipv6" ? 128 : 32) : Number(prefix);
    if (!isIP(address) || !Number.isInteger(bits)) {
        throw new TypeError(`Expected an IP address or range, got '${expected}'`);
    }
    const range = new BlockList();
    range.addSubnet(address, bits, family);
    return (actual) => range.check(actual, isIP(actual) === 6 ? "ipv6" : "ipv4");
};

function ordered(parse: (text: string) => number, holds: (actual: number, expected: number) => boolean): Comparison {
    return (expected) => {
        const number = parse(expected);
        if (Number.isNaN(number)) {
            throw new TypeError(`Expected a number or a date, got '${expected}'`);
        }
        return (actual) => holds(parse(actual), number);
    };
}

/** ISO 8601, or seconds since the epoch. */
function dateOf(text: string): number {
    return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function numberOf(text: string): number {
    return text.trim() === "" ? NaN : Number(text);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: Readonly<Record<string, Operator>> = {
    StringEquals: { compile: equals, negated: false },
    StringNotEquals: { compile: equals, negated: true },
    StringEqualsIgnoreCase: { compile: equalsIgnoreCase, negated: false },
    StringNotEqualsIgnoreCase: { compile: equalsIgnoreCase, negated: true },
    StringLike: { compile: like, negated: false },
    StringNotLike: { compile: like, negated: true },
    ArnEquals: { compile: arnLike, negated: false },
    ArnNotEquals: { compile: arnLike, negated: true },
    ArnLike: { compile: arnLike, negated: false },
    ArnNotLike: { compile: arnLike, negated: true },
    Bool: { compile: bool, negated: false },
    IpAddress: { compile: ipAddress, negated: false },
    NotIpAddress: { compile: ipAddress, negated: true },
    ...orderedOperators("Numeric", numberOf),
    ...orderedOperators("Date", dateOf),
};

function orderedOperators(prefix: string, parse: (text: string) => number): Record<string, Operator> {
    const same = ordered(parse, (actual, expected) => actual === expected);
    const one = (holds: (actual: number, expected: number) => boolean): Operator => ({
        compile: ordered(parse, holds),
        negated: false,
    });
    return {
        [`${prefix}Equals`]: { compile: same, negated: false },
        [`${prefix}NotEquals`]: { compile: same, negated: true },
        [`${prefix}LessThan`]: one((actual, expected) => actual < expected),
        [`${prefix}LessThanEquals`]: one((actual, expected) => actual <= expected),
        [`${prefix}GreaterThan`]: one((actual, expected) => actual > expected),
        [`${prefix}GreaterThanEquals`]: one((actual, expected) => actual >= expected),
    };
}

/**
 * Compiles one line of a Condition element.
 * @param operator such as `StringEquals` or `StringLikeIfExists`
 * @throws TypeError for an operator that is not known here, or a value that it cannot compare
 */
export function compileCondition(operator: string, key: string, expected: readonly string[]): Condition {
    if (operator === "Null") {
        return { key, variables: [], holds: nullCheck(key, expected) };
    }
    const ifExists = operator.endsWith("IfExists");
    const name = ifExists ? operator.slice(0, -"IfExists".length) : operator;
    const known = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (!known) {
        throw new TypeError(`The embedded cloud does not know the condition operator ${operator}`);
    }
    const comparisons = expected.map((value) => known.compile(value));
    return {
        key,
        variables: expected.flatMap((value) => variablesOf(compilePattern(value))),
        holds: (values) => {
            const actual = values(key);
            if (actual === undefined) {
                return ifExists || known.negated;
            }
            return comparisons.some((comparison) => comparison(actual, values)) !== known.negated;
        },
    };
}

/** `"Null": {"key": "true"}` holds where the request has no such key. */
function nullCheck(key: string, expected: readonly string[]): (values: ConditionValues) => boolean {
    const comparisons = expected.map(bool);
    return (values) => {
        const absent = String(values(key) === undefined);
        return comparisons.some((comparison) => comparison(absent, values));
    };
}

/** A pattern in which only policy variables are special. */
function literalPattern(text: string): Pattern {
    return compilePattern(text.replace(/\$\{[^}]*\}|[*?]/g, (found) => (found.length > 1 ? found : `\${${found}}`)));
}

/** The six parts of an ARN; the last one keeps its colons. */
function arnParts(arn: string): string[] {
    const parts = arn.split(":");
    return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
