/**
 * What a replay adds to a post that it sends again (replay/mark.ts): the sequence number that the stream first gave to it. It
 * says which of two versions of a post is the later one, when the older one comes after it.
 */
const MARK = "replayOf";

/** The mark as it stands in the text of JSON; in a message its quotation marks are escaped. */
const MARK_IN_JSON = `"${MARK}":`;

/** Kinesis: `0|([1-9]\d{0,128})` (Record in the API reference). */
const SEQUENCE_NUMBER = /^(0|[1-9]\d{0,128})$/;

/**
 * The sequence number under which a post was first in the stream; undefined if it is not marked as replayed.
 * @param data the bytes of a wire record, which are JSON
 */
export function replayOf(data: Uint8Array): string | undefined {
    // Nearly no record is a replayed one: they are not parsed a second time for this.
    if (!Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(MARK_IN_JSON)) return undefined;
    const mark = (JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>)[MARK];
    return typeof mark === "string" && SEQUENCE_NUMBER.test(mark) ? mark : undefined;
}
