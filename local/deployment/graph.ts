import { UsageError } from "../../commandline/failure";
import { runMain } from "../../commandline/main";
import { flag, text, type Values } from "../../commandline/options";
import { DeploymentError } from "./errors";
import type { DeployedResource } from "./monitor";
import { previewStack } from "./preview";
import { Archive, UNKNOWN } from "./values";

const STACK_TYPE = "pulumi:pulumi:Stack";

const options = {
    stack: text({ value: "NAME", help: "The stack whose configuration is used: Pulumi.NAME.yaml.", default: "dev" }),
    json: flag({ help: "Prints every resource with its inputs, as one JSON document." }),
};

runMain(
    {
        usage: "npm run graph --",
        summary:
            "Prints every resource that index.ts makes, with what it waits for, without making any: needs no AWS account and " +
            "no Pulumi CLI.",
        options,
        notes: "Exit code: 0, 1 if the program fails, 2 for a mistake in the options or the configuration.",
    },
    printGraph,
);

async function printGraph({ stack, json }: Values<typeof options>): Promise<number> {
    const resources = await preview(stack);
    process.stdout.write(json ? `${JSON.stringify(resources.map(asJson), null, 2)}\n` : treeOf(resources));
    return 0;
}

async function preview(stack: string): Promise<DeployedResource[]> {
    try {
        const resources = await previewStack(stack, (line) => process.stderr.write(`${line}\n`));
        // In the order of the names: in that of their registration, two runs would differ.
        return resources.filter(({ type }) => type !== STACK_TYPE).sort((a, b) => (a.urn < b.urn ? -1 : 1));
    } catch (error) {
        throw error instanceof DeploymentError ? new UsageError(error.message) : error;
    }
}

/** What is inside what, a line for each resource with the resources that it waits for. */
function treeOf(resources: readonly DeployedResource[]): string {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const lines: string[] = [];
    const add = (resource: DeployedResource, depth: number): void => {
        const needs = resource.dependencies.flatMap((urn) => byUrn.get(urn) ?? []).map(titleOf);
        const notes = [resource.protect && "protected", needs.length > 0 && `after ${needs.join(", ")}`];
        lines.push(
            [`${"    ".repeat(depth)}${titleOf(resource)}`, ...notes.filter((note) => note !== false)].join("; "),
        );
        for (const child of resources) if (child.parent === resource.urn) add(child, depth + 1);
    };
    for (const resource of resources) if (!byUrn.has(resource.parent)) add(resource, 0);
    return `${lines.join("\n")}\n`;
}

/** `aws:kinesis/stream:Stream` is told as `Stream posts`. */
function titleOf({ type, name }: DeployedResource): string {
    return `${type.split(":").at(-1) ?? type} ${name}`;
}

function asJson({ urn, type, name, parent, dependencies, protect, deleteBeforeReplace, inputs }: DeployedResource) {
    const shown = Object.entries(inputs.values).map(([key, value]) => [
        key,
        inputs.secrets.has(key) ? "[secret]" : readable(value),
    ]);
    return {
        urn,
        type,
        name,
        parent,
        dependencies: [...dependencies].sort(),
        protect,
        deleteBeforeReplace,
        inputs: Object.fromEntries(shown) as Record<string, unknown>,
    };
}

function readable(value: unknown): unknown {
    if (value === UNKNOWN) return "[known after the deployment]";
    if (value instanceof Archive) return `[archive of ${Object.keys(value.entries).join(", ")}]`;
    if (Array.isArray(value)) return value.map(readable);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, readable(field)]));
}
