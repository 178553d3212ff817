import { constants, createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
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
        await checkReadable(path);
        const open = () => createReadStream(path, { highWaterMark: CHUNK_BYTES });
        return { chunks: readPosts(open, `\`${path}\``, context) };
    },
});

async function checkReadable(path: string): Promise<void> {
    try {
        if ((await stat(path)).isDirectory())
            throw new UsageError(`Expected \`--path\` to be a file; '${path}' is a folder.`);
        await access(path, constants.R_OK);
    } catch (error) {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`Expected \`--path\` to be a file that can be read: ${reasonOf(error)}.`);
    }
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
    try {
        for await (const bytes of stream as AsyncIterable<Buffer>) {
            const posts = Array.from(postsOf(lines.push(bytes), refuse));
            if (posts.length > 0) yield posts;
        }
        const last = Array.from(postsOf(lines.end(), refuse));
        if (last.length > 0) yield last;
    } catch (error) {
        // Stopped while waiting for input: what came before has been handed on, and a line that was cut is no line.
        if (stop.aborted) return;
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
