/**
 * Bluesky's public instances, which take turns when one fails: they need no key, and a time cursor of one is good for the
 * others. https://github.com/bluesky-social/jetstream
 */
export const PUBLIC_ENDPOINTS: readonly string[] = [
    "wss://jetstream2.us-east.bsky.network/subscribe",
    "wss://jetstream1.us-east.bsky.network/subscribe",
    "wss://jetstream2.us-west.bsky.network/subscribe",
    "wss://jetstream1.us-west.bsky.network/subscribe",
];

/** Jetstream leaves out events that are larger. No post comes near it, and a record of the stream could not hold it. */
export const EVENT_BYTES_MAX = 1024 * 1024;

const SUBSCRIBE_PATH = "/subscribe";
const COLLECTION = "app.bsky.feed.post";
/** Set here, or they would change the form of what comes. */
const PARAMETERS_SET = ["wantedCollections", "cursor", "maxMessageSizeBytes", "compress", "requireHello"];

/** What is wrong with the address of a Jetstream instance: a line per mistake. */
export function checkEndpoint(typed: string): string[] {
    const expected = (what: string, found: string) => [`Expected \`--jetstream\` to be ${what}, got ${found}.`];
    // Not quoted before it is known to hold no password.
    if (!URL.canParse(typed)) return expected("a URL, as in 'ws://localhost:6008/subscribe'", "something else");
    const url = new URL(typed);
    if (url.username !== "" || url.password !== "") {
        return expected("a URL without user and password", "one that others on this machine could read");
    }
    if (url.protocol !== "ws:" && url.protocol !== "wss:") return expected("a URL of ws: or wss:", `'${typed}'`);
    if (url.hash !== "") return expected("a URL without a fragment", `'${url.hash}'`);
    const set = PARAMETERS_SET.filter((name) => url.searchParams.has(name));
    if (set.length > 0) return expected("a URL without parameters that are set by the producer", set.join(", "));
    return [];
}

/** The address to connect to; parameters of one's own, such as `wantedDids`, stay. */
export function subscribeUrl(endpoint: string, cursorUs: number | undefined): URL {
    const url = new URL(endpoint);
    if (url.pathname === "/") url.pathname = SUBSCRIBE_PATH;
    url.searchParams.set("wantedCollections", COLLECTION);
    url.searchParams.set("maxMessageSizeBytes", String(EVENT_BYTES_MAX));
    if (cursorUs !== undefined) url.searchParams.set("cursor", String(cursorUs));
    return url;
}
