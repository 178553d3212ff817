import { Agent } from "node:https";
import { join } from "node:path";
import { flag, texts } from "../../commandline/options";
import { surroundings } from "../surroundings";
import { liveOptions } from "./live-options";
import { defineSource } from "./source";
import { checkRules, wantedRules } from "./x/rules";
import { readXSettings, type XSettings } from "./x/settings";
import { XStream } from "./x/stream";

const PROJECT_FOLDER = join(__dirname, "..", "..");
/** X bills for each post: without a limit, a rule that matches too much is a bill. */
export const POSTS_MAX_DEFAULT = 10_000;

/** Posts as they are made, from the filtered stream of the X API v2. */
export const xSource = defineSource({
    options: {
        ...liveOptions,
        rule: texts({
            value: "RULE",
            help:
                "X: the posts that match a rule in X's own words, as in 'from:nasa has:media'; may be repeated, also beside " +
                "--track. https://docs.x.com/x-api/posts/filtered-stream/integrate/build-a-rule",
        }),
        keepRules: flag({ help: "X: leaves the rules in the app's list at the end, for the next run." }),
    },
    check: ({ track, rule }) => checkRules(track, rule),
    open: async ({ track, rule, keepRules, maxPosts = POSTS_MAX_DEFAULT }, context) => {
        const api = openClient(await readXSettings(process.env, PROJECT_FOLDER));
        const settings = { rules: wantedRules(track, rule), keepRules, maxPosts };
        const stream = new XStream(api, settings, context, surroundings.after);
        return { isLive: true, chunks: stream.chunks(), note: () => stream.note() };
    },
});

/** The library takes 150 ms to load: not for the other sources. */
function openClient(settings: XSettings) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would not take the TypeScript loader
    const { XClient } = require("./x/client") as typeof import("./x/client");
    return new XClient(settings, () => new Agent());
}
