import { expect } from "chai";
import { Failure, UsageError } from "../../../../commandline/failure";
import type { Fault } from "../../../../producer/sources/x/fault";
import { RULE_TAG, RULES_MAX } from "../../../../producer/sources/x/rules";
import { QUEUE_POSTS_MAX, SILENCE_MS_MAX, XStream } from "../../../../producer/sources/x/stream";
import type { WireRecord } from "../../../../wire-record";
import { VirtualTime } from "../../virtual-time";
import { xPost } from "./posts";
import { RecordingContext } from "./recording-context";
import { ScriptedApi, type ScriptedConnection } from "./scripted-api";

const MADE = Date.parse(xPost("1").data.created_at);
const cut: Fault = { kind: "network", reason: "the connection was closed" };
const disconnect = { errors: [{ title: "operational-disconnect", detail: "Upstream." }] };
const tooMany = { title: "ConnectionException", detail: "At the limit.", connection_issue: "TooManyConnections" };

interface Run {
    context: RecordingContext;
    time: VirtualTime;
    stream: XStream;
    posts: WireRecord[];
    error: unknown;
}

interface Options {
    rules?: string[];
    keepRules?: boolean;
    maxPosts?: number;
    /** Called after each chunk. */
    onPost?: (run: Run) => void;
}

/** Runs the source to its end, in virtual time. `context.stopping` ends it; so does the budget. */
async function run(
    api: ScriptedApi,
    { rules = ["yolo"], keepRules = false, maxPosts = 100, onPost }: Options = {},
): Promise<Run> {
    const time = new VirtualTime();
    const context = new RecordingContext(
        () => new Date(MADE + 6_000 + time.now()),
        (milliseconds) => time.sleep(milliseconds),
    );
    const { after } = time.surroundings(() => 0);
    const stream = new XStream(api, { rules, keepRules, maxPosts }, context, after);
    const result: Run = { context, time, stream, posts: [], error: undefined };
    const read = async () => {
        try {
            for await (const posts of stream.chunks()) {
                result.posts.push(...posts);
                onPost?.(result);
            }
        } catch (error) {
            result.error = error;
        }
    };
    await time.run(read());
    expect(time.pending, "timers left").to.equal(0);
    for (const connection of api.connections) expect(connection.isClosed()).to.be.true;
    return result;
}

const idsOf = ({ posts }: Run) => posts.map(({ id }) => id);

