export const AUTHORS_COUNT = 5_000;

/**
 * Frequencies follow Zipf and Mandelbrot's law, 1 / (rank + offset), as word and author counts do. The offset keeps the top
 * author at 0.9% of all posts, 13 times the 250th and 240 times the last: with plain Zipf it would be 11%, which is
 * no stream of posts but one author's archive with others in between.
 */
const RANK_OFFSET = 20;

const FIRST = [
    "quiet",
    "amber",
    "brave",
    "cosmic",
    "dusty",
    "early",
    "fuzzy",
    "golden",
    "hidden",
    "icy",
    "jolly",
    "kind",
];
const SECOND = ["otter", "falcon", "maple", "comet", "harbor", "lynx", "meadow", "nomad", "orchid", "pixel", "quartz"];
/** Handles beyond ASCII exist at many sources; here they also show that partition keys are hashed as UTF-8. */
const ELSEWHERE = ["さくら", "müller", "نور", "łukasz", "minh_đức", "דנה", "юлия", "κώστας"];
/** Every so many ranks, a handle beyond ASCII. */
const ELSEWHERE_EVERY = 10;

/** The authors by rank, the most frequent first. They are the same for every seed. */
export function sampleAuthors(): string[] {
    return Array.from({ length: AUTHORS_COUNT }, (_, rank) => {
        if (rank % ELSEWHERE_EVERY === ELSEWHERE_EVERY - 1) return `${pick(ELSEWHERE, rank / ELSEWHERE_EVERY)}_${rank}`;
        return `${pick(FIRST, rank)}_${pick(SECOND, rank)}_${rank}`;
    });
}

function pick(words: readonly string[], index: number): string {
    return words[Math.floor(index) % words.length] ?? "";
}

/** Turns a number from 0 to 1 into a rank with the frequencies above. */
export function authorRanks(): (random: number) => number {
    let sum = 0;
    const cumulative = Float64Array.from({ length: AUTHORS_COUNT }, (_, rank) => (sum += 1 / (rank + 1 + RANK_OFFSET)));
    return (random) => {
        const wanted = random * sum;
        let low = 0;
        let high = AUTHORS_COUNT - 1;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if ((cumulative[middle] ?? sum) <= wanted) low = middle + 1;
            else high = middle;
        }
        return low;
    };
}
