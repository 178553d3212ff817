/**
 * The longest line. A wire record whose every character is written as \\uXXXX takes six bytes for one, and the stream takes
 * records of 1 MiB: every record that the stream takes fits, however it is written.
 */
export const LINE_BYTES_MAX = 8 * 1024 * 1024;

export type Line =
    | { number: number; ok: true; text: string }
    /** It is in the input, and cannot be read as text. */
    | { number: number; ok: false; reason: string };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Splits bytes into lines, numbered from 1: at line feeds, with or without a carriage return before them; the last one may
 * lack its line feed. A byte order mark at the start of a line is not part of it, so that files which had one can be joined.
 * Holds no more than one line and one chunk at a time.
 *
 * Bytes are split before they are decoded: in UTF-8 a line feed is never part of another character, and a character that
 * is split between two chunks is whole again in its line.
 */
export class LineSplitter {
    private readonly decoder = new TextDecoder("utf-8", { fatal: true });
    private number = 0;
    /** The start of a line whose end has not been seen. */
    private begun: Uint8Array[] = [];
    private begunBytes = 0;
    private tooLong = false;

    constructor(private readonly lineBytesMax = LINE_BYTES_MAX) {}

    /** The lines that end in this chunk. */
    *push(chunk: Uint8Array): Generator<Line, void, undefined> {
        let start = 0;
        for (;;) {
            const end = chunk.indexOf(LINE_FEED, start);
            if (end === -1) break;
            this.keep(chunk.subarray(start, end));
            yield this.take();
            start = end + 1;
        }
        this.keep(chunk.subarray(start));
    }

    /** The last line, if the input does not end in a line feed. */
    *end(): Generator<Line, void, undefined> {
        if (this.begunBytes > 0 || this.tooLong) yield this.take();
    }

    private keep(bytes: Uint8Array): void {
        if (bytes.length === 0 || this.tooLong) return;
        this.begunBytes += bytes.length;
        this.tooLong = this.begunBytes > this.lineBytesMax;
        if (this.tooLong) this.begun = [];
        // Not copied: Node's streams hand out every chunk in memory of its own.
        else this.begun.push(bytes);
    }

    private take(): Line {
        const { begun, tooLong } = this;
        const bytes = begun.length === 1 && begun[0] !== undefined ? begun[0] : Buffer.concat(begun);
        this.number += 1;
        this.begun = [];
        this.begunBytes = 0;
        this.tooLong = false;
        if (tooLong) return { number: this.number, ok: false, reason: `longer than ${this.lineBytesMax} bytes` };
        try {
            const ended = bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
            return { number: this.number, ok: true, text: this.decoder.decode(ended) };
        } catch {
            return { number: this.number, ok: false, reason: "not UTF-8" };
        }
    }
}
