export const AUTHORS_COUNT = 20_000;

/**
 * Frequencies follow Zipf and Mandelbrot's law, 1 / (rank + offset), as word and author counts do. The offset keeps the top
 * author at 0.1% of all posts, 6 times the 1,000th and 100 times the last: with plain Zipf it would be 10%, which is no
 * stream of posts but one author's archive with others in between, and an author's posts go one at a time (see `Outbox`).
 */
const RANK_OFFSET = 200;

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
