/**
 * Data stays the base64 text that the request carried: it goes out as it came in, and is neither decoded nor encoded per
 * record. Its size follows from the length of the text.
 */

/** Texts are decoded into it piece by piece, only to see whether they can be. */
const scratch = Buffer.allocUnsafe(48 * 1024);
/** Whole groups of four characters that fill it. */
const PIECE_CHARACTERS = (scratch.length / 3) * 4;

/** Bytes that the text decodes to; the text must be canonical base64. */
export function decodedBytes(text: string): number {
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    return (text.length / 4) * 3 - padding;
}

/**
 * What is wrong with the text as canonical base64, in AWS's words, or undefined. The native decoder skips every
 * character that it does not know, so a text is clean if it decodes to as many bytes as its length promises: 0.12 µs for
 * a record of 700 bytes, where a regular expression takes 1 µs.
 */
export function base64Problem(text: string): string | undefined {
    if (text.length % 4 !== 0) {
        return `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`;
    }
    // The decoder also takes the URL-safe alphabet.
    if (!decodesToFullLength(text) || text.includes("-") || text.includes("_")) {
        const invalid = /[^A-Za-z0-9+/]/.exec(text)?.[0] ?? "=";
        return `Invalid Base64 character: '${invalid}'`;
    }
    return hasStrayBits(text) ? "Invalid last non-pad Base64 character dectected" : undefined;
}

function decodesToFullLength(text: string): boolean {
    if (text.length <= PIECE_CHARACTERS) return scratch.write(text, 0, "base64") === decodedBytes(text);
    for (let start = 0; start < text.length; start += PIECE_CHARACTERS) {
        if (!decodesToFullLength(text.slice(start, start + PIECE_CHARACTERS))) return false;
        // Padding is for the end of the text, and this piece is not the last.
        if (text.charAt(start + PIECE_CHARACTERS - 1) === "=" && start + PIECE_CHARACTERS < text.length) return false;
    }
    return true;
}

/** True if the last character before the padding has bits that no byte uses: two texts would then mean the same bytes. */
function hasStrayBits(text: string): boolean {
    if (!text.endsWith("=")) return false;
    const twice = text.endsWith("==");
    const last = text.charAt(text.length - (twice ? 3 : 2));
    return !(twice ? "AQgw" : "AEIMQUYcgkosw048").includes(last);
}