describe("the posts of X's stream", () => {
    it("become wire records, with the handle, the time and the whole text", async () => {
        const long = { ...xPost("2", "cut…"), lang: "ja" };
        long.data.note_tweet = { text: "all of it" };
        const api = new ScriptedApi((connection) => [xPost("1", "日本🔥"), long].forEach(connection.message));
        expect((await run(api, { maxPosts: 2 })).posts).to.deep.equal([
            { username: "さくら", id: "1", timestamp: "2026-11-23T06:00:00.000Z", message: "日本🔥", source: "x" },
            { username: "さくら", id: "2", timestamp: "2026-11-23T06:00:00.000Z", message: "all of it", source: "x" },
        ]);
    });

    it("that X bills are counted: it ends at the budget, at once, and tells of the cost", async () => {
        const api = new ScriptedApi((connection) => {
            ["1", "2", "3", "4"].map((id) => xPost(id)).forEach(connection.message);
            expect(connection.isClosed()).to.be.true;
        });
        const result = await run(api, { maxPosts: 2 });
        expect(idsOf(result)).to.deep.equal(["1", "2"]);
        expect(result.context.drops).to.deep.equal({ "over --max-posts": 2 });
        expect(result.context.notices).to.deep.equal([
            "X: posts for yolo; at most 2 posts, about $0.01 (--max-posts).",
            "X: 4 posts read, about $0.02.",
        ]);
        expect(result.stream.note()).to.equal("about $0.02");
    });

    it("that come late are said to", async () => {
        const late = xPost("1");
        late.data.created_at = new Date(MADE - 20_000).toISOString();
        const api = new ScriptedApi((connection) => connection.message(late));
        expect((await run(api, { maxPosts: 1 })).stream.note()).to.equal("about $0.01, posts 26.0 s old");
    });

    it("that come whole with the end of the connection are given, when it is stopped too", async () => {
        const api = new ScriptedApi((connection) => connection.message(xPost("1")));
        api.lastMessage = xPost("2");
        const result = await run(api, { onPost: ({ context }) => context.stopping.abort() });
        expect(idsOf(result)).to.deep.equal(["1", "2"]);
    });

    it("of rules of others are left out, and billed", async () => {
        const api = new ScriptedApi((connection) => {
            connection.message(xPost("1", "a", [{ id: "theirs", tag: "cats" }]));
            connection.message(xPost("2", "a", [{ id: "theirs", tag: "cats" }, { id: api.list.at(-1)!.id }]));
            connection.message(xPost("3", "a", [{ id: "stale", tag: RULE_TAG }]));
        });
        api.list.push({ id: "theirs", value: "cats", tag: "cats" }, { id: "stale", value: "old", tag: RULE_TAG });
        const result = await run(api, { maxPosts: 3 });
        expect(idsOf(result)).to.deep.equal(["2"]);
        expect(result.context.drops).to.deep.equal({ "matches rules of others only": 2 });
        expect(result.context.notices[0]).to.contain("yolo; 1 rule of others, whose posts X bills too; at most");
    });

    it("that are none are refused, and so is what nobody has heard of yet", async () => {
        const api = new ScriptedApi((connection) => {
            connection.message({ data: { id: "1" } });
            connection.message({ brand_new: true });
            connection.message([]);
            connection.unreadable("not UTF-8");
            connection.cutOff();
            connection.message(xPost("2"));
        });
        const result = await run(api, { maxPosts: 2 });
        expect(idsOf(result)).to.deep.equal(["2"]);
        expect(result.context.refusals.map(({ detail }) => detail)).to.deep.equal([
            'a post of X: "data.text" is missing',
            'a message of X: {"brand_new":true}',
            "a message of X: []",
            "a line of X: not UTF-8",
        ]);
        expect(result.context.drops).to.deep.equal({ "cut off with the connection": 1 });
    });

    it("that nobody takes are held up to a number, and then dropped and counted", async () => {
        const api = new ScriptedApi((connection) => {
            for (let id = 0; id < QUEUE_POSTS_MAX + 3; id += 1) connection.message(xPost(String(id)));
        });
        const result = await run(api, { maxPosts: QUEUE_POSTS_MAX + 3 });
        expect(result.posts).to.have.length(QUEUE_POSTS_MAX);
        expect(result.context.drops).to.deep.equal({ "the queue was full": 3 });
    });
});

