import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { decodeWireRecord, type WireRecord } from "../../wire-record";

export interface ArrivedRecord {
    partitionKey: string;
    data: Buffer;
}

/** What the stub does with a request. Without any of these, it accepts all records. */
export interface Answer {
    /** An error code per record that is not accepted, by its index. */
    notAccepted?: ReadonlyMap<number, string>;
    /** An error answer for the whole request; nothing is accepted. */
    status?: number;
    type?: string;
    /** What is said about what is not accepted. */
    message?: string;
    /** What its clock shows, in milliseconds since 1970. */
    dateMs?: number;
    /** Cuts the connection: before anything is accepted, after everything is, or in the middle of the answer that says so. */
    cut?: "before" | "after" | "within" | undefined;
    /** Answers when this resolves. */
    until?: Promise<void>;
}

export type Behaviour = (records: readonly ArrivedRecord[], request: number) => Answer;

/** A server that speaks PutRecords as Kinesis does, as far as a producer can see, and does as the test says. */
export class StubStream {
    /** What was accepted, in order. */
    readonly accepted: ArrivedRecord[] = [];
    /** The size of every request: records, and bytes of data and keys. */
    readonly requests: { records: number; bytes: number }[] = [];
    /** Targets and stream names that were asked for. */
    readonly targets = new Set<string>();
    /** Whose signatures the requests carried. */
    readonly accessKeyIds = new Set<string>();
    behaviour: Behaviour = () => ({});
    private readonly sockets = new Set<Socket>();
    private readonly waiting = new Set<{ count: number; resolve: () => void }>();

    private constructor(
        private readonly server: Server,
        readonly endpointUrl: string,
    ) {}

    static async start(): Promise<StubStream> {
        const server = createServer((request, response) => {
            stub.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        // A connection that is not used for a while stays, however long the while is.
        server.keepAliveTimeout = 0;
        const stub = new StubStream(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        server.on("connection", (socket) => {
            stub.sockets.add(socket);
            socket.on("close", () => stub.sockets.delete(socket));
        });
        return stub;
    }

    get connections(): number {
        return this.sockets.size;
    }

    /** The accepted records as posts. */
    posts(): WireRecord[] {
        return this.accepted.map(({ data }) => {
            const result = decodeWireRecord(data);
            if (!result.ok) throw new Error(result.reason);
            return result.record;
        });
    }

    /** Resolves when so many requests have arrived. */
    async arrived(count: number): Promise<void> {
        if (this.requests.length >= count) return;
        await new Promise<void>((resolve) => this.waiting.add({ count, resolve }));
    }

    async close(): Promise<void> {
        for (const socket of this.sockets) socket.destroy();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { Records, StreamName } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
            StreamName: string;
            Records: { Data: string; PartitionKey: string }[];
        };
        this.targets.add(`${String(request.headers["x-amz-target"])} ${StreamName}`);
        this.accessKeyIds.add(/Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1] ?? "");
        const records = Records.map(({ Data, PartitionKey }) => ({
            data: Buffer.from(Data, "base64"),
            partitionKey: PartitionKey,
        }));
        const answer = this.behaviour(records, this.requests.length);
        const bytes = records.reduce(
            (sum, { data, partitionKey }) => sum + data.length + Buffer.byteLength(partitionKey),
            0,
        );
        this.requests.push({ records: records.length, bytes });
        for (const waiter of this.waiting) if (this.requests.length >= waiter.count) waiter.resolve();
        await answer.until;
        this.answer(records, answer, response);
    }

    private answer(records: readonly ArrivedRecord[], answer: Answer, response: ServerResponse): void {
        const { notAccepted = new Map<number, string>(), status = 200, type = "", message = "", cut } = answer;
        if (answer.dateMs !== undefined) response.setHeader("date", new Date(answer.dateMs).toUTCString());
        if (status !== 200) {
            response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
            response.end(JSON.stringify({ __type: type, message }));
            return;
        }
        if (cut === "before") {
            response.destroy();
            return;
        }
        this.accepted.push(...records.filter((_, index) => !notAccepted.has(index)));
        if (cut === "after") {
            response.destroy();
            return;
        }
        const body = JSON.stringify({
            FailedRecordCount: notAccepted.size,
            Records: records.map((_, index) => {
                const code = notAccepted.get(index);
                if (code !== undefined) return { ErrorCode: code, ErrorMessage: message };
                return { SequenceNumber: String(index).padStart(56, "4"), ShardId: "shardId-000000000000" };
            }),
        });
        response.writeHead(200, {
            "content-type": "application/x-amz-json-1.1",
            "content-length": Buffer.byteLength(body),
        });
        if (cut === "within") response.write(body.slice(0, body.length / 2), () => response.destroy());
        else response.end(body);
    }
}
