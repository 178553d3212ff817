import { createRequire } from "node:module";

/**
 * What AWS's SDKs for Java speak with Kinesis unless told otherwise: the JSON protocol with its bodies in CBOR, binary values
 * as such, and times in milliseconds under the tag for seconds (https://github.com/aws/aws-sdk-java-v2/issues/4661).
 */
export const CBOR_TYPE = "application/x-amz-cbor-1.1";

export function isCbor(contentType: string | undefined): boolean {
    return contentType?.startsWith(CBOR_TYPE) ?? false;
}

type Codec = typeof import("@smithy/core/cbor");

/** Loading it takes 40 ms, so it waits for the first client that wants it. */
let codec: Codec | undefined;
const load = createRequire(__filename);

function loaded(): Codec {
    return (codec ??= load("@smithy/core/cbor") as Codec);
}

/** Under which times are. */
const TIME_TAG = 1;

/**
 * Reads a body as if it had been JSON: binary values become base64, times seconds, and null is the same as absent.
 * @throws Error for what is no CBOR
 */
export function readCbor(body: Buffer): unknown {
    return asJson(loaded().cbor.deserialize(body));
}

/** @param value plain values; a Buffer is a binary value, a Date a time */
export function writeCbor(value: unknown): Buffer {
    return Buffer.from(loaded().cbor.serialize(asCbor(value)));
}

function asJson(value: unknown): unknown {
    if (value instanceof Uint8Array) {
        return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
    }
    if (typeof value === "bigint") {
        return Number(value);
    }
    if (Array.isArray(value)) {
        return value.map(asJson);
    }
    if (typeof value !== "object" || value === null) {
        return value ?? undefined;
    }
    if (loaded().tagSymbol in value) {
        const { tag, value: tagged } = value as object as { tag: number; value: unknown };
        return tag === TIME_TAG ? Number(tagged) / 1000 : asJson(tagged);
    }
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]));
}

function asCbor(value: unknown): unknown {
    if (value instanceof Date) {
        return loaded().tag({ tag: TIME_TAG, value: value.getTime() });
    }
    if (Array.isArray(value)) {
        return value.map(asCbor);
    }
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
        return value;
    }
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, asCbor(member)]));
}
