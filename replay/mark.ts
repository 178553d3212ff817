import { MARK, markOf, replayOf, type Version } from "../consumer/version";

/**
 * Adds to a record the version that the stream gave to it at first, so that the function never puts an older version of a post in
 * the place of a later one. A record that has a mark keeps it; all other bytes stay as they are.
 *
 * What is no post is marked as well, as a later replay may fix it. Only what is no JSON object has no place for a mark: sent
 * again as it is, such a record counts as new from then on.
 */
export function markReplay(data: Uint8Array, version: Version): Uint8Array {
    const object = parseObject(data);
    if (object === undefined || replayOf(data) !== undefined) return data;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const comma = Object.keys(object).length === 0 ? "" : ",";
    // The last brace closes the object: after it, JSON has nothing but space.
    const end = bytes.lastIndexOf("}");
    const member = Buffer.from(`${comma}${JSON.stringify(MARK)}:${JSON.stringify(markOf(version))}`);
    return Buffer.concat([bytes.subarray(0, end), member, bytes.subarray(end)]);
}

/** Undefined for what is no JSON object in UTF-8. */
function parseObject(data: Uint8Array): object | undefined {
    try {
        const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
        return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    } catch {
        return undefined;
    }
}
