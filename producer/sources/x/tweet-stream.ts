import { ETwitterStreamEvent, TweetStream, type ApiRequestError } from "twitter-api-v2";
import { LineSplitter, type Line } from "../lines";

/**
 * What twitter-api-v2 1.29.1 gets wrong, and how it is worked around. The tests beside this file run the same connections over
 * the library as it comes: the one that fails after an update says which of these can go.
 *
 * - It decodes each chunk by itself: a character that is split between two is destroyed.
 * - It takes a chunk that is only `\r\n` for a heartbeat, also when it ends a post: that post is glued to the next one, and both
 *   are lost.
 * - It forgets the post whose line break had not arrived when the connection ended.
 *   → `WholeLineTweetStream` splits the bytes into lines itself.
 * - `for await` over a stream ends at the first disconnect, also with `autoReconnect`, leaves its retry timer running, holds
 *   what was not read yet without a bound, and the schedule of its reconnects is not X's.
 *   → The stream is listened to, for one connection; `ReconnectSchedule` and `XStream` do the rest.
 * - Compressed (which it asks for by itself), a connection that is cut is not noticed: only the compressed half of it is closed.
 *   → No compression is asked for.
 * - `requestError` of an `ApiRequestError` is always undefined.
 *   → `requestErrorOf`
 */
export class WholeLineTweetStream extends TweetStream {
    private lines = new LineSplitter();

    /**
     * @param requestData without `compression` for the reason above
     * @param reports what the stream has no event for
     */
    constructor(
        requestData: Omit<ConstructorParameters<typeof TweetStream>[0], "compression">,
        private readonly reports: {
            /** A line that is no text: what is wrong with it. */
            unreadable: (reason: string) => void;
            /** The connection ended within a post. */
            cutOff: () => void;
        },
    ) {
        super({ ...requestData, compression: "identity" });
    }

    protected override initEventsFromRequest(): void {
        const { req, res } = this;
        if (req === undefined || res === undefined) throw new Error("The stream has no connection.");
        this.lines = new LineSplitter();
        let hasEnded = false;
        const end = (error: Error) => {
            if (hasEnded) return;
            hasEnded = true;
            this.emit(ETwitterStreamEvent.ConnectionError, error);
            // Without `autoReconnect` it closes what is left, and does not fail.
            this.onConnectionError().catch((fault: unknown) => this.emit("error", fault));
        };
        req.on("error", end);
        res.on("error", end);
        res.on("close", () => end(new Error("the connection was closed")));
        res.on("data", (chunk: Buffer) => {
            for (const line of this.lines.push(chunk)) this.read(line);
        });
    }

    /** However the connection comes to its end, this is called. */
    protected override closeWithoutEmit(): void {
        super.closeWithoutEmit();
        const { lines } = this;
        this.lines = new LineSplitter();
        for (const line of lines.end()) this.readLast(line);
    }

    private read(line: Line): void {
        if (!line.ok) this.reports.unreadable(line.reason);
        else if (line.text.trim() === "") this.emit(ETwitterStreamEvent.DataKeepAlive);
        else this.parser.push(`${line.text}\r\n`);
    }

    /** A post may be whole without its line break: JSON that was cut is no JSON. */
    private readLast(line: Line): void {
        if (line.ok && line.text.trim() === "") return;
        if (line.ok && isJson(line.text)) this.read(line);
        else this.reports.cutOff();
    }
}

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

/** Why a request did not get an answer. */
export function requestErrorOf(error: ApiRequestError): unknown {
    // Its type says that it is always there.
    const named: unknown = error.requestError;
    if (named !== undefined) return named;
    const options: unknown = Reflect.get(error, "_options");
    return typeof options === "object" && options !== null && "error" in options ? options.error : error;
}
