import { expect } from "chai";
import { XClient } from "../../../../producer/sources/x/client";
import { XStream } from "../../../../producer/sources/x/stream";
import type { WireRecord } from "../../../../wire-record";
import { surroundings } from "../../../../producer/surroundings";
import { line, xPost } from "./posts";
import { RecordingContext } from "./recording-context";
import { BEARER_TOKEN, XServer } from "./x-server";

const HEADERS = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("X's stream through connections that are cut at every byte", () => {
    let server: XServer;
    before(async () => (server = await XServer.start()));
    after(() => server.close());

    it("gives every post that came whole, once, and counts those that did not", async () => {
        const length = answer(0).bytes.length;
        const expected: string[] = [];
        let cutOff = 0;
        server.script = async (connection) => {
            const number = connection.number - 1;
            // The last of them was cut after all of its bytes.
            if (number > length) {
                context.stopping.abort();
                return;
            }
            const { bytes, wholeAt, cutBetween } = answer(number);
            expected.push(...wholeAt.filter(({ at }) => at <= number).map(({ id }) => id));
            if (cutBetween.some(([from, to]) => number > from && number < to)) cutOff += 1;
            await connection.raw(bytes.subarray(0, number));
            connection.cut();
        };
        const context = new RecordingContext();
        const api = new XClient({ apiUrl: server.url, credentials: { bearerToken: BEARER_TOKEN } }, () =>
            server.agent(),
        );
        const settings = { rules: ["yolo"], keepRules: false, maxPosts: 1_000_000 };
        const posts: WireRecord[] = [];
        const stream = new XStream(api, settings, context, surroundings.after);
        for await (const chunk of stream.chunks()) posts.push(...chunk);

        expect(posts.map(({ id }) => id)).to.deep.equal(expected);
        for (const { id, message } of posts) expect(message).to.equal(textOfPost(id));
        expect(context.drops).to.deep.equal({ "cut off with the connection": cutOff });
        expect(context.refusals).to.be.empty;
        expect(server.streamsOpened).to.equal(length + 2);
        expect(server.rules.size).to.equal(0);
        await server.allClosed();
    });
});

const textOfPost = (id: string) => `${id} 日本🔥`;

/**
 * What the server sends on the connection with that number: two posts and heartbeats, each with a number that no other
 * connection uses, in HTTP chunks that cut a character, and a line break from its post.
 */
function answer(number: number) {
    const id = (index: number) => `${String(number).padStart(4, "0")}${index}`;
    const [first, second] = [id(1), id(2)].map((one) => line(xPost(one, textOfPost(one)))) as [Buffer, Buffer];
    const within = first.indexOf("🔥") + 2;
    const chunks = [
        Buffer.from("\r\n"),
        first.subarray(0, within),
        first.subarray(within, -2),
        Buffer.from("\r\n"),
        Buffer.concat([Buffer.from("\r\n"), second, Buffer.from("\r\n")]),
    ];
    const pieces: Buffer[] = [Buffer.from(HEADERS)];
    let sent = pieces[0]!.length;
    /** Where in the answer each byte of the body ends. */
    const bodyAt: number[] = [];
    for (const chunk of chunks) {
        const framed = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);
        const start = sent + framed.indexOf("\n") + 1;
        for (let at = 1; at <= chunk.length; at += 1) bodyAt.push(start + at);
        pieces.push(framed);
        sent += framed.length;
    }
    // A post is whole without its line break. The first begins after a heartbeat, the second after the first and another.
    const starts = [2, 2 + first.length + 2];
    const ends = [starts[0]! + first.length - 2, starts[1]! + second.length - 2];
    return {
        bytes: Buffer.concat(pieces),
        wholeAt: ends.map((end, index) => ({ id: id(index + 1), at: bodyAt[end - 1]! })),
        /** Cut after the first byte of a post and before its last. */
        cutBetween: starts.map((start, index) => [bodyAt[start]! - 1, bodyAt[ends[index]! - 1]!] as const),
    };
}
