import { formatAmount } from "../../commandline/numbers";
import type { Deployment } from "../deployment/deploy";
import type { DeployedResource } from "../deployment/monitor";
import { Archive, Asset, type Properties } from "../deployment/values";

/** A deployed resource as the page shows it. */
export interface ShownResource {
    readonly name: string;
    /** `aws:kinesis/stream:Stream` */
    readonly type: string;
    readonly id: string;
    readonly urn: string;
    readonly recordedOnly: boolean;
    /** What the program asked for, and what became of it. */
    readonly properties: readonly (readonly [name: string, value: string])[];
    /** Policy documents among them, written so that people can read them. */
    readonly policies: readonly (readonly [name: string, document: string])[];
}

const SECRET = "[secret]";
const POLICY_NAMES: readonly string[] = ["policy", "assumeRolePolicy", "keyPolicy"];
const SECRET_CHARACTERS_LEAST = 8;
const VALUE_CHARACTERS_MAX = 2_000;

/** The stack's resources without any secret: what is one anywhere is shown nowhere. */
export function showResources(
    resources: readonly DeployedResource[],
    outputs: Deployment["outputs"],
): readonly ShownResource[] {
    const secrets = new Set(
        [outputs, ...resources.flatMap((each) => [each.inputs, each.outputs])].flatMap(secretTexts),
    );
    return resources
        .filter(({ custom }) => custom)
        .map((resource) => {
            const values = Object.entries({ ...resource.inputs.values, ...resource.outputs.values })
                .map(([name, value]) => {
                    const isSecret = resource.inputs.secrets.has(name) || resource.outputs.secrets.has(name);
                    return [name, isSecret ? SECRET : withoutSecrets(value, secrets)] as const;
                })
                .filter(([, value]) => value !== undefined && value !== null && value !== "");
            const { name, type, id, urn, recordedOnly } = resource;
            return {
                ...{ name, type, urn, recordedOnly },
                id: String(withoutSecrets(id, secrets)),
                properties: values
                    .filter(([key]) => !POLICY_NAMES.includes(key))
                    .map(([key, value]) => [key, plain(value)]),
                policies: values
                    .filter(([key]) => POLICY_NAMES.includes(key))
                    .map(([key, value]) => [key, indented(value)]),
            };
        });
}

function secretTexts({ values, secrets }: Properties): string[] {
    return [...secrets].flatMap((name) => textsIn(values[name]));
}

function textsIn(value: unknown): string[] {
    if (typeof value === "string") return value === "" ? [] : [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function withoutSecrets(value: unknown, secrets: ReadonlySet<string>): unknown {
    if (typeof value === "string") return hidden(value, secrets);
    if (value instanceof Archive) return `an archive of ${formatAmount(Object.keys(value.entries).length, "file")}`;
    if (value instanceof Asset) return "a file";
    if (Array.isArray(value)) return value.map((element) => withoutSecrets(element, secrets));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withoutSecrets(field, secrets)]));
}

/** A short secret is hidden where it is the whole text; it would be found by chance elsewhere. */
function hidden(text: string, secrets: ReadonlySet<string>): string {
    if (secrets.has(text)) return SECRET;
    let shown = text;
    for (const secret of secrets)
        if (secret.length >= SECRET_CHARACTERS_LEAST) shown = shown.replaceAll(secret, SECRET);
    return shown;
}

function plain(value: unknown): string {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}

function indented(value: unknown): string {
    if (typeof value !== "string") return JSON.stringify(value, null, 2);
    try {
        return JSON.stringify(JSON.parse(value), null, 2);
    } catch {
        return value; // It was refused at the deployment, or is none of ours to read.
    }
}
