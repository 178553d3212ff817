import { checkWireRecord, type WireRecordResult } from "../../wire-record";

/**
 * Turns an answer of the X API v2 that holds one post, `{"data": {…}, "includes": {"users": […]}}`, into a wire record. Its
 * fields: https://docs.x.com/x-api/fundamentals/data-dictionary
 *
 * - The author's handle is in `includes.users`, which is there when `expansions=author_id` was asked for. An answer without it
 *   still says whose post it is: then the author's number stands for the handle, and no post is lost.
 * - The whole text of a long post is in `note_tweet.text`; `text` is cut.
 */
export function readXPost(value: Record<string, unknown>): WireRecordResult {
    const { data } = value;
    if (!isObject(data)) return { ok: false, reason: '"data" is not one post' };
    for (const name of ["id", "text", "author_id", "created_at"]) {
        if (data[name] === undefined) return { ok: false, reason: missing(name) };
        // An identifier as a number has lost digits on its way through most JSON tools.
        if (typeof data[name] !== "string") return { ok: false, reason: `"data.${name}" is not a string` };
    }
    const note = isObject(data.note_tweet) ? data.note_tweet.text : undefined;
    return checkWireRecord({
        username: handleOf(data.author_id, value.includes) ?? data.author_id,
        id: data.id,
        timestamp: data.created_at,
        message: typeof note === "string" ? note : data.text,
        source: "x",
    });
}

function handleOf(authorId: unknown, includes: unknown): string | undefined {
    const users: unknown = isObject(includes) ? includes.users : undefined;
    if (!Array.isArray(users)) return undefined;
    const author = users.filter(isObject).find(({ id }) => id === authorId);
    return typeof author?.username === "string" && author.username !== "" ? author.username : undefined;
}

/** By default the API leaves these two out. */
function missing(name: string): string {
    const asked =
        name === "author_id" || name === "created_at" ? " (ask the API for `tweet.fields=author_id,created_at`)" : "";
    return `"data.${name}" is missing${asked}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