describe("the rules of a run", () => {
    const onePost = (connection: ScriptedConnection) => connection.message(xPost("1"));

    it("are there while it lasts; stale ones of ours and our own go, those of others stay", async () => {
        const api = new ScriptedApi((connection) => {
            expect(api.list.map(({ value, tag }) => [value, tag])).to.deep.equal([
                ["old", RULE_TAG],
                ["cats", "theirs"],
                ["yolo", RULE_TAG],
                ["from:nasa", RULE_TAG],
            ]);
            connection.heartbeat();
            // Not at the end only, as their posts are billed.
            setImmediate(() => {
                expect(api.edits).to.deep.equal(["+yolo", "+from:nasa", "-a"]);
                onePost(connection);
            });
        });
        api.list.push({ id: "a", value: "old", tag: RULE_TAG }, { id: "b", value: "cats", tag: "theirs" });
        await run(api, { rules: ["yolo", "from:nasa"], maxPosts: 1 });
        expect(api.list).to.deep.equal([{ id: "b", value: "cats", tag: "theirs" }]);
    });

    it("of another run are left alone, if X does not give its one stream to this one", async () => {
        const tooManyConnections = { kind: "rate limit", reason: "X answered 429" } as const;
        const theirs = [
            { id: "a", value: "cats", tag: RULE_TAG },
            { id: "b", value: "yolo", tag: RULE_TAG },
        ];
        const api: ScriptedApi = new ScriptedApi((connection) => {
            expect(api.list.map(({ value }) => value)).to.deep.equal(["cats", "yolo", "dogs"]);
            connection.ended(tooManyConnections);
            context.stopping.abort();
        });
        api.list.push(...theirs);
        const context = new RecordingContext();
        const settings = { rules: ["yolo", "dogs"], keepRules: false, maxPosts: 1 };
        const time = new VirtualTime();
        await new XStream(api, settings, context, time.surroundings(() => 0).after).chunks().next();
        expect(api.list).to.deep.equal(theirs);
    });

    it("go first if there would be no room for both", async () => {
        const api = new ScriptedApi(onePost);
        for (let index = 0; index < RULES_MAX; index += 1) {
            api.list.push({ id: `r${index}`, value: `old${index}`, ...(index < 2 && { tag: RULE_TAG }) });
        }
        await run(api, { maxPosts: 1 });
        expect(api.edits).to.deep.equal(["-r0", "-r1", "+yolo", "-1"]);
    });

    it("of an earlier run that cannot be removed are told of, and nothing else is held up", async () => {
        const api = new ScriptedApi((connection) => {
            api.faults.push({ kind: "refused", reason: "X answered 403" });
            onePost(connection);
        });
        api.list.push({ id: "a", value: "old", tag: RULE_TAG });
        const result = await run(api, { maxPosts: 1 });
        expect(idsOf(result)).to.deep.equal(["1"]);
        expect(result.context.notices).to.include(
            "Rules of an earlier run are still at X, and their posts are billed: X answered 403.",
        );
        expect(api.list).to.have.length(1);
    });

    it("are not waited for when somebody gives up", async () => {
        const api = new ScriptedApi(onePost);
        const { context } = await run(api, {
            onPost: ({ context: { stopping, givingUp } }) => {
                stopping.abort();
                givingUp.abort();
            },
        });
        expect(api.isCancelled).to.be.true;
        expect(api.list).to.have.length(1);
        expect(context.notices).to.include(
            "The rules are still at X, which the next run repairs: there was no time to remove them.",
        );
    });

    it("stay with --keep-rules, and are found by the next run", async () => {
        const api = new ScriptedApi(onePost);
        await run(api, { keepRules: true, maxPosts: 1 });
        const [kept] = api.list;
        expect(kept).to.include({ value: "yolo", tag: RULE_TAG });
        await run(api, { keepRules: true, maxPosts: 1 });
        expect(api.list).to.deep.equal([kept]);
    });

    it("of others that say the same are used, and left alone", async () => {
        const api = new ScriptedApi((connection) => connection.message(xPost("1", "a", [{ id: "b", tag: "theirs" }])));
        api.list.push({ id: "b", value: "yolo", tag: "theirs" });
        expect(idsOf(await run(api, { maxPosts: 1 }))).to.deep.equal(["1"]);
        expect(api.list).to.have.length(1);
    });

    it("that X does not take end it with a mistake of the user, and none of the others stays", async () => {
        const api = new ScriptedApi(onePost);
        const { error } = await run(api, { rules: ["yolo", "from:"] });
        expect(error).to.be.instanceOf(UsageError);
        expect((error as Error).message).to.equal("X does not take the rule 'from:': no rule.");
        expect(api.list).to.be.empty;
        expect(api.connections).to.be.empty;
    });

    it("are brought again when they are gone during the run", async () => {
        const api = new ScriptedApi((connection, index) => {
            expect(api.list.map(({ value }) => value)).to.deep.equal(["yolo"]);
            if (index === 1) onePost(connection);
            else {
                api.list.length = 0;
                connection.ended({ kind: "no rules", reason: "X answered 409" });
            }
        });
        const result = await run(api, { maxPosts: 1 });
        expect(idsOf(result)).to.deep.equal(["1"]);
        expect(result.context.waits).to.deep.equal([5_000]);
    });

    it("are removed also when it fails, is stopped, or whoever reads gives up", async () => {
        const failing = new ScriptedApi((connection) =>
            connection.ended({ kind: "refused", reason: "X answered 401" }),
        );
        const { error } = await run(failing);
        expect((error as Failure).message).to.equal("Reading from X failed: X answered 401.");
        expect(failing.list).to.be.empty;

        const stopped = new ScriptedApi(onePost);
        await run(stopped, { onPost: ({ context }) => context.stopping.abort() });
        expect(stopped.list).to.be.empty;

        const abandoned = new ScriptedApi(onePost);
        const result = await run(abandoned, {
            onPost: () => {
                throw new Error("The stream is gone.");
            },
        });
        expect((result.error as Error).message).to.equal("The stream is gone.");
        expect(abandoned.list).to.be.empty;
    });

    it("that cannot be removed are told of, after three attempts", async () => {
        const api = new ScriptedApi((connection) => {
            for (let attempt = 0; attempt < 3; attempt += 1) api.faults.push({ kind: "network", reason: "no route" });
            onePost(connection);
        });
        const { context } = await run(api, { maxPosts: 1 });
        expect(context.notices).to.include("The rules are still at X, which the next run repairs: no route.");
        expect(api.list).to.have.length(1);
        const again = new ScriptedApi((connection) => {
            again.faults.push({ kind: "http", reason: "X answered 503" });
            onePost(connection);
        });
        await run(again, { maxPosts: 1 });
        expect(again.list).to.be.empty;
    });
});

