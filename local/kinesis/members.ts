import { decodedBytes } from "./blob";

/**
 * The members of a request as data: what type they have and what they must satisfy, with AWS's wording of each constraint.
 * validation.ts checks requests against them.
 */
export interface Constraint {
    /** `Member must have length less than or equal to 500` */
    readonly sentence: string;
    readonly holds: (value: never) => boolean;
}

interface Described {
    readonly required: boolean;
    readonly constraints: readonly Constraint[];
}

export type Member = Described &
    (
        | { readonly kind: "String" | "Integer" | "Boolean" | "Timestamp" | "Blob" | "Map" }
        /** `elementText` is how AWS writes an element that is no text in its messages. */
        | { readonly kind: "List"; readonly element: Member; readonly elementText?: string }
        | { readonly kind: "Structure"; readonly members: Members }
    );

export type Members = Readonly<Record<string, Member>>;

interface StringBounds {
    pattern?: string;
    minLength?: number;
    maxLength?: number;
    values?: readonly string[];
}

export function string(bounds: StringBounds = {}): Member {
    return { kind: "String", required: false, constraints: stringConstraints(bounds) };
}

export function integer(bounds: { min?: number; max?: number } = {}): Member {
    const constraints: Constraint[] = [];
    const { min, max } = bounds;
    if (min !== undefined) {
        const holds = (value: number) => value >= min;
        constraints.push({ sentence: `Member must have value greater than or equal to ${min}`, holds });
    }
    if (max !== undefined) {
        const holds = (value: number) => value <= max;
        constraints.push({ sentence: `Member must have value less than or equal to ${max}`, holds });
    }
    return { kind: "Integer", required: false, constraints };
}

export const boolean: Member = { kind: "Boolean", required: false, constraints: [] };

/** Seconds since the epoch, with a fraction. */
export const timestamp: Member = { kind: "Timestamp", required: false, constraints: [] };

export function blob(maxBytes: number): Member {
    const holds = (text: string) => decodedBytes(text) <= maxBytes;
    const sentence = `Member must have length less than or equal to ${maxBytes}`;
    return { kind: "Blob", required: false, constraints: [{ sentence, holds }] };
}

export function list(element: Member, minLength: number, maxLength: number, elementText?: string): Member {
    const constraints = lengthConstraints((value: unknown[]) => value.length, minLength, maxLength);
    return { kind: "List", required: false, constraints, element: required(element), elementText };
}

/** A map of strings: tags. */
export function map(
    minLength: number,
    maxLength: number,
    keyLength: readonly [number, number],
    valueLength: readonly [number, number],
): Member {
    type Entries = Readonly<Record<string, string>>;
    const within = ([min, max]: readonly [number, number], texts: string[]) =>
        texts.every((text) => text.length >= min && text.length <= max);
    const bounds = ([min, max]: readonly [number, number]) =>
        `[Member must have length less than or equal to ${max}, Member must have length greater than or equal to ${min}]`;
    const constraints: Constraint[] = [
        ...lengthConstraints((value: Entries) => Object.keys(value).length, minLength, maxLength),
        {
            sentence: `Map keys must satisfy constraint: ${bounds(keyLength)}`,
            holds: (value: Entries) => within(keyLength, Object.keys(value)),
        },
        {
            sentence: `Map value must satisfy constraint: ${bounds(valueLength)}`,
            holds: (value: Entries) => within(valueLength, Object.values(value)),
        },
    ];
    return { kind: "Map", required: false, constraints };
}

export function structure(members: Members): Member {
    return { kind: "Structure", required: false, constraints: [], members };
}

export function required(member: Member): Member {
    return { ...member, required: true };
}

function stringConstraints({ pattern, minLength, maxLength, values }: StringBounds): Constraint[] {
    const constraints: Constraint[] = [];
    if (pattern !== undefined) {
        const expression = new RegExp(`^(?:${pattern})$`);
        const holds = (value: string) => expression.test(value);
        constraints.push({ sentence: `Member must satisfy regular expression pattern: ${pattern}`, holds });
    }
    if (values !== undefined) {
        const holds = (value: string) => values.includes(value);
        constraints.push({ sentence: `Member must satisfy enum value set: [${values.join(", ")}]`, holds });
    }
    constraints.push(...lengthConstraints(characters(maxLength), minLength, maxLength));
    return constraints;
}

/** Counts Unicode characters; the count of UTF-16 units is enough if it is within the limit, and costs nothing. */
function characters(maxLength = Infinity): (value: string) => number {
    return (value) => (value.length <= maxLength ? value.length : Array.from(value).length);
}

function lengthConstraints(length: (value: never) => number, min?: number, max?: number): Constraint[] {
    const atLeast = (value: never) => length(value) >= (min ?? 0);
    const atMost = (value: never) => length(value) <= (max ?? Infinity);
    const constraints: Constraint[] = [];
    if (min !== undefined) {
        constraints.push({ sentence: `Member must have length greater than or equal to ${min}`, holds: atLeast });
    }
    if (max !== undefined) {
        constraints.push({ sentence: `Member must have length less than or equal to ${max}`, holds: atMost });
    }
    return constraints;
}
