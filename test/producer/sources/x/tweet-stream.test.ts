import { expect } from "chai";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { ApiRequestError, ETwitterStreamEvent, TweetStream, TwitterApi } from "twitter-api-v2";
import { seededRandom } from "../../../../producer/sources/random";
import { requestErrorOf, WholeLineTweetStream } from "../../../../producer/sources/x/tweet-stream";
import { line, xPost, type XPost } from "./posts";
import { BEARER_TOKEN, XServer, type StreamScript } from "./x-server";

const HEARTBEAT = Buffer.from("\r\n");
const LINE_BREAK = Buffer.from("\r\n");

interface Scenario {
    name: string;
    /** What the server sends, a chunk of HTTP each. */
    chunks: Buffer[];
    posts: XPost[];
    /** The library as it comes gets it wrong: see `tweet-stream.ts`. */
    isFaulty?: true;
}

const [first, second, third] = [xPost("1"), xPost("22"), xPost("333")];
const json = (post: XPost) => Buffer.from(JSON.stringify(post));

const scenarios: Scenario[] = [
    {
        name: "a character split across two chunks",
        chunks: splitWithin(line(xPost("1", "日本🔥")), "🔥"),
        posts: [xPost("1", "日本🔥")],
        isFaulty: true,
    },
    {
        name: "a lone CRLF that ends a post",
        chunks: [json(first), LINE_BREAK, line(second), line(third)],
        posts: [first, second, third],
        isFaulty: true,
    },
    {
        name: "a lone CRLF that ends a post, and a heartbeat",
        chunks: [json(first), LINE_BREAK, HEARTBEAT, line(second)],
        posts: [first, second],
        isFaulty: true,
    },
    {
        name: "the CR and the LF that end a post in two chunks",
        chunks: [json(first), Buffer.from("\r"), Buffer.from("\n"), line(second)],
        posts: [first, second],
    },
    { name: "two posts in one chunk", chunks: [Buffer.concat([line(first), line(second)])], posts: [first, second] },
    {
        name: "heartbeats between, before and after",
        chunks: [HEARTBEAT, line(first), HEARTBEAT, HEARTBEAT, line(second), HEARTBEAT],
        posts: [first, second],
    },
    {
        name: "a heartbeat split across two chunks",
        chunks: [Buffer.from("\r"), Buffer.from("\n"), line(first)],
        posts: [first],
    },
    {
        name: "heartbeats in one chunk with posts",
        chunks: [Buffer.concat([HEARTBEAT, line(first), HEARTBEAT, line(second), HEARTBEAT])],
        posts: [first, second],
    },
    {
        name: "a last post without its line break",
        chunks: [line(first), json(second)],
        posts: [first, second],
        isFaulty: true,
    },
    {
        name: "every byte a chunk of its own",
        chunks: Array.from(Buffer.concat([line(first), HEARTBEAT, line(second)]), (byte) => Buffer.of(byte)),
        posts: [first, second],
        isFaulty: true,
    },
    hostileStream(600),
];

