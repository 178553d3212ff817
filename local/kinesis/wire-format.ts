import { CBOR_TYPE, isCbor, readCbor, writeCbor } from "../cbor";
import { serializationError } from "./errors";

/** How the bodies of a request and of its answer are written. */
export interface WireFormat {
    readonly contentType: string;
    /** @throws AwsError SerializationException */
    readonly read: (body: Buffer) => object;
    /** An answer without content has no body. */
    readonly write: (output: object) => Buffer | string;
}

/** Members of answers that are not text or number in CBOR. */
const BLOBS: ReadonlySet<string> = new Set(["Data"]);
const TIMES: ReadonlySet<string> = new Set(["ApproximateArrivalTimestamp", "StreamCreationTimestamp"]);

const json: WireFormat = {
    contentType: "application/x-amz-json-1.1",
    read: (body) => structureOf(() => parseWithoutNulls(body.toString("utf8")), body, "JSON"),
    write: (output) => (isEmpty(output) ? "" : JSON.stringify(output)),
};

const cbor: WireFormat = {
    contentType: CBOR_TYPE,
    read: (body) => structureOf(() => readCbor(body), body, "CBOR"),
    write: (output) => (isEmpty(output) ? "" : writeCbor(withTypes(output))),
};

/** The answer is written as the request was. */
export function wireFormat(contentType: string | undefined): WireFormat {
    return isCbor(contentType) ? cbor : json;
}

function structureOf(parse: () => unknown, { length }: Buffer, name: string): object {
    let input: unknown;
    try {
        input = length === 0 ? {} : parse();
    } catch {
        throw serializationError(`The request body is not ${name}.`);
    }
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
        throw serializationError("Start of structure or map expected.");
    }
    return input;
}

/** In the protocol null is the same as absent; a reviver would make the usual request, which has none, slower to parse. */
function parseWithoutNulls(text: string): unknown {
    return text.includes("null") ? JSON.parse(text, (_name, value: unknown) => value ?? undefined) : JSON.parse(text);
}

/** The output with base64 as Buffers and seconds as Dates. */
function withTypes(value: unknown, name = ""): unknown {
    if (typeof value === "string") return BLOBS.has(name) ? Buffer.from(value, "base64") : value;
    if (typeof value === "number") return TIMES.has(name) ? new Date(Math.round(value * 1000)) : value;
    if (Array.isArray(value)) return value.map((element) => withTypes(element));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, withTypes(one, member)]));
}

function isEmpty(output: object): boolean {
    return Object.keys(output).length === 0;
}
