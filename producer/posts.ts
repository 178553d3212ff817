import { DUPLICATE, type Account } from "./account";
import { outgoingPost, type Outgoing } from "./outgoing";
import { RecentKeys } from "./recent-keys";
import type { Source } from "./sources/source";

/** Of a live source, a post that comes again within so many others is the same one. About 10 MB. */
export const DUPLICATES_WINDOW_POSTS = 100_000;

/**
 * The posts of a source as records. Of a live source, each is given once: X delivers some twice. What others hold twice, such as
 * a file, is sent twice.
 */
export async function* outgoingPosts(
    { chunks, isLive }: Source,
    account: Account,
): AsyncGenerator<readonly Outgoing[]> {
    const recent = isLive === true ? new RecentKeys(DUPLICATES_WINDOW_POSTS) : undefined;
    for await (const posts of chunks) {
        const wanted =
            recent === undefined
                ? posts
                : posts.filter(({ username, id }) => recent.add(JSON.stringify([username, id])));
        if (wanted.length < posts.length) {
            account.received += posts.length - wanted.length;
            account.drop(DUPLICATE, posts.length - wanted.length);
        }
        yield wanted.map(outgoingPost);
    }
}
