import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { closest } from "../../commandline/closest";
import { DeploymentError } from "./errors";

/** A Pulumi project and the configuration of one of its stacks, as the Pulumi CLI hands them to a program. */
export interface Project {
    readonly name: string;
    readonly directory: string;
    /** Namespaced keys (`stream-processing:batchSize`) and their values as text. */
    readonly config: Readonly<Record<string, string>>;
}

/** What the Pulumi CLI keeps in a stack's file. */
const STACK_FILE_KEYS = ["config", "secretsprovider", "encryptionsalt", "encryptedkey", "environment"];
const REGION_KEY = "aws:region";
const REGION = /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/;

interface Declaration {
    type: string;
    default?: unknown;
}

/**
 * Reads Pulumi.yaml and, where it exists, Pulumi.<stack>.yaml, as the Pulumi CLI does: the project declares the keys of
 * its own namespace with their types and defaults, and may set values of others; the stack overrides both. Keys of the
 * project that are not declared and values of another type are refused, all in one DeploymentError.
 */
export function readProject(directory: string, stack: string): Project {
    const projectFile = readYaml(path.join(directory, "Pulumi.yaml"));
    if (projectFile === undefined)
        throw new DeploymentError(`Expected a Pulumi project in ${directory}: no Pulumi.yaml`);
    const name = projectFile.name;
    if (typeof name !== "string") throw new DeploymentError("Pulumi.yaml: expected `name` to be a string");
    const stackFileName = `Pulumi.${stack}.yaml`;
    const stackFile = readYaml(path.join(directory, stackFileName)) ?? {};

    const problems: string[] = [];
    for (const key of Object.keys(stackFile).filter((name) => !STACK_FILE_KEYS.includes(name))) {
        problems.push(`${stackFileName}: expected one of ${STACK_FILE_KEYS.join(", ")}, found \`${key}\``);
    }
    const declarations = new Map<string, Declaration>();
    const values = new Map<string, unknown>();
    for (const [key, entry] of Object.entries(section(projectFile, "Pulumi.yaml", problems))) {
        const fullKey = key.includes(":") ? key : `${name}:${key}`;
        if (fullKey.startsWith(`${name}:`) && isObject(entry) && typeof entry.type === "string") {
            declarations.set(fullKey, entry as unknown as Declaration);
            if (entry.default !== undefined) values.set(fullKey, entry.default);
        } else {
            values.set(fullKey, isObject(entry) ? entry.value : entry);
        }
    }
    for (const [key, entry] of Object.entries(section(stackFile, stackFileName, problems))) {
        const fullKey = key.includes(":") ? key : `${name}:${key}`;
        const declaration = declarations.get(fullKey);
        problems.push(...check(stackFileName, name, fullKey, entry, declaration, [...declarations.keys()]));
        values.set(fullKey, entry);
    }
    for (const key of declarations.keys()) {
        if (!values.has(key)) problems.push(`${stackFileName}: expected a value for \`${key}\`, found none`);
    }
    if (problems.length > 0) throw new DeploymentError(problems.join("\n"));
    return { name, directory, config: Object.fromEntries([...values].map(([key, value]) => [key, asText(value)])) };
}

function check(
    file: string,
    project: string,
    key: string,
    value: unknown,
    declaration: Declaration | undefined,
    declared: string[],
): string[] {
    if (isObject(value) && "secure" in value) {
        return [`${file}: \`${key}\` is encrypted for the Pulumi CLI; the embedded cloud cannot read it`];
    }
    if (declaration === undefined) {
        if (key === REGION_KEY) {
            return REGION.test(asText(value))
                ? []
                : [`${file}: expected \`${key}\` to be a region such as eu-central-1, found '${asText(value)}'`];
        }
        const near = closest(key, declared);
        if (near !== undefined) return [`${file}: Pulumi.yaml declares no \`${key}\`; did you mean \`${near}\`?`];
        const known = key.startsWith(`${project}:`)
            ? `a key that Pulumi.yaml declares (${declared.join(", ")})`
            : `a key of \`${project}\`, or \`${REGION_KEY}\`, the one setting of a provider that the embedded cloud honours`;
        return [`${file}: expected ${known}, found \`${key}\``];
    }
    return hasType(value, declaration.type)
        ? []
        : [`${file}: expected \`${key}\` to be of type ${declaration.type}, found '${asText(value)}'`];
}

/** The types of Pulumi's project schema; the CLI stores values of `pulumi config set` as text, so numbers may be text. */
function hasType(value: unknown, type: string): boolean {
    switch (type) {
        case "string":
            return typeof value === "string" || typeof value === "number";
        case "integer":
            return /^-?\d+$/.test(asText(value));
        case "boolean":
            return value === true || value === false || value === "true" || value === "false";
        case "array":
            return Array.isArray(value);
        case "object":
            return isObject(value);
        default:
            return false;
    }
}

function readYaml(file: string): Record<string, unknown> | undefined {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw new DeploymentError(`${path.basename(file)}: cannot be read (${(error as Error).message})`);
    }
    let value: unknown;
    try {
        value = parse(text);
    } catch (error) {
        const [firstLine] = (error as Error).message.split("\n");
        throw new DeploymentError(`${path.basename(file)}: expected YAML (${firstLine ?? "not readable"})`);
    }
    if (value === null) return {};
    if (!isObject(value)) throw new DeploymentError(`${path.basename(file)}: expected an object of settings`);
    return value;
}

function section(file: Record<string, unknown>, name: string, problems: string[]): Record<string, unknown> {
    const config = file.config ?? {};
    if (isObject(config)) return config;
    problems.push(`${name}: expected \`config\` to be an object of settings`);
    return {};
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
