import { expect } from "chai";
import { Failure } from "../../../../commandline/failure";
import { WATCH_MS } from "../../../../producer/sources/bluesky/connection";
import { Position } from "../../../../producer/sources/bluesky/position";
import { Subscription, delayMs } from "../../../../producer/sources/bluesky/subscription";
import { JetstreamServer, TIME_US, frame, numbered } from "./jetstream-server";
import { ManualTimers } from "./manual-timers";
import { StubContext } from "./stub-context";

describe("a subscription to Jetstream", () => {
    let server: JetstreamServer;
    let timers: ManualTimers;
    let context: StubContext;
    let position: Position;
    let messages: string[];

    beforeEach(async () => {
        server = await JetstreamServer.start();
        timers = new ManualTimers();
        // Chance is always 1: each delay is the longest.
        context = new StubContext(() => 1);
        context.nowMs = TIME_US / 1000;
        position = new Position();
        messages = [];
    });

    afterEach(async () => {
        await server.stop();
        expect(timers.pending, "timers left").to.equal(0);
    });

    function subscribe(endpoints: readonly string[] = [server.url]): Subscription {
        return new Subscription({
            endpoints,
            quietIntervalsMax: Infinity,
            position,
            signal: context.stop,
            after: timers.after,
            context,
            onMessage: (data) => {
                messages.push(data.toString());
                const { time_us: timeUs } = JSON.parse(data.toString()) as { time_us: number };
                position.pass(timeUs, TIME_US / 1000);
            },
        });
    }

    /** Lets the delay before the next attempt pass; answers with its length. */
    const nextAttempt = async () => {
        const milliseconds = await timers.fire((each) => each !== WATCH_MS && each !== 10_000);
        context.nowMs = (context.nowMs ?? 0) + milliseconds;
        return milliseconds;
    };

    async function failureOf(promise: Promise<unknown>): Promise<Error> {
        return promise.then(
            () => expect.fail("It did not fail."),
            (error: unknown) => error as Error,
        );
    }

    it("fails after a few attempts if it never connects, with each address and what it said", async () => {
        const dead = await JetstreamServer.start();
        const { url, port } = dead;
        await dead.stop();
        const failing = failureOf(subscribe([url, url.replace("127.0.0.1", "localhost")]).run());
        expect([await nextAttempt(), await nextAttempt(), await nextAttempt()]).to.deep.equal([500, 1000, 2000]);
        const failure = await failing;
        expect(failure).to.be.instanceOf(Failure);
        expect(failure.message).to.equal(
            `No connection to Jetstream: localhost:${port}: ${failure.message.replace(/.*(connect E)/, "$1")}`,
        );
        expect(failure.message).to.contain("connect ECONNREFUSED");
        expect(context.notices[0]).to.equal(
            `No connection to Jetstream: 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}; trying localhost:${port}.`,
        );
        expect(context.notices).to.have.length(3);
    });

    it("passes over an instance that cannot be reached", async () => {
        const dead = await JetstreamServer.start();
        await dead.stop();
        const connected = server.connection();
        const running = subscribe([dead.url, server.url]).run();
        await nextAttempt();
        await connected;
        context.stopping.abort();
        await running;
    });

    it("stays with an instance that has served for a while, and leaves one that cuts at once", async () => {
        const other = await JetstreamServer.start();
        let connected = server.connection();
        const running = subscribe([server.url, other.url]).run();
        let { socket } = await connected;
        await timers.fire((each) => each === WATCH_MS);
        connected = server.connection();
        socket.terminate();
        expect(await nextAttempt()).to.equal(500);
        ({ socket } = await connected);
        connected = other.connection();
        socket.terminate();
        expect(await nextAttempt()).to.equal(1000);
        await connected;
        context.stopping.abort();
        await running;
        await other.stop();
    });

    it("asks less and less often while it is cut at once, and often again after a steady connection", async () => {
        for (let cut = 0; cut < 8; cut += 1) server.script.push(({ socket }) => socket.close());
        const subscription = subscribe();
        const running = subscription.run();
        const delays: number[] = [];
        for (let cut = 0; cut < 8; cut += 1) delays.push(await nextAttempt());
        expect(delays).to.deep.equal([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        const { socket } = await server.connection();
        await timers.fire((each) => each === WATCH_MS);
        socket.terminate();
        expect(await nextAttempt()).to.equal(500);
        context.stopping.abort();
        await running;
        expect(subscription.cuts).to.equal(9);
    });

    it("tells of a long outage seldom, and when it is over", async () => {
        const { port } = server;
        const connected = server.connection();
        const running = subscribe().run();
        await connected;
        await timers.fire((each) => each === WATCH_MS);
        await server.stop();
        // Half a second, then doubling up to 30 s: almost three hours.
        for (let attempt = 0; attempt < 350; attempt += 1) await nextAttempt();
        const told = context.notices.map((line) => /for ([\d,]+) seconds/.exec(line)?.[1]);
        expect(told).to.deep.equal(["16", "32", "92", "212", "452", "932", "1,892", "3,812", "7,412"]);
        expect(context.notices[0]).to.equal(
            `Cut off from Jetstream for 16 seconds (127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}); trying on.`,
        );
        server = await JetstreamServer.start({ port });
        const again = server.connection();
        await nextAttempt();
        await again;
        await timers.set((each) => each === WATCH_MS);
        context.stopping.abort();
        await running;
        expect(context.notices.at(-1)).to.match(
            /^Connected to Jetstream again, at 127\.0\.0\.1:\d+, after 10,\d\d\d seconds\.$/,
        );
    });

    it("does not tell of a short cut", async () => {
        let connected = server.connection();
        const running = subscribe().run();
        const { socket } = await connected;
        connected = server.connection();
        socket.terminate();
        await nextAttempt();
        await connected;
        context.stopping.abort();
        await running;
        expect(context.notices).to.deep.equal([]);
    });

    it("goes on from now after it could not read twice at the same place", async () => {
        const bad = frame(Buffer.from([0xff]));
        server.script.push(({ raw }) => raw.write(Buffer.concat([frame(numbered(0)), bad])));
        server.script.push(({ raw }) => raw.write(Buffer.concat([frame(numbered(0)), bad])));
        const running = subscribe().run();
        await nextAttempt();
        const connected = server.connection().then(() => server.connection());
        await nextAttempt();
        await connected;
        context.stopping.abort();
        await running;
        expect(server.urls.map((url) => url.searchParams.get("cursor"))).to.deep.equal([
            null,
            String(TIME_US - 5_000_000),
            null,
        ]);
        expect(context.refusals.map(({ reason }) => reason)).to.deep.equal(["unreadable"]);
        expect(context.notices).to.deep.equal(["Jetstream goes on from now: what came before could not be read."]);
    });

    it("leaves no connection and no timer when it is stopped while it waits", async () => {
        server.script.push(({ socket }) => socket.close());
        const subscription = subscribe();
        const running = subscription.run();
        await timers.set((each) => each === 1000 || each === 500);
        expect(timers.pending).to.equal(1);
        context.stopping.abort();
        await running;
        await server.abandoned();
    });

    it("spreads the attempts of many producers", () => {
        expect([0, 0.5, 1].map((chance) => delayMs(3, () => chance))).to.deep.equal([0, 1000, 2000]);
        expect(delayMs(5000, () => 1)).to.equal(30_000);
    });
});
