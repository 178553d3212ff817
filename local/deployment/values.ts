import type { Struct as ProtobufStruct } from "google-protobuf/google/protobuf/struct_pb";
import { Struct } from "./pulumi-protocol";

/** How Pulumi marks what JSON cannot say (sdk/go/common/resource/properties.go and asset.go). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
/** What stands in a preview for a value that is known only after the deployment. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A file in an archive: its text, or the path of the file that holds it. */
export class Asset {
    constructor(
        readonly text: string | undefined,
        readonly path: string | undefined,
    ) {}
}

/** The entries of an archive by their path in it. */
export class Archive {
    constructor(readonly entries: Readonly<Record<string, unknown>>) {}
}

/** What a program sent: plain values, assets and archives; `secrets` names the top-level properties that hold a secret. */
export interface Properties {
    readonly values: Record<string, unknown>;
    readonly secrets: ReadonlySet<string>;
}

export function fromProtobuf(struct: ProtobufStruct | undefined): Properties {
    const values: Record<string, unknown> = {};
    const secrets = new Set<string>();
    for (const [name, raw] of Object.entries(struct?.toJavaScript() ?? {})) {
        values[name] = unwrap(raw, () => secrets.add(name));
    }
    return { values, secrets };
}

export function toProtobuf({ values, secrets }: Properties): ProtobufStruct {
    const wrapped = Object.entries(values)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [
            name,
            secrets.has(name) ? { [SIGNATURE_KEY]: SECRET, value: wrap(value) } : wrap(value),
        ]);
    return Struct.fromJavaScript(Object.fromEntries(wrapped) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function unwrap(raw: unknown, onSecret: () => void): unknown {
    if (Array.isArray(raw)) return raw.map((element) => unwrap(element, onSecret));
    if (typeof raw !== "object" || raw === null) return raw;
    const fields = raw as Record<string, unknown>;
    switch (fields[SIGNATURE_KEY]) {
        case undefined:
            return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, unwrap(value, onSecret)]));
        case SECRET:
            onSecret();
            return unwrap(fields.value, onSecret);
        case ASSET:
            return new Asset(optionalText(fields.text), optionalText(fields.path));
        case ARCHIVE:
            if (typeof fields.assets !== "object") {
                throw new Error("expected an archive to list its entries (AssetArchive), got one by path or address");
            }
            return new Archive(unwrap(fields.assets, onSecret) as Record<string, unknown>);
        case RESOURCE:
            // An input that is itself a resource: providers take its id.
            return fields.id;
        default:
            throw new Error(`unknown kind of value (signature ${String(fields[SIGNATURE_KEY])})`);
    }
}

function wrap(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(wrap);
    if (value instanceof Asset) {
        return { [SIGNATURE_KEY]: ASSET, ...(value.text === undefined ? { path: value.path } : { text: value.text }) };
    }
    if (value instanceof Archive) return { [SIGNATURE_KEY]: ARCHIVE, assets: wrap(value.entries) };
    if (typeof value !== "object" || value === null) return value ?? null;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, field]) => field !== undefined)
            .map(([name, field]) => [name, wrap(field)]),
    );
}

/** An empty text is a text, but an empty path is none: protobuf has no other way to leave a string out. */
function optionalText(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}
