import { decodeWireRecord } from "../wire-record";

/** The name of the mark; consumer/replayed.ts reads it. */
const MARK = "replayOf";

/**
 * Adds to a post the sequence number under which the stream first had it, so that the function never puts an older version of
 * a post in the place of a later one. A post that a replay has marked before keeps its mark; all other bytes stay as they are.
 * What is no post is not marked: the function will never store it.
 */
export function markReplay(data: Uint8Array, sequenceNumber: string): Uint8Array {
    if (!decodeWireRecord(data).ok) return data;
    // With a post in it, the text is a JSON object with other members, and its last brace closes it.
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const mark = (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>)[MARK];
    if (typeof mark === "string" && /^\d+$/.test(mark)) return data;
    const end = bytes.lastIndexOf("}");
    const member = Buffer.from(`,${JSON.stringify(MARK)}:${JSON.stringify(sequenceNumber)}`);
    return Buffer.concat([bytes.subarray(0, end), member, bytes.subarray(end)]);
}
