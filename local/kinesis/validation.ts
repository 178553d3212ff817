import { base64Problem, decodedBytes } from "./blob";
import { invalidArgument, serializationError, validationError } from "./errors";
import type { Constraint, Member, Members } from "./members";

/** AWS reports at most that many problems of one request. */
const PROBLEMS_MAX = 10;
/** Longest part of a value that a message repeats: a record may have megabytes. */
const VALUE_CHARACTERS_MAX = 1024;

/**
 * Checks a parsed request: that members have their types (SerializationException), that all of them are known here, and
 * that they satisfy their constraints (ValidationException with every problem, as AWS words them). Absent members are
 * undefined or not there; null is not a value.
 *
 * AWS ignores members that it does not know. Here they are refused, because a newer client may well mean something by them
 * that would then silently not happen.
 */
export function checkInput(operation: string, members: Members, input: unknown): asserts input is object {
    checkStructure(members, input);
    for (const [name, value] of Object.entries(input)) {
        if (Object.hasOwn(members, name) || value === undefined) continue;
        throw invalidArgument(`The member ${name} of ${operation} is not supported by the embedded cloud.`);
    }
    if (structureHolds(members, input)) return;
    const problems: string[] = [];
    describeStructure(members, input, "", problems);
    const count = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
    throw validationError(`${count} detected: ${problems.join("; ")}`);
}

// Types

function checkStructure(members: Members, value: unknown): asserts value is Record<string, unknown> {
    if (Array.isArray(value)) throw serializationError("Start of list found where not expected");
    if (typeof value !== "object" || value === null) throw serializationError("Expected null");
    const fields = value as Record<string, unknown>;
    for (const name in members) {
        const member = members[name];
        const field = fields[name];
        if (member !== undefined && field !== undefined) checkType(member, field);
    }
}

function checkType(member: Member, value: unknown): void {
    switch (member.kind) {
        case "Structure":
            checkStructure(member.members, value);
            return;
        case "List":
            if (!Array.isArray(value)) throw notACollection("list", value);
            for (const element of value) {
                if (element !== undefined) checkType(member.element, element);
            }
            return;
        case "Map":
            if (typeof value !== "object" || Array.isArray(value)) throw notACollection("map", value);
            for (const text of Object.values(value as Record<string, unknown>)) {
                checkScalar("string", "an String", text);
            }
            return;
        case "Blob":
            checkScalar("string", "a Blob", value);
            checkBase64(String(value));
            return;
        case "Boolean":
            checkScalar("boolean", "an Boolean", value);
            return;
        case "Integer":
            checkScalar("number", "an Integer", value);
            if (!Number.isSafeInteger(value))
                throw serializationError(`${String(value)} can not be converted to an Integer`);
            return;
        case "Timestamp":
            checkScalar("number", "a Date", value);
            return;
        case "String":
            checkScalar("string", "an String", value);
    }
}

function notACollection(kind: "list" | "map", value: unknown): Error {
    if (Array.isArray(value)) return serializationError("Start of list found where not expected");
    if (typeof value === "object") return serializationError("Start of structure or map found where not expected.");
    return serializationError(`Expected ${kind} or null`);
}

function checkScalar(expected: "string" | "number" | "boolean", name: string, value: unknown): void {
    if (typeof value === expected) return;
    if (typeof value === "object") throw notACollection("map", value);
    throw serializationError(`${javaType(value)} can not be converted to ${name}`);
}

function javaType(value: unknown): string {
    if (typeof value === "string") return "class java.lang.String";
    return typeof value === "number"
        ? "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
        : "class java.lang.Boolean";
}

function checkBase64(text: string): void {
    const problem = base64Problem(text);
    if (problem !== undefined)
        throw serializationError(`'${shorten(text)}' can not be converted to a Blob: ${problem}`);
}

// Constraints: one quick pass that says yes for nearly every request, another that puts the problems into words.

function structureHolds(members: Members, fields: object): boolean {
    for (const name in members) {
        const member = members[name];
        if (member !== undefined && !memberHolds(member, (fields as Record<string, unknown>)[name])) return false;
    }
    return true;
}

function memberHolds(member: Member, value: unknown): boolean {
    if (value === undefined) return !member.required;
    for (const constraint of member.constraints) {
        if (!constraint.holds(value as never)) return false;
    }
    if (member.kind === "Structure") return structureHolds(member.members, value as object);
    if (member.kind === "List") {
        for (const element of value as unknown[]) {
            if (!memberHolds(member.element, element)) return false;
        }
    }
    return true;
}

function describeStructure(members: Members, fields: object, path: string, problems: string[]): void {
    for (const [name, member] of Object.entries(members)) {
        const place = `${path}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
        describeMember(member, (fields as Record<string, unknown>)[name], place, problems);
    }
}

function describeMember(member: Member, value: unknown, place: string, problems: string[]): void {
    const broken = value === undefined ? absent(member) : brokenConstraints(member, value);
    for (const { sentence } of broken) {
        if (problems.length === PROBLEMS_MAX) return;
        const shown = value === undefined ? "null" : `'${shorten(valueText(member, value))}'`;
        problems.push(`Value ${shown} at '${place}' failed to satisfy constraint: ${sentence}`);
    }
    if (value === undefined) return;
    if (member.kind === "Structure") describeStructure(member.members, value as object, `${place}.`, problems);
    if (member.kind === "List") {
        // Unlike forEach, entries() also visits the gap that a null left behind.
        for (const [index, element] of (value as unknown[]).entries()) {
            describeMember(member.element, element, `${place}.${index + 1}.member`, problems);
        }
    }
}

function absent(member: Member): readonly Constraint[] {
    return member.required ? [{ sentence: "Member must not be null", holds: () => false }] : [];
}

function brokenConstraints(member: Member, value: unknown): readonly Constraint[] {
    return member.constraints.filter((constraint) => !constraint.holds(value as never));
}

/** The value as AWS's Java writes it. */
function valueText(member: Member, value: unknown): string {
    switch (member.kind) {
        case "Blob": {
            const bytes = decodedBytes(value as string);
            return `java.nio.HeapByteBuffer[pos=0 lim=${bytes} cap=${bytes}]`;
        }
        case "List":
            return `[${(value as unknown[]).map((element) => member.elementText ?? String(element)).join(", ")}]`;
        case "Map":
            return `{${Object.entries(value as object)
                .map(([key, text]) => `${key}=${String(text)}`)
                .join(", ")}}`;
        default:
            return String(value);
    }
}

function shorten(text: string): string {
    return text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX)}…`;
}
