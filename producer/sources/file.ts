import { constants, createReadStream, open as openFile } from "node:fs";
import { access, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { promisify } from "node:util";
import { Failure, UsageError } from "../../commandline/failure";
import { text } from "../../commandline/options";
import { printable } from "../../commandline/text";
import { checkWireRecord, type WireRecord, type WireRecordResult } from "../../wire-record";
import { LineSplitter, type Line } from "./lines";
import { defineSource, type SourceContext } from "./source";
import { readXPost } from "./x-post";

const STANDARD_INPUT = "-";
/** Read at a time: some hundred posts, about one request. */
const CHUNK_BYTES = 128 * 1024;
/** How what gzip has written begins: https://www.rfc-editor.org/rfc/rfc1952 */
const GZIP = Buffer.from([0x1f, 0x8b]);

export const fileSource = defineSource({
    options: {
        path: text({
            value: "FILE",
            help:
                "File: the posts, one JSON object a line; `-` is standard input. A line is a wire record ({username, id, timestamp, " +
                "message, source}) or one post as the X API v2 answers it ({data, includes}); without the author's handle " +
                "in `includes`, `author_id` stands for it.",
        }),
    },
    check: ({ path }) => (path === undefined ? ["Expected `--path FILE`, which `--source file` reads."] : []),
    open: async ({ path = STANDARD_INPUT }, context) => {
        if (path === STANDARD_INPUT) return { chunks: readPosts(() => process.stdin, "standard input", context) };
        return { chunks: readPosts(await openable(path), `\`${path}\``, context) };
    },
});

/** How to open it, if it is there and can be read. */
async function openable(path: string): Promise<() => Readable> {
    try {
        const found = await stat(path);
        if (found.isDirectory()) throw new UsageError(`Expected \`--path\` to be a file; '${path}' is a folder.`);
        if (found.isFIFO()) return await openPipe(path);
        await access(path, constants.R_OK);
        return () => createReadStream(path, { highWaterMark: CHUNK_BYTES });
    } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`Expected \`--path\` to be a file that can be read: ${reasonOf(error)}.`);
    }
}

/**
 * A pipe that has a name, as of `mkfifo` or `<(zcat posts.ndjson.gz)`, is read as standard input is: the reading of a file that
 * waits for whoever writes cannot be called off.
 */
async function openPipe(path: string): Promise<() => Readable> {
    const fd = await promisify(openFile)(path, constants.O_RDONLY);
    return () => new Socket({ fd, readable: true, writable: false });
}

/**
 * The posts of a stream of lines, in chunks. A line that is no post is refused by its number; blank lines are passed over.
 * Exported for tests.
 */
export async function* readPosts(
    open: () => Readable,
    name: string,
    { stop, refuse }: SourceContext,
): AsyncGenerator<WireRecord[], void, undefined> {
    const lines = new LineSplitter();
    const stream = addAbortSignal(stop, open());
    let isBegun = false;
    try {
        for await (const bytes of stream as AsyncIterable<Buffer>) {
            if (!isBegun && bytes.subarray(0, GZIP.length).equals(GZIP)) {
                throw new UsageError(
                    `Expected lines of text in ${name}, got what gzip has packed: unpack it with \`zcat\`.`,
                );
            }
            isBegun = true;
            const posts = Array.from(postsOf(lines.push(bytes), refuse));
            if (posts.length > 0) yield posts;
        }
        const last = Array.from(postsOf(lines.end(), refuse));
        if (last.length > 0) yield last;
    } catch (error) {
        // Stopped while waiting for input: what came before has been handed on, and a line that was cut is no line.
        if (stop.aborted) return;
        if (error instanceof UsageError) throw error;
        throw new Failure(`Reading ${name} failed: ${reasonOf(error)}.`);
    }
}

function* postsOf(lines: Iterable<Line>, refuse: SourceContext["refuse"]): Generator<WireRecord, void, undefined> {
    for (const line of lines) {
        if (line.ok && line.text.trim() === "") continue;
        const result = line.ok ? readPost(line.text) : line;
        if (result.ok) yield result.record;
        else refuse({ reason: "not a post", detail: `line ${line.number}: ${result.reason}` });
    }
}

/** Reads a line: an object with "data" is an answer of the X API, any other must be a wire record. */
function readPost(line: string): WireRecordResult {
    let value: unknown;
    try {
        value = JSON.parse(line);
    } catch {
        return { ok: false, reason: `not JSON: ${printable(line, 60)}` };
    }
    const isXPost = typeof value === "object" && value !== null && "data" in value;
    return isXPost ? readXPost(value as Record<string, unknown>) : checkWireRecord(value);
}

/** `ENOENT: no such file or directory, open 'posts.ndjson'` */
function reasonOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
