/**
 * Scripts that put no spaces between words, and Korean, whose words carry their endings: a term is found within what is
 * written around it.
 */
const UNSPACED = new RegExp(
    ["Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar"]
        .map((script) => `\\p{Script=${script}}`)
        .join("|"),
    "u",
);
const LETTER = "[\\p{L}\\p{M}\\p{N}_]";
const BETWEEN_WORDS = "[^\\p{L}\\p{M}\\p{N}_]+";

/**
 * What `--track` lets through: posts whose text has one of the terms, in upper or lower case. A word is found as a whole:
 * `yolo` in "YOLO!", "#yolo" and "@yolo.example", not in "yolonda"; `#yolo` only with its mark. The words of a term are found
 * one after the other, with spaces or punctuation between. Without terms, everything passes.
 */
export function tracker(terms: readonly string[]): (text: string) => boolean {
    if (terms.length === 0) return () => true;
    const patterns = terms.map(patternOf);
    return (text) => {
        const folded = fold(text);
        return patterns.some((pattern) => pattern.test(folded));
    };
}

/** What is wrong with the terms: a line per mistake. */
export function checkTerms(terms: readonly string[]): string[] {
    return terms
        .filter((term) => term.trim() === "" || term.includes('"'))
        .map((term) => `Expected \`--track\` to be text without quotation marks, got '${term}'.`);
}

function patternOf(term: string): RegExp {
    const words = fold(term)
        .split(/\s+/u)
        .filter((word) => word !== "");
    return new RegExp(words.map(wordPattern).join(BETWEEN_WORDS), "iu");
}

function wordPattern(word: string): string {
    const characters = Array.from(word);
    const start = endsAWord(characters.at(0)) ? `(?<!${LETTER})` : "";
    const end = endsAWord(characters.at(-1)) ? `(?!${LETTER})` : "";
    return `${start}${word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}${end}`;
}

/** Whether no letter may stand beside this one, if the word is to be found as a whole. */
function endsAWord(character = ""): boolean {
    return new RegExp(LETTER, "u").test(character) && !UNSPACED.test(character);
}

/** Full-width letters, ligatures and composed characters have one form. */
function fold(text: string): string {
    return text.normalize("NFKC");
}
