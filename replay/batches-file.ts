import { UsageError } from "../commandline/failure";
import { reasonOf } from "./objects";

/** A batch that Lambda gave up, of which only the place in the stream is known. */
export interface StreamBatch {
    /** The name of the stream. */
    readonly stream: string;
    readonly shardId: string;
    readonly first: bigint;
    readonly firstSequenceNumber: string;
    readonly last: bigint;
    readonly records: number;
    readonly reason: string;
}

/**
 * Reads what Lambda sends to a queue or a topic about batches that it gave up: JSON with `KinesisBatchInfo` (Lambda developer
 * guide, on-failure destinations). It may be one document or a line for each, a list, an answer of `aws sqs receive-message`
 * (`Messages`, `Body`), an event of a queue (`Records`, `body`), or a notification (`Message`).
 * @throws UsageError
 */
export function readBatches(text: string): StreamBatch[] {
    const batches = parseDocuments(text).flatMap(({ value, where }) => unwrap(value, where));
    if (batches.length === 0) throw new UsageError("Expected `--batches` to name a batch at least, got none.");
    return batches;
}

interface Document {
    value: unknown;
    where: string;
}

function parseDocuments(text: string): Document[] {
    try {
        return [{ value: JSON.parse(text), where: "it" }];
    } catch {
        // Not one document: then one on each line.
    }
    const lines = text.split("\n").map((line, index) => ({ line: line.trim(), where: `line ${index + 1}` }));
    return lines.filter(({ line }) => line !== "").map(({ line, where }) => ({ value: parse(line, where), where }));
}

function parse(text: string, where: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw mistake(`${where} is not JSON`);
    }
}

function unwrap(value: unknown, where: string): StreamBatch[] {
    if (Array.isArray(value)) return value.flatMap((each) => unwrap(each, where));
    const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    const { KinesisBatchInfo: info, requestContext, Messages, Records } = fields;
    if (info !== undefined) return [readBatch(info, requestContext, where)];
    for (const list of [Messages, Records]) if (Array.isArray(list)) return unwrap(list, where);
    for (const name of ["Body", "body", "Message"]) {
        const text = fields[name];
        if (typeof text === "string") return unwrap(parse(text, `\`${name}\` in ${where}`), where);
    }
    throw mistake(`${where} has no \`KinesisBatchInfo\``);
}

function readBatch(value: unknown, requestContext: unknown, where: string): StreamBatch {
    const info = (value ?? {}) as Record<string, unknown>;
    const text = (name: string, form: RegExp): string => {
        const field = info[name];
        if (typeof field === "string" && form.test(field)) return field;
        throw mistake(`${where} has no \`KinesisBatchInfo.${name}\``);
    };
    const firstSequenceNumber = text("startSequenceNumber", /^\d{1,129}$/);
    return {
        stream: text("streamArn", /:stream\/./).replace(/^.*:stream\//, ""),
        shardId: text("shardId", /./),
        firstSequenceNumber,
        first: BigInt(firstSequenceNumber),
        last: BigInt(text("endSequenceNumber", /^\d{1,129}$/)),
        records: typeof info.batchSize === "number" ? info.batchSize : 1,
        reason: reasonOf(requestContext),
    };
}

function mistake(problem: string): UsageError {
    return new UsageError(
        `Expected \`--batches\` to hold what Lambda says of batches that it gave up, but ${problem}.`,
    );
}