describe("a stream of X, on a hostile connection", () => {
    let server: XServer;
    before(async () => (server = await XServer.start()));
    beforeEach(() => server.addRule("yolo"));
    after(() => server.close());

    for (const ending of ["end", "cut"] as const) {
        for (const { name, chunks, posts, isFaulty } of scenarios) {
            const script: StreamScript = async (connection) => {
                for (const chunk of chunks) await connection.chunk(chunk);
                connection[ending]();
            };
            const how = ending === "cut" ? `${name}, then a cut` : name;

            it(`gives every post once: ${how}`, async () => {
                server.script = script;
                expect(await readToTheEnd(wholeLines(server))).to.deep.equal({ posts, unreadable: [], cutOff: 0 });
            });

            if (isFaulty !== true) {
                it(`as does the library as it comes: ${how}`, async () => {
                    server.script = script;
                    expect((await readToTheEnd(asItComes(server))).posts).to.deep.equal(posts);
                });
            } else {
                it(`as the library as it comes does not: ${how}`, async () => {
                    server.script = script;
                    const received = (await readToTheEnd(asItComes(server))).posts;
                    expect(received, "twitter-api-v2 has repaired this: see WholeLineTweetStream").not.to.deep.equal(
                        posts,
                    );
                });
            }
        }
    }

    it("tells of a post that was cut, of a line that is not UTF-8, and of one that is not JSON", async () => {
        server.script = async (connection) => {
            await connection.chunk(Buffer.concat([Buffer.of(0xff, 0xfe), LINE_BREAK, line(first)]));
            await connection.chunk(Buffer.from('{"data":\r\n'));
            await connection.chunk(json(second).subarray(0, -1));
            connection.cut();
        };
        const received = await readToTheEnd(wholeLines(server));
        expect(received).to.deep.equal({ posts: [first], unreadable: ["not UTF-8", "not JSON"], cutOff: 1 });
    });

    it("tells of a heartbeat", async () => {
        server.script = async (connection) => {
            await connection.chunk(Buffer.concat([HEARTBEAT, line(first)]));
            await connection.chunk(HEARTBEAT);
            connection.end();
        };
        let heartbeats = 0;
        const stream = wholeLines(server);
        stream.on(ETwitterStreamEvent.DataKeepAlive, () => (heartbeats += 1));
        await readToTheEnd(stream);
        expect(heartbeats).to.equal(2);
    });

    it("is needed, as `for await` ends at the first disconnect, with a timer running", async () => {
        server.script = async (connection) => {
            await connection.chunk(line(first));
            if (connection.number > opened + 1) return;
            connection.cut();
            server.rules.clear();
        };
        const opened = server.streamsOpened;
        const stream = asItComes(server);
        await stream.connect({
            autoReconnect: true,
            autoReconnectRetries: "unlimited",
            nextRetryTimeout: () => 3_600_000,
        });
        const refused = once(stream, ETwitterStreamEvent.ReconnectError);
        let hasFailed = false;
        try {
            for await (const post of stream) expect(post).to.deep.equal(first);
        } catch {
            hasFailed = true;
        }
        await refused;
        expect(hasFailed, "twitter-api-v2 has repaired this: see WholeLineTweetStream").to.be.true;
        // Set after the event, in the same turn.
        await Promise.resolve();
        expect(Reflect.get(stream, "retryTimeout"), "the timer of a loop that has ended").not.to.be.undefined;
        stream.close();
    });

    it("asks for no compression", async () => {
        let asked: unknown;
        server.script = (connection) => {
            asked = connection.request.headers["accept-encoding"];
            connection.response.flushHeaders();
            connection.end();
        };
        await readToTheEnd(wholeLines(server));
        expect(asked).to.be.undefined;
    });

    it("is better off so, as the library does not notice when a compressed stream is cut", async () => {
        server.script = async (connection) => {
            connection.response.setHeader("content-encoding", "gzip");
            // The start of a stream that goes on: nothing of it is wrong yet.
            await connection.chunk(gzipSync(line(first)).subarray(0, -8));
            await shown;
            connection.cut();
        };
        const agent = server.agent();
        const stream = asItComes(server, agent);
        const shown = once(stream, ETwitterStreamEvent.Data);
        const events: string[] = [];
        stream.on(ETwitterStreamEvent.ConnectionError, () => events.push("error"));
        stream.on(ETwitterStreamEvent.ConnectionClosed, () => events.push("closed"));
        await stream.connect({ autoReconnect: false, keepAliveTimeout: "disable" });
        const socket = Object.values(agent.sockets)[0]?.[0];
        await once(socket!, "close");
        await nextTurn();
        await nextTurn();
        expect(events, "twitter-api-v2 has repaired this: see WholeLineTweetStream").to.be.empty;
        stream.close();
    });

    it("knows why a request was not answered, which the library's error does not say", async () => {
        const stream = new WholeLineTweetStream(
            { url: new URL("https://127.0.0.1:1/2/tweets/search/stream"), options: { agent: server.agent() } },
            { unreadable: () => undefined, cutOff: () => undefined },
        );
        const error = await stream.connect({ autoReconnect: false }).then(
            () => expect.fail("There is a server."),
            (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(ApiRequestError);
        const told: unknown = (error as ApiRequestError).requestError;
        expect(told, "twitter-api-v2 has repaired this: see requestErrorOf").to.be.undefined;
        expect(requestErrorOf(error as ApiRequestError)).to.have.property("code", "ECONNREFUSED");
    });
});

/** What a stream of the library, or of ours, makes of one connection. */
async function readToTheEnd(stream: TweetStream & { told?: { unreadable: string[]; cutOff: number } }) {
    const posts: unknown[] = [];
    const told = stream.told ?? { unreadable: [], cutOff: 0 };
    stream.on(ETwitterStreamEvent.Data, (post: unknown) => posts.push(post));
    stream.on(ETwitterStreamEvent.TweetParseError, () => told.unreadable.push("not JSON"));
    const closed = once(stream, ETwitterStreamEvent.ConnectionClosed);
    await stream.connect({ autoReconnect: false, keepAliveTimeout: "disable" });
    await closed;
    stream.destroy();
    return { posts, ...told };
}

function wholeLines(server: XServer) {
    const told = { unreadable: [] as string[], cutOff: 0 };
    const stream = new WholeLineTweetStream(
        {
            url: new URL(`${server.url}/2/tweets/search/stream`),
            options: { headers: { authorization: `Bearer ${BEARER_TOKEN}` }, agent: server.agent() },
        },
        { unreadable: (reason) => told.unreadable.push(reason), cutOff: () => (told.cutOff += 1) },
    );
    return Object.assign(stream, { told });
}

function asItComes(server: XServer, agent = server.agent()): TweetStream {
    const { v2 } = new TwitterApi(BEARER_TOKEN, { httpAgent: agent });
    return v2.getStream("tweets/search/stream", {}, { prefix: `${server.url}/2/`, autoConnect: false });
}

function splitWithin(bytes: Buffer, character: string): Buffer[] {
    const at = bytes.indexOf(character) + 2;
    return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Posts and heartbeats in pieces of 1 to 400 bytes, some of which end where a line does. */
function hostileStream(count: number): Scenario {
    const random = seededRandom(1);
    const posts = Array.from({ length: count }, (_, index) => xPost(String(1_000 + index)));
    const lines = posts.flatMap((post) => (random() < 0.2 ? [HEARTBEAT, line(post)] : [line(post)]));
    const chunks: Buffer[] = [];
    for (const bytes of random() < 2 ? [Buffer.concat(lines)] : []) {
        for (let start = 0; start < bytes.length;) {
            const end = start + 1 + Math.floor(random() * 400);
            const boundary = bytes.indexOf("\r\n", start);
            const cut = random() < 0.2 && boundary > start ? boundary + (random() < 0.5 ? 0 : 2) : end;
            chunks.push(bytes.subarray(start, cut));
            start = cut;
        }
    }
    return { name: `${count} posts in pieces of any size`, chunks, posts, isFaulty: true };
}