describe("a connection to X", () => {
    const afterwards = (first: (connection: ScriptedConnection, index: number) => void, count: number) =>
        new ScriptedApi((connection, index) => {
            if (index < count) first(connection, index);
            else connection.message(xPost("9"));
        });

    it("that drops is opened again at once, and what failed then by X's schedule", async () => {
        const api = afterwards((connection, index) => {
            if (index === 0) connection.message(xPost("1"));
            connection.ended(cut);
        }, 4);
        const result = await run(api, { maxPosts: 2 });
        expect(idsOf(result)).to.deep.equal(["1", "9"]);
        expect(result.context.waits).to.deep.equal([0, 250, 500, 750]);
        expect(result.context.notices.slice(1, 3)).to.deep.equal([
            "No connection to X: the connection was closed; connecting again.",
            "Connected to X again, after 1.50 s.",
        ]);
    });

    it("that ends every time without a word is not asked for without a pause", async () => {
        const { context } = await run(
            afterwards((connection) => connection.ended(cut), 4),
            { maxPosts: 1 },
        );
        expect(context.waits).to.deep.equal([250, 500, 750, 1_000]);
    });

    it("is over when nothing came for longer than a heartbeat takes", async () => {
        const result = await run(
            afterwards((connection) => connection.heartbeat(), 1),
            { maxPosts: 1 },
        );
        expect(result.time.now()).to.equal(SILENCE_MS_MAX);
        expect(result.context.waits).to.deep.equal([0]);
        expect(result.context.notices[1]).to.equal("No connection to X: nothing came for 22 s; connecting again.");
    });

    it("that is never answered is over after the same time", async () => {
        const result = await run(
            afterwards(() => undefined, 1),
            { maxPosts: 1 },
        );
        expect(result.time.now()).to.equal(SILENCE_MS_MAX + 250);
    });

    it("stays open for hours on heartbeats alone", async () => {
        const time = new VirtualTime();
        const context = new RecordingContext(
            () => new Date(MADE),
            (milliseconds) => time.sleep(milliseconds),
        );
        const api = new ScriptedApi();
        const settings = { rules: ["yolo"], keepRules: false, maxPosts: 1 };
        const chunks = new XStream(api, settings, context, time.surroundings(() => 0).after).chunks();
        const reading = chunks.next();
        for (let beat = 0; beat < 500; beat += 1) {
            await time.runFor(20_000);
            api.connections[0]?.heartbeat();
        }
        expect(api.connections).to.have.length(1);
        expect(api.connections[0]?.isClosed()).to.be.false;
        context.stopping.abort();
        expect(await reading).to.deep.equal({ done: true, value: undefined });
    });

    it("that X ends for its own reasons is opened again at once, but not over and over", async () => {
        const api = afterwards((connection, index) => {
            if (index === 0) connection.heartbeat();
            connection.message(disconnect);
            expect(connection.isClosed()).to.be.true;
        }, 3);
        const { context } = await run(api, { maxPosts: 1 });
        expect(context.waits).to.deep.equal([0, 250, 500]);
        expect(context.notices[1]).to.contain("X ended the stream: operational-disconnect: Upstream; ");
    });

    it("that is one too many is asked for again after a minute, then two", async () => {
        const byAnswer = afterwards(
            (connection) => connection.ended({ kind: "rate limit", reason: "X answered 429" }),
            2,
        );
        expect((await run(byAnswer, { maxPosts: 1 })).context.waits).to.deep.equal([60_000, 120_000]);
        const inStream = afterwards((connection) => {
            connection.heartbeat();
            connection.message({ errors: [tooMany] });
        }, 2);
        expect((await run(inStream, { maxPosts: 1 })).context.waits).to.deep.equal([60_000, 120_000]);
        const bare = afterwards((connection) => connection.message(tooMany), 1);
        expect((await run(bare, { maxPosts: 1 })).context.waits).to.deep.equal([60_000]);
    });

    it("is asked for again when the rate limit ends, and says so", async () => {
        const limited = {
            kind: "rate limit",
            reason: "X answered 429: Too Many Requests",
            resetInMs: 480_000,
        } as const;
        const { context } = await run(
            afterwards((connection) => connection.ended(limited), 1),
            { maxPosts: 1 },
        );
        expect(context.waits).to.deep.equal([481_000]);
        expect(context.notices[1]).to.equal(
            "Rate limited by X: X answered 429: Too Many Requests; trying again in 481 s.",
        );
    });

    it("is told of once in an outage of hours, unless the kind of outage changes", async () => {
        const api = afterwards((connection, index) => {
            if (index === 0) connection.heartbeat();
            connection.ended(index < 500 ? cut : { kind: "http", reason: "X answered 503" });
        }, 505);
        const { context } = await run(api, { maxPosts: 1 });
        expect(context.notices.slice(1, -1)).to.have.length(3);
        expect(context.notices[2]).to.equal("No connection to X: X answered 503; trying again in 5.00 s.");
        expect(context.notices[3]).to.match(/^Connected to X again, after \d+ s\.$/);
    });

    it("that has never been is given up after five attempts, except for rate limits", async () => {
        const nowhere: Fault = { kind: "network", reason: "getaddrinfo ENOTFOUND api.x.com" };
        const api = new ScriptedApi();
        api.faults.push(...Array.from({ length: 5 }, () => nowhere));
        const { context, error } = await run(api);
        expect((error as Failure).message).to.equal("Reading from X failed: getaddrinfo ENOTFOUND api.x.com.");
        expect(context.waits).to.deep.equal([250, 500, 750, 1_000]);

        const limited = afterwards(() => undefined, 0);
        limited.faults.push(...Array.from({ length: 6 }, () => ({ kind: "rate limit", reason: "429" }) as const));
        expect(idsOf(await run(limited, { maxPosts: 1 }))).to.deep.equal(["9"]);
    });

    it("is not tried again when the account has no credits left, or what happened is a bug", async () => {
        const capped = new ScriptedApi((connection) => connection.message({ errors: [{ title: "UsageCapExceeded" }] }));
        expect((await run(capped)).error).to.be.instanceOf(Failure);
        expect(capped.connections).to.have.length(1);
        const bug = new TypeError("a bug");
        const broken = new ScriptedApi((connection) => connection.ended({ kind: "refused", reason: "a bug", bug }));
        expect((await run(broken)).error).to.equal(bug);
    });

    it("ends when it is asked to stop: while it is open, while it waits, and before it is asked for", async () => {
        const open = new ScriptedApi((connection) => connection.message(xPost("1")));
        expect(idsOf(await run(open, { onPost: ({ context }) => context.stopping.abort() }))).to.deep.equal(["1"]);

        const time = new VirtualTime();
        for (const api of [new ScriptedApi((connection) => connection.ended(cut)), new ScriptedApi()]) {
            const context = new RecordingContext(undefined, () => new Promise(() => undefined));
            const settings = { rules: ["yolo"], keepRules: false, maxPosts: 1 };
            const reading = new XStream(api, settings, context, time.surroundings(() => 0).after).chunks().next();
            await time.settle();
            context.stopping.abort();
            expect((await reading).done).to.be.true;
            expect(api.list).to.be.empty;
        }
        const stopped = new RecordingContext();
        stopped.stopping.abort();
        const api = new ScriptedApi();
        const settings = { rules: ["yolo"], keepRules: false, maxPosts: 1 };
        await new XStream(api, settings, stopped, time.surroundings(() => 0).after).chunks().next();
        expect(api.connections).to.be.empty;
        expect(time.pending).to.equal(0);
    });
});
