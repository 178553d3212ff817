import { Archive } from "./values";

/**
 * The inputs of a resource, read one by one with the type that is expected. What no one read at the end is an input that
 * the embedded cloud would ignore, and is refused: `refuseUnread`.
 */
export class Inputs {
    private readonly unread: Set<string>;
    /** Inputs of nested objects, checked together with these. */
    private readonly nested: Inputs[] = [];

    constructor(
        private readonly values: Readonly<Record<string, unknown>>,
        private readonly path = "",
    ) {
        this.unread = new Set(
            Object.keys(values).filter((name) => values[name] !== undefined && values[name] !== null),
        );
    }

    optionalString(name: string): string | undefined {
        return this.take(name, "a string", (value) => typeof value === "string") as string | undefined;
    }

    string(name: string): string {
        return this.required(name, this.optionalString(name));
    }

    /** A string of the form that the service wants; `expected` says which in words. */
    optionalMatching(name: string, pattern: RegExp, expected: string): string | undefined {
        const matches = (value: unknown): boolean => typeof value === "string" && pattern.test(value);
        return this.take(name, expected, matches) as string | undefined;
    }

    matching(name: string, pattern: RegExp, expected: string): string {
        return this.required(name, this.optionalMatching(name, pattern, expected));
    }

    /** A whole number in the range that the service takes. */
    optionalInteger(name: string, minimum: number, maximum: number): number | undefined {
        const isInRange = (value: unknown): boolean =>
            Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
        return this.take(name, `a whole number from ${minimum} to ${maximum}`, isInRange) as number | undefined;
    }

    integer(name: string, minimum: number, maximum: number): number {
        return this.required(name, this.optionalInteger(name, minimum, maximum));
    }

    optionalNumber(name: string): number | undefined {
        return this.take(name, "a number", (value) => typeof value === "number") as number | undefined;
    }

    number(name: string): number {
        return this.required(name, this.optionalNumber(name));
    }

    optionalBoolean(name: string): boolean | undefined {
        return this.take(name, "true or false", (value) => typeof value === "boolean") as boolean | undefined;
    }

    /** A list of strings; empty if it is not given. */
    strings(name: string): string[] {
        const isStrings = (value: unknown): boolean =>
            Array.isArray(value) && value.every((element) => typeof element === "string");
        return (this.take(name, "a list of strings", isStrings) ?? []) as string[];
    }

    /** An object whose values are strings, such as tags or variables; empty if it is not given. */
    stringMap(name: string): Record<string, string> {
        const isMap = (value: unknown): boolean =>
            isObject(value) && Object.values(value).every((field) => typeof field === "string");
        return (this.take(name, "an object of strings", isMap) ?? {}) as Record<string, string>;
    }

    optionalObject(name: string): Inputs | undefined {
        const value = this.take(name, "an object", isObject) as Record<string, unknown> | undefined;
        return value === undefined ? undefined : this.nest(value, name);
    }

    object(name: string): Inputs {
        return this.required(name, this.optionalObject(name));
    }

    /** A list of objects; empty if it is not given. */
    objects(name: string): Inputs[] {
        const isObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);
        const values = (this.take(name, "a list of objects", isObjects) ?? []) as Record<string, unknown>[];
        return values.map((value, index) => this.nest(value, `${name}[${index}]`));
    }

    /** A list of lists; empty if it is not given. */
    lists(name: string): unknown[][] {
        const areLists = (value: unknown): boolean => Array.isArray(value) && value.every(Array.isArray);
        return (this.take(name, "a list of lists", areLists) ?? []) as unknown[][];
    }

    /** A JSON document, which the provider takes as text or as an object; as text. */
    json(name: string): string {
        const isDocument = (value: unknown): boolean => typeof value === "string" || isObject(value);
        const value = this.required(name, this.take(name, "a JSON document", isDocument));
        return typeof value === "string" ? value : JSON.stringify(value);
    }

    archive(name: string): Archive {
        const value = this.take(name, "an archive", (candidate) => candidate instanceof Archive);
        return this.required(name, value as Archive | undefined);
    }

    oneOf<T extends string | number | boolean>(name: string, ...allowed: T[]): T {
        return this.required(name, this.only(name, ...allowed));
    }

    /** An input that only some values are honoured of: anything else is refused by name. */
    only<T extends string | number | boolean>(name: string, ...allowed: T[]): T | undefined {
        const expected = allowed.map((value) => JSON.stringify(value)).join(" or ");
        return this.take(name, expected, (value) => allowed.includes(value as T)) as T | undefined;
    }

    /**
     * Inputs that have nothing to do on one machine: what only people, bills, or a destroy read. Returns nothing, so that it
     * can stand among the settings: `...inputs.withoutEffect("description")`.
     */
    withoutEffect(...names: string[]): object {
        for (const name of names) this.unread.delete(name);
        return {};
    }

    /** All inputs as they came, for a part of the cloud that reads and refuses them itself. */
    all(): Readonly<Record<string, unknown>> {
        this.unread.clear();
        return this.values;
    }

    /** Throws an error that names the inputs that nothing honours. */
    refuseUnread(): void {
        const names = this.unreadPaths();
        if (names.length > 0) throw new Error(`the embedded cloud cannot honour ${names.map(quote).join(", ")}`);
    }

    private unreadPaths(): string[] {
        return [
            ...[...this.unread].map((name) => this.path + name),
            ...this.nested.flatMap((inputs) => inputs.unreadPaths()),
        ];
    }

    private nest(value: Record<string, unknown>, name: string): Inputs {
        const inputs = new Inputs(value, `${this.path}${name}.`);
        this.nested.push(inputs);
        return inputs;
    }

    private take(name: string, expected: string, accepts: (value: unknown) => boolean): unknown {
        this.unread.delete(name);
        const value = this.values[name];
        if (value === undefined || value === null) return undefined;
        if (!accepts(value)) {
            throw new Error(`expected ${quote(this.path + name)} to be ${expected}, got ${describe(value)}`);
        }
        return value;
    }

    private required<T>(name: string, value: T | undefined): T {
        if (value === undefined) throw new Error(`expected ${quote(this.path + name)} to be given`);
        return value;
    }
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as an error shows it: short, and no more of it than tells what is wrong. */
function describe(value: unknown): string {
    return typeof value === "object" ? (Array.isArray(value) ? "a list" : "an object") : JSON.stringify(value);
}

function quote(name: string): string {
    return `"${name}"`;
}
