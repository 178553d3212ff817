/**
 * Text of others (posts, names, file names, answers of a service) on a user's terminal: one line, no control characters,
 * which could move the cursor or retitle the window, no bidirectional controls, which could reorder what is beside
 * them, and at most `charactersMax` characters as a reader counts them. A line break shows as `⏎`.
 */
export function printable(text: string, charactersMax = 200): string {
    // Cut before replacing, so that a long text costs no more than a short one. A grapheme that is longer is no text.
    const start = text.slice(0, charactersMax * UTF16_UNITS_PER_GRAPHEME_MAX);
    const clean = start.replace(/\r\n|[\r\n\u2028\u2029]/g, "⏎").replace(UNPRINTABLE, "\ufffd");
    let end = 0;
    let count = 0;
    for (const { index } of graphemes().segment(clean)) {
        if (count === charactersMax - 1) end = index;
        if (count === charactersMax) return `${clean.slice(0, end)}…`;
        count += 1;
    }
    return start.length < text.length ? `${clean}…` : clean;
}

/** A family of four is 11 units, a flag of a region 14. */
const UTF16_UNITS_PER_GRAPHEME_MAX = 16;
/** C0 and C1 controls, DEL, directional marks, embeddings, overrides and isolates, and lone surrogates. */
// eslint-disable-next-line no-control-regex -- control characters are what it is for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

let segmenter: Intl.Segmenter | undefined;
function graphemes(): Intl.Segmenter {
    return (segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" }));
}
