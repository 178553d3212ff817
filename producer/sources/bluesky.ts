import { formatAmount } from "../../commandline/numbers";
import { text } from "../../commandline/options";
import type { WireRecord } from "../../wire-record";
import { surroundings } from "../surroundings";
import { PUBLIC_ENDPOINTS, checkEndpoint } from "./bluesky/endpoint";
import { Feed } from "./bluesky/feed";
import { Inbox } from "./bluesky/inbox";
import { Position } from "./bluesky/position";
import { Subscription } from "./bluesky/subscription";
import { checkTerms, tracker } from "./bluesky/track";
import { liveOptions } from "./live-options";
import { defineSource, type SourceContext } from "./source";

/** A minute without an event: on the public instances, which have some fifty a second, it is stuck. */
const PUBLIC_QUIET_INTERVALS_MAX = 4;

/**
 * The posts of Bluesky as they are made, from Jetstream: no key, no cost. It is not live in the sense of a source that cannot
 * wait: when there is no room, nothing is read, and what came meanwhile is read later, by a time cursor.
 */
export const blueskySource = defineSource({
    options: {
        track: liveOptions.track,
        maxPosts: liveOptions.maxPosts,
        jetstream: text({
            value: "URL",
            help:
                "Bluesky: a Jetstream instance of one's own, as in `ws://localhost:6008/subscribe`. Without it, Bluesky's " +
                "public ones, which need no key.",
        }),
    },
    check: ({ track, jetstream }) => [
        ...checkTerms(track),
        ...(jetstream === undefined ? [] : checkEndpoint(jetstream)),
    ],
    open: async ({ track, maxPosts, jetstream }, context) => {
        const reading = new Reading(
            {
                endpoints: jetstream === undefined ? PUBLIC_ENDPOINTS : [jetstream],
                // An instance of one's own may serve few accounts.
                quietIntervalsMax: jetstream === undefined ? PUBLIC_QUIET_INTERVALS_MAX : Infinity,
                terms: track,
                postsMax: maxPosts ?? Infinity,
            },
            context,
        );
        return {
            ...(maxPosts === undefined ? {} : { total: maxPosts }),
            isEndless: true,
            chunks: reading.chunks(),
            note: () => reading.note(),
        };
    },
});

interface ReadingSettings {
    endpoints: readonly string[];
    quietIntervalsMax: number;
    terms: readonly string[];
    postsMax: number;
}

/** Puts the parts together: subscription → feed → inbox. */
class Reading {
    /** Aborted when the budget is spent or nobody asks for posts any more. */
    private readonly finish = new AbortController();
    private readonly inbox: Inbox;
    private readonly feed: Feed;
    private readonly subscription: Subscription;

    constructor({ endpoints, quietIntervalsMax, terms, postsMax }: ReadingSettings, context: SourceContext) {
        const position = new Position();
        this.inbox = new Inbox({ pause: () => this.subscription.pause(), resume: () => this.subscription.resume() });
        this.feed = new Feed({
            matches: tracker(terms),
            postsMax,
            position,
            context,
            onPost: (post, bytes) => this.inbox.push(post, bytes),
            onBudgetSpent: () => this.finish.abort(),
        });
        this.subscription = new Subscription({
            endpoints,
            quietIntervalsMax,
            position,
            signal: AbortSignal.any([context.stop, this.finish.signal]),
            after: surroundings.after,
            context,
            onMessage: (data, isBinary) => this.feed.receive(data, isBinary),
        });
    }

    async *chunks(): AsyncGenerator<readonly WireRecord[], void, undefined> {
        const running = this.subscription.run().finally(() => this.inbox.end());
        try {
            // What it fails with is thrown below, after the posts that came before.
            running.catch(() => undefined);
            for (let posts = await this.inbox.take(); posts !== undefined; posts = await this.inbox.take()) yield posts;
        } finally {
            this.finish.abort();
            await running;
            this.feed.end();
        }
    }

    note(): string {
        const { cuts, isConnected } = this.subscription;
        const facts = [this.feed.note()];
        if (cuts > 0) facts.push(formatAmount(cuts, "cut"));
        if (!isConnected) facts.push("connecting");
        return facts.filter((fact) => fact !== "").join(", ");
    }
}
