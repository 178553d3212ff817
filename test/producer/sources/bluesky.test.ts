import { expect } from "chai";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Failure } from "../../../commandline/failure";
import { DUPLICATE } from "../../../producer/account";
import { MESSAGE_BYTES_MAX } from "../../../producer/sources/bluesky/connection";
import { POSTS_MAX } from "../../../producer/sources/bluesky/inbox";
import { blueskySource } from "../../../producer/sources/bluesky";
import type { WireRecord } from "../../../wire-record";
import { JetstreamServer, TIME_US, event, frame, numbered, post } from "./bluesky/jetstream-server";
import { StubContext, read } from "./bluesky/stub-context";

const keys = (count: number) => Array.from({ length: count }, (_, index) => `key${index}`);
const idsOf = (posts: readonly WireRecord[]) => posts.map(({ id }) => id);

describe("the source bluesky", () => {
    let server: JetstreamServer;
    let context: StubContext;

    beforeEach(async () => {
        server = await JetstreamServer.start();
        context = new StubContext();
    });

    afterEach(() => server.stop());

    function open(values: { track?: readonly string[]; maxPosts?: number } = {}) {
        return blueskySource.open({ track: [], maxPosts: undefined, jetstream: server.url, ...values }, context);
    }

    /** Replays everything to a connection without a cursor, too. */
    const sendLog = ({ socket }: { socket: { send: (text: string) => void } }) => {
        for (const each of server.log) socket.send(each);
    };

    it("gives the posts as wire records, in their order, and asks for posts only", async () => {
        server.push(
            numbered(0, "first 🔥"),
            event({ did: "did:web:b.example", recordKey: "key1", record: post("second") }),
        );
        server.script.push(sendLog);
        const { chunks } = await open();
        const posts = await read(chunks, 2, context);
        const timestamp = new Date(TIME_US / 1000).toISOString();
        expect(posts).to.deep.equal([
            { username: "did:plc:ada", id: "key0", timestamp, message: "first 🔥", source: "bluesky" },
            { username: "did:web:b.example", id: "key1", timestamp, message: "second", source: "bluesky" },
        ]);
        expect(server.urls.map(({ search }) => search)).to.deep.equal([
            "?wantedCollections=app.bsky.feed.post&maxMessageSizeBytes=1048576",
        ]);
        await server.abandoned();
    });

    it("can wait, and goes on for as long as an outage of the stream takes", async () => {
        const { isEndless, isLive, chunks } = await open({ maxPosts: 1 });
        expect([isEndless, isLive]).to.deep.equal([true, undefined]);
        await read(chunks, 0, context);
    });

    it("leaves out edits, removals and other collections, without a word", async () => {
        server.push(
            event({ operation: "update", recordKey: "a" }),
            event({ operation: "delete", recordKey: "b", record: undefined }),
            event({ collection: "app.bsky.feed.like", recordKey: "c" }),
            JSON.stringify({ did: "did:plc:a", time_us: TIME_US, kind: "account", account: { active: false } }),
            numbered(0),
        );
        server.script.push(sendLog);
        const { chunks } = await open();
        expect(idsOf(await read(chunks, 1, context))).to.deep.equal(["key0"]);
        expect(context.refusals).to.deep.equal([]);
        expect(context.drops.size).to.equal(0);
    });

    it("filters by the words of --track", async () => {
        server.push(
            numbered(0, "YOLO!"),
            numbered(1, "yolonda"),
            numbered(2, "so #yolo"),
            numbered(3, "nothing"),
            numbered(4, "ada"),
        );
        server.script.push(sendLog);
        const { chunks } = await open({ track: ["yolo", "ada"] });
        expect(idsOf(await read(chunks, 3, context))).to.deep.equal(["key0", "key2", "key4"]);
    });

    it("gives each post once, in order, wherever the connection is cut", async () => {
        const events = [0, 1].map((index) => numbered(index, `日本🔥 ${index}`));
        const bytes = Buffer.concat(events.map((each) => frame(each)));
        server.push(...events);
        // Every place in the first message, and in the head of the second.
        for (let length = 0; length <= frame(events[0] ?? "").length + 4; length += 1) {
            context = new StubContext();
            // An instance that has all of it, whatever the cursor.
            server.script.push(({ raw }) => raw.end(bytes.subarray(0, length)), sendLog);
            const { chunks } = await open();
            expect(idsOf(await read(chunks, 2, context)), `cut after ${length} bytes`).to.deep.equal(keys(2));
            expect(context.refusals).to.deep.equal([]);
            server.script.length = 0;
        }
    });

    it("resumes a few seconds before the cut, and counts what comes twice", async () => {
        const events = Array.from({ length: 10 }, (_, index) =>
            event({
                timeUs: TIME_US + index * 1_000_000,
                recordKey: `key${index}`,
            }),
        );
        server.push(...events.slice(0, 8));
        server.script.push((client) => {
            sendLog(client);
            client.socket.close();
            server.push(...events.slice(8));
        });
        const { chunks, note } = await open();
        expect(idsOf(await read(chunks, 10, context))).to.deep.equal(keys(10));
        expect(server.urls[1]?.searchParams.get("cursor")).to.equal(String(TIME_US + 2_000_000));
        expect(context.drops).to.deep.equal(new Map([[DUPLICATE, 6]]));
        expect(context.notices).to.deep.equal([]);
        expect(note?.()).to.contain("1 cut");
    });

    it("tells what is missing when the server does not have it any more", async () => {
        server.script.push(({ socket }) => {
            socket.send(numbered(0));
            socket.close();
        });
        server.push(event({ timeUs: TIME_US + 90_000_000, recordKey: "key1" }));
        const { chunks } = await open();
        expect(idsOf(await read(chunks, 2, context))).to.deep.equal(keys(2));
        expect(context.notices).to.deep.equal([
            "Jetstream goes on 90 seconds after the cut: the posts of that time are missing.",
        ]);
    });

    it("refuses and counts what is no event or no post, and reads on", async () => {
        server.script.push(({ socket }) => {
            for (const bad of ["{", "[]", "null", "", '{"kind":"commit"}', "\u001b[2J"]) socket.send(bad);
            socket.send(Buffer.from(numbered(5)), { binary: true });
            socket.send(event({ recordKey: "bad", record: { createdAt: "2026-01-01T00:00:00Z" } }));
            socket.send(event({ did: `did:plc:${"a".repeat(300)}` }));
            socket.send(numbered(0));
        });
        const { chunks } = await open();
        expect(idsOf(await read(chunks, 1, context))).to.deep.equal(["key0"]);
        expect(context.refusals.map(({ reason }) => reason)).to.deep.equal([
            ...Array.from({ length: 7 }, () => "not an event"),
            "not a post",
            "not a post",
        ]);
        expect(context.refusals[5]?.detail).to.equal("a message of Jetstream, not JSON: \ufffd[2J");
        expect(context.refusals[6]?.detail).to.equal("a message of Jetstream, binary, where text was asked for");
        expect(context.refusals[7]?.detail).to.equal('post bad of did:plc:ada: "text" is missing');
        expect(context.refusals[8]?.detail).to.contain('"did" has more than 256 characters');
    });

    it("does not take a message into memory that is too large, and gets past it", async () => {
        const large = numbered(1, "a".repeat(MESSAGE_BYTES_MAX));
        const upToLarge = ({ socket }: { socket: { send: (text: string) => void } }) => {
            socket.send(numbered(0));
            socket.send(large);
        };
        server.script.push(upToLarge, upToLarge, ({ socket }) => socket.send(numbered(2)));
        const { chunks } = await open();
        expect(idsOf(await read(chunks, 2, context))).to.deep.equal(["key0", "key2"]);
        expect(server.urls.map((url) => url.searchParams.has("cursor"))).to.deep.equal([false, true, false]);
        expect(context.refusals.map(({ reason }) => reason)).to.deep.equal(["unreadable"]);
        expect(context.refusals[0]?.detail).to.contain("Max payload size exceeded");
    });

    it("takes the time of Jetstream for one that cannot be, and says so at the end", async () => {
        server.script.push(({ socket }) => socket.send(event({ record: post("", "9999-01-01T00:00:00Z") })));
        const { chunks, note } = await open({ maxPosts: 1 });
        const posts = await read(chunks, Infinity, context);
        expect(posts[0]?.timestamp).to.equal(new Date(TIME_US / 1000).toISOString());
        expect(note?.()).to.contain("1 without a usable time");
        expect(context.notices).to.deep.equal([
            "1 post had no usable creation time: the time at which Jetstream saw the post stands for it.",
        ]);
    });

    it("ends by itself when the budget is spent, to the post", async () => {
        const events = Array.from({ length: 1_000 }, (_, index) => numbered(index));
        server.script.push(({ raw }) => raw.write(Buffer.concat(events.map((each) => frame(each)))));
        const source = await open({ maxPosts: 250 });
        expect(source.total).to.equal(250);
        expect(idsOf(await read(source.chunks, Infinity, context))).to.deep.equal(keys(250));
        await server.abandoned();
    });

    it("does not spend the budget on what is filtered, refused or comes twice", async () => {
        server.script.push(({ socket }) => {
            for (const each of [numbered(0, "yolo"), numbered(0, "yolo"), "{", numbered(1), numbered(2, "yolo")])
                socket.send(each);
        });
        const { chunks } = await open({ maxPosts: 2, track: ["yolo"] });
        expect(idsOf(await read(chunks, Infinity, context))).to.deep.equal(["key0", "key2"]);
    });

    it("ends when it is stopped, while nothing comes and while it cannot connect", async () => {
        const { chunks } = await open();
        const connected = server.connection();
        const reading = read(chunks, Infinity, context);
        await connected;
        context.stopping.abort();
        expect(await reading).to.deep.equal([]);
        await server.abandoned();
        context = new StubContext();
        expect(await read((await open()).chunks, 0, context)).to.deep.equal([]);
    });

    it("leaves nothing behind when nobody asks for more", async () => {
        server.script.push(({ socket }) => socket.send(numbered(0)));
        const { chunks } = await open();
        for await (const posts of chunks) {
            expect(idsOf(posts)).to.deep.equal(["key0"]);
            break;
        }
        await server.abandoned();
    });

    it("fails in one line if it cannot connect", async () => {
        const { port } = server;
        await server.stop();
        const { chunks } = await open();
        const failure = await read(chunks, 1, context).catch((error: unknown) => error);
        server = await JetstreamServer.start();
        expect(failure).to.be.instanceOf(Failure);
        expect((failure as Failure).message).to.equal(
            `No connection to Jetstream: 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}.`,
        );
    });

    it("reads a burst of thousands, each once and in order", async () => {
        const count = 20_000;
        const bytes = Buffer.concat(Array.from({ length: count }, (_, index) => frame(numbered(index))));
        server.script.push(({ raw }) => raw.write(bytes));
        const { chunks } = await open();
        expect(idsOf(await read(chunks, count, context))).to.deep.equal(keys(count));
    });

    /** More than all buffers between the server and the source hold. */
    const FLOOD = 60_000;
    const TURNS = 200;

    for (const [what, isCut] of [
        ["holds back a server that sends faster than posts are asked for, and loses nothing", false],
        ["loses nothing when a server cuts it off for being slow", true],
    ] as const) {
        it(what, async () => {
            const text = "a".repeat(200);
            const events = Array.from({ length: FLOOD }, (_, index) =>
                event({ timeUs: TIME_US + index * 1000, recordKey: `key${index}`, record: post(text) }),
            );
            server.log.push(...events);
            server.script.push(sendLog);
            const connected = server.connection();
            // Once by the connection, and once for each event that is read.
            let asked = 0;
            context.onNow = () => (asked += 1);
            const { chunks } = await open();
            const iterator = chunks[Symbol.asyncIterator]();
            const ids: string[] = [];
            let held = 0;
            for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
                ids.push(...idsOf(next.value));
                if (ids.length > next.value.length) held = Math.max(held, next.value.length);
                else {
                    // Nobody asks for more until the source holds what it may, ...
                    while (asked <= ids.length + POSTS_MAX) await nextTurn();
                    // ... and in any of these turns it could read on.
                    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
                    if (isCut) (await connected).raw.resetAndDestroy();
                }
                if (ids.length >= FLOOD) context.stopping.abort();
            }
            expect(held).to.be.within(POSTS_MAX, POSTS_MAX + 500);
            expect(ids.length).to.equal(FLOOD);
            expect(ids).to.deep.equal(keys(FLOOD));
            expect(server.urls).to.have.length(isCut ? 2 : 1);
        });
    }

    it("checks its options", () => {
        expect(blueskySource.check({ track: ["yolo"], maxPosts: undefined, jetstream: undefined })).to.deep.equal([]);
        expect(blueskySource.check({ track: [""], maxPosts: undefined, jetstream: "http://x" })).to.have.length(2);
    });
});
