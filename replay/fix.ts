import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../commandline/failure";
import { printable } from "../commandline/text";
import { Unreadable, type FailedRecord } from "./failed-record";
import { importModule } from "./import-module.cjs";

/** Kinesis: a partition key has 1 to 256 characters. */
const PARTITION_KEY_CHARACTERS_MAX = 256;
const MESSAGE_CHARACTERS_MAX = 200;

/** What the user's function is given. */
export interface RecordToFix {
    data: Buffer;
    partitionKey: string;
    readonly reason: string;
    readonly sequenceNumber: string;
    readonly arrivedAt: Date;
    /** The object that the record is in. */
    readonly object: string;
}

/** What is to be sent. */
export interface Fixed {
    readonly partitionKey: string;
    readonly data: Uint8Array;
}

/** Null for a record that is not to be sent. Rejects with Unreadable when the record, or the script, is at fault. */
export type Fix = (record: FailedRecord, object: string) => Promise<Fixed | null>;

/** Sends every record as it was. */
export const asItIs: Fix = async ({ partitionKey, data }) => checked(partitionKey, data);

/**
 * The default export of a module, as a fix. It is given each record and answers with what is to be sent in its place: a record
 * (`{ data, partitionKey }`, the data as bytes, as text, or as a value that becomes JSON; without `partitionKey` it keeps its
 * own), or null for one that is never to be sent. It may be asynchronous. What it throws is the record's fault.
 * @throws UsageError when the file is no such module
 */
export async function loadFix(path: string): Promise<Fix> {
    let module: { default?: unknown };
    try {
        module = (await importModule(pathToFileURL(resolve(path)).href)) as { default?: unknown };
    } catch (error) {
        throw new UsageError(`Expected \`--fix\` to be a module that can be loaded: ${messageOf(error)}.`);
    }
    const fix = module.default;
    if (typeof fix !== "function") {
        throw new UsageError(
            `Expected \`--fix\` to be a module whose default export is a function, got ${typeof fix}.`,
        );
    }
    return async (record, object) => {
        let answer: unknown;
        try {
            answer = await (fix as (record: RecordToFix) => unknown)(recordToFix(record, object));
        } catch (error) {
            throw new Unreadable(`the fix failed at record ${record.sequenceNumber}: ${messageOf(error)}`);
        }
        if (answer === null) return null;
        return readAnswer(answer, record);
    };
}

function recordToFix({ partitionKey, data, reason, sequenceNumber, arrivalMs }: FailedRecord, object: string) {
    return {
        data: Buffer.from(data),
        partitionKey,
        reason,
        sequenceNumber,
        arrivedAt: new Date(arrivalMs),
        object,
    } satisfies RecordToFix;
}

function readAnswer(answer: unknown, { partitionKey: original, sequenceNumber }: FailedRecord): Fixed {
    if (typeof answer !== "object" || answer === null || !("data" in answer)) {
        const got = answer === undefined ? "nothing" : typeof answer;
        throw new Unreadable(
            `expected the fix of record ${sequenceNumber} to be a record with \`data\`, or null, got ${got}`,
        );
    }
    const { data, partitionKey = original } = answer as { data: unknown; partitionKey?: unknown };
    const bytes = bytesOf(data);
    if (bytes === undefined) {
        throw new Unreadable(`expected the fixed \`data\` of record ${sequenceNumber} to be bytes, text or JSON`);
    }
    return checked(partitionKey, bytes);
}

function bytesOf(data: unknown): Uint8Array | undefined {
    if (data instanceof Uint8Array) return data;
    // JSON has no form for a function, a symbol or undefined.
    const text = typeof data === "string" ? data : (JSON.stringify(data) as string | undefined);
    return text === undefined ? undefined : Buffer.from(text, "utf8");
}

/** Kinesis refuses a whole request for one key that it cannot take. */
function checked(partitionKey: unknown, data: Uint8Array): Fixed {
    const characters = typeof partitionKey === "string" ? Array.from(partitionKey).length : 0;
    if (typeof partitionKey !== "string" || characters === 0 || characters > PARTITION_KEY_CHARACTERS_MAX) {
        throw new Unreadable(
            `expected a partition key of 1 to ${PARTITION_KEY_CHARACTERS_MAX} characters, got ${characters}; a fix can give another`,
        );
    }
    return { partitionKey, data };
}

function messageOf(error: unknown): string {
    return printable(error instanceof Error ? error.message : String(error), MESSAGE_CHARACTERS_MAX);
}
