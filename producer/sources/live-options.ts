import { texts, whole } from "../../commandline/options";

/** More posts than that are no budget. */
const MAX_POSTS_MAX = 1_000_000_000;

/**
 * What the live sources have in common. Options of the same name in two sources are the same object, so that the help tells of
 * them once; what each source does without them is in the words of the help, as it differs.
 */
export const liveOptions = {
    track: texts({
        value: "TERM",
        help:
            "X, Bluesky: the posts that contain this; may be repeated, then those that contain any of them. " +
            "Without it, X gives those with `yolo`, and Bluesky all posts.",
    }),
    maxPosts: whole({
        value: "N",
        help:
            "X, Bluesky: ends after so many posts. Without it, X ends after 10000, as it bills for each post, and Bluesky " +
            "goes on until it is stopped.",
        unit: "posts",
        minimum: 1,
        maximum: MAX_POSTS_MAX,
    }),
};
