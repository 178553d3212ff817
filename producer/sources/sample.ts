import { setImmediate as nextTurn } from "node:timers/promises";
import { positive, whole } from "../../commandline/options";
import type { WireRecord } from "../../wire-record";
import { authorRanks, sampleAuthors } from "./sample-authors";
import { seededRandom } from "./random";
import { sampleText } from "./sample-text";
import { defineSource, type SourceContext } from "./source";

/** A seed is a whole number from 0 to this. */
export const SEED_MAX = 2 ** 32 - 1;
/** Nine digits of each identifier count the posts. */
export const POSTS_MAX = 1_000_000_000;

const POSTS_DEFAULT = 1_000;
const RATE_MAX = 1_000_000;
/** Posts that are made in one go: enough to fill a request, few enough to let what has arrived be handled between. */
const CHUNK_POSTS_MAX = 256;
/** With a rate, posts are made this often at least: 20 posts at a time for 1,000 posts a second. */
const PACE_MS = 20;
/** Timers take no more than 2^31 - 1 ms. */
const WAIT_MS_MAX = 3_600_000;
const SEED_DIGITS = 10;
const INDEX_DIGITS = 9;

export interface SamplePosts {
    /** From 0 to `SEED_MAX`. Two seeds have no identifier in common. */
    seed: number;
    /** From 0 to `POSTS_MAX`. */
    count: number;
    /** Gives each post its timestamp, the only thing about it that does not follow from the seed. */
    now: () => Date;
}

/** Made-up posts, one at a time. No two have the same identifier; identifiers sort in the order of the posts. */
export function* samplePosts({ seed, count, now }: SamplePosts): Generator<WireRecord, void, undefined> {
    const random = seededRandom(seed);
    const rankOf = authorRanks();
    const authors = sampleAuthors();
    const prefix = String(seed).padStart(SEED_DIGITS, "0");
    for (let index = 0; index < count; index += 1) {
        yield {
            username: authors[rankOf(random())] ?? "",
            id: prefix + String(index).padStart(INDEX_DIGITS, "0"),
            timestamp: now().toISOString(),
            message: sampleText(random),
            source: "sample",
        };
    }
}

export const sampleSource = defineSource({
    options: {
        posts: whole({
            value: "N",
            help: "Sample: how many posts to make up.",
            unit: "posts",
            minimum: 1,
            maximum: POSTS_MAX,
            default: POSTS_DEFAULT,
        }),
        rate: positive({
            value: "N",
            help: "Sample: posts per second. Without it, as fast as the stream takes them.",
            unit: "posts per second",
            maximum: RATE_MAX,
        }),
        seed: whole({
            value: "N",
            help: "Sample: makes the same posts again, with the same identifiers. Without it, every run makes others.",
            unit: "",
            minimum: 0,
            maximum: SEED_MAX,
        }),
    },
    check: () => [],
    open: async ({ posts, rate, seed = randomSeed() }, context) => ({
        total: posts,
        chunks: inChunks({ seed, count: posts, now: context.now }, rate ?? Infinity, context),
    }),
});

/** The posts in chunks, at most `postsPerSecond`, until `stop` is aborted. */
async function* inChunks(
    sample: SamplePosts,
    postsPerSecond: number,
    { stop, elapsedMs, wait }: SourceContext,
): AsyncGenerator<WireRecord[], void, undefined> {
    // Not by the clock: set forward by an hour, an hour's posts would be due at once.
    const startedAt = elapsedMs();
    let made = 0;
    let chunk: WireRecord[] = [];
    for (const post of samplePosts(sample)) {
        chunk.push(post);
        made += 1;
        const dueMs = startedAt + (made / postsPerSecond) * 1000;
        const aheadMs = dueMs - elapsedMs();
        if (made < sample.count && aheadMs < PACE_MS && chunk.length < CHUNK_POSTS_MAX) continue;
        yield chunk;
        chunk = [];
        if (made === sample.count) return;
        // Made-up posts need no waiting: without a turn of the event loop, nothing would be sent in the meantime.
        await nextTurn();
        for (let waitMs = aheadMs; waitMs >= PACE_MS && !stop.aborted; waitMs = dueMs - elapsedMs()) {
            await wait(Math.min(waitMs, WAIT_MS_MAX));
        }
        if (stop.aborted) return;
    }
}

function randomSeed(): number {
    return Math.floor(Math.random() * (SEED_MAX + 1));
}
