import { expect } from "chai";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { Connection, WATCH_MS, type ConnectionSettings } from "../../../../producer/sources/bluesky/connection";
import { JetstreamServer, frame } from "./jetstream-server";
import { ManualTimers } from "./manual-timers";

describe("a connection to Jetstream", () => {
    let server: JetstreamServer;
    let timers: ManualTimers;
    let stopping: AbortController;
    let connections: Connection[];

    beforeEach(async () => {
        server = await JetstreamServer.start({ autoPong: false });
        timers = new ManualTimers();
        stopping = new AbortController();
        connections = [];
    });

    afterEach(async () => {
        stopping.abort();
        await Promise.all(connections.map(({ ended }) => ended));
        await server.stop();
        expect(timers.pending, "timers left").to.equal(0);
    });

    function connect(settings: Partial<ConnectionSettings> = {}): Connection {
        const connection = new Connection({
            url: new URL(server.url),
            signal: stopping.signal,
            after: timers.after,
            isPaused: false,
            quietIntervalsMax: Infinity,
            onOpen: () => undefined,
            onMessage: () => undefined,
            ...settings,
        });
        connections.push(connection);
        return connection;
    }

    const isWatch = (milliseconds: number) => milliseconds === WATCH_MS;

    it("pings a server that is silent for an interval, and gives it up after another one", async () => {
        const connected = server.connection();
        const connection = connect();
        const { socket } = await connected;
        await timers.fire(isWatch);
        const pinged = once(socket, "ping");
        await timers.fire(isWatch);
        await pinged;
        await timers.fire(isWatch);
        expect(await connection.ended).to.deep.equal({
            reason: "it fell silent",
            hasOpened: true,
            wasSteady: true,
            isUnreadable: false,
        });
    });

    it("keeps a server that answers pings, also without events", async () => {
        const connected = server.connection();
        const connection = connect();
        const { socket } = await connected;
        let isOver = false;
        const ended = connection.ended.then(() => (isOver = true));
        await timers.fire(isWatch);
        for (let round = 0; round < 5; round += 1) {
            const pinged = once(socket, "ping");
            await timers.fire(isWatch);
            await pinged;
            socket.pong();
            // What is sent after the pong arrives after it.
            const answered = once(socket, "pong");
            socket.ping();
            await answered;
            await timers.fire(isWatch);
        }
        expect(isOver).to.be.false;
        stopping.abort();
        await ended;
    });

    it("gives up a server that pings and sends no events, when it should have some", async () => {
        const connected = server.connection();
        const connection = connect({ quietIntervalsMax: 2 });
        const { socket } = await connected;
        for (let round = 0; round < 3; round += 1) {
            const answered = once(socket, "pong");
            socket.ping();
            await answered;
            await timers.fire(isWatch);
        }
        expect((await connection.ended).reason).to.equal("it sent no more events");
    });

    it("does not take its own pause for silence", async () => {
        const connected = server.connection();
        const connection = connect({ quietIntervalsMax: 2 });
        const { socket } = await connected;
        connection.pause();
        for (let round = 0; round < 5; round += 1) await timers.fire(isWatch);
        connection.resume();
        await timers.fire(isWatch);
        socket.close(1001, "bye");
        expect((await connection.ended).reason).to.equal("it closed the connection with 1001: bye");
    });

    it("begins paused when nothing is to be read", async () => {
        const messages: string[] = [];
        const connected = server.connection();
        const connection = connect({ isPaused: true, onMessage: (data) => messages.push(data.toString()) });
        const { socket } = await connected;
        await new Promise((resolve) => socket.send("one", resolve));
        await timers.fire(isWatch);
        expect(messages).to.deep.equal([]);
        connection.resume();
        socket.close();
        await connection.ended;
        expect(messages).to.deep.equal(["one"]);
    });

    it("gives up a server that accepts the connection and says nothing", async () => {
        const silent: Server = createServer();
        await once(silent.listen(0, "127.0.0.1"), "listening");
        const { port } = silent.address() as AddressInfo;
        const connection = connect({ url: new URL(`ws://127.0.0.1:${port}`) });
        await timers.fire();
        expect(await connection.ended).to.deep.include({ reason: "it did not answer", hasOpened: false });
        await new Promise((resolve) => silent.close(resolve));
    });

    it("says what a server answered that does not speak WebSocket", async () => {
        const plain = createServer((socket) =>
            socket.resume().end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
        );
        await once(plain.listen(0, "127.0.0.1"), "listening");
        const { port } = plain.address() as AddressInfo;
        const connection = connect({ url: new URL(`ws://127.0.0.1:${port}`) });
        expect((await connection.ended).reason).to.equal("it answered with the HTTP status 503");
        await new Promise((resolve) => plain.close(resolve));
    });

    it("says that nobody listens, also where a name has several addresses", async () => {
        const { port } = server;
        await server.stop();
        for (const host of ["127.0.0.1", "localhost"]) {
            const end = await connect({ url: new URL(`ws://${host}:${port}`) }).ended;
            expect(end.reason).to.match(/^connect ECONNREFUSED /);
            expect(end.hasOpened).to.be.false;
        }
        server = await JetstreamServer.start();
    });

    it("is over at once when it is stopped, before or after it has opened", async () => {
        const gone = new AbortController();
        gone.abort();
        expect((await connect({ signal: gone.signal }).ended).hasOpened).to.be.false;
        const connected = server.connection();
        const connection = connect();
        await connected;
        stopping.abort();
        expect((await connection.ended).reason).to.equal("stopped");
    });

    it("hands on nothing after it has been stopped", async () => {
        const messages: string[] = [];
        server.script.push(({ raw }) => raw.write(Buffer.concat([frame("one"), frame("two"), frame("three")])));
        const connection = connect({
            onMessage: (data) => {
                messages.push(data.toString());
                stopping.abort();
            },
        });
        await connection.ended;
        expect(messages).to.deep.equal(["one"]);
    });

    it("says that what came breaks the protocol", async () => {
        for (const bytes of [frame(Buffer.from([0xff, 0xfe])), Buffer.from([0xff, 0xff, 0xff]), frame("x", 0x83)]) {
            server.script.push(({ raw }) => raw.write(bytes));
            const end = await connect().ended;
            expect(end, bytes.toString("hex")).to.deep.include({ hasOpened: true, isUnreadable: true });
        }
    });

    it("does not take a cut in the middle of a message for a broken protocol", async () => {
        server.script.push(({ raw }) => raw.end(frame("one").subarray(0, 3)));
        expect(await connect().ended).to.deep.include({ reason: "the connection broke", isUnreadable: false });
    });

    it("keeps control characters of the server off the terminal", async () => {
        server.script.push(({ socket }) => socket.close(4000, "\u001b[2Jhello"));
        expect((await connect().ended).reason).to.equal("it closed the connection with 4000: \ufffd[2Jhello");
    });
});
