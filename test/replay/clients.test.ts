import { expect } from "chai";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openClients, type Clients } from "../../replay/clients";

const COPIED =
    "<CopyObjectResult><ETag>x</ETag><LastModified>2026-11-23T06:00:00.000Z</LastModified></CopyObjectResult>";
const errorBody = (code: string) => `<Error><Code>${code}</Code><Message>a message</Message></Error>`;

interface Answer {
    readonly status: number;
    readonly body: string | Buffer;
}

/** S3, as a list of answers, one for each request; then everything is as it should be. */
class StubS3 {
    readonly requests: string[] = [];
    answers: Answer[] = [];
    private readonly server: Server = createServer((request, response) => {
        request.resume();
        this.requests.push(`${request.method ?? ""} ${request.url?.split("?")[0] ?? ""}`);
        const { status, body } = this.answers.shift() ?? this.usual(request);
        response.writeHead(status, { "content-type": "application/xml" }).end(body);
    });

    async start(): Promise<string> {
        await once(this.server.listen(0, "127.0.0.1"), "listening");
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    async close(): Promise<void> {
        this.server.close();
        this.server.closeAllConnections();
        await once(this.server, "close");
    }

    private usual({ method }: IncomingMessage): Answer {
        return { status: method === "DELETE" ? 204 : 200, body: method === "PUT" ? COPIED : "" };
    }
}

describe("the failed-events bucket, as a replay uses it", function () {
    const s3 = new StubS3();
    const before_ = process.env.AWS_ENDPOINT_URL;
    let clients: Clients;

    before(async () => {
        process.env.AWS_ENDPOINT_URL = await s3.start();
        const credentials = { accessKeyId: "AKIA", secretAccessKey: "secret" };
        const target = { streamName: "posts", bucketName: "failed", region: "us-east-1", credentials };
        clients = openClients(target, new AbortController().signal);
    });
    after(async () => {
        if (before_ === undefined) delete process.env.AWS_ENDPOINT_URL;
        else process.env.AWS_ENDPOINT_URL = before_;
        clients.close();
        await s3.close();
    });
    beforeEach(() => {
        s3.requests.length = 0;
        s3.answers = [];
    });

    const copy = "PUT /failed/replayed/quarantine/a%20b%2B1";
    const deletion = "DELETE /failed/quarantine/a%20b%2B1";
    const mark = () => clients.bucket.markReplayed("quarantine/a b+1");
    const failureOf = (work: Promise<unknown>) =>
        work.then(
            () => "none",
            (error: unknown) => (error as Error).message,
        );

    it("has an object moved by a copy, and then a deletion", async () => {
        await mark();
        expect(s3.requests).to.deep.equal([copy, deletion]);
    });

    it("has no object deleted whose copy failed after it had begun to answer with status 200", async () => {
        s3.answers = [{ status: 200, body: errorBody("InternalError") }];
        await mark();
        expect(s3.requests).to.deep.equal([copy, copy, deletion]);

        // The SDK takes this for the answer of a copy that was made.
        s3.requests.length = 0;
        s3.answers = [{ status: 200, body: `${errorBody("InternalError")}\n` }];
        expect(await failureOf(mark())).to.equal("S3 did not say that it has (copying quarantine/a b+1 to replayed/)");
        expect(s3.requests).to.deep.equal([copy]);
    });

    it("has no object deleted that is gone, and none read", async () => {
        s3.answers = Array.from({ length: 2 }, () => ({ status: 404, body: errorBody("NoSuchKey") }));
        await mark();
        expect(await clients.bucket.read("quarantine/x")).to.equal(undefined);
        expect(s3.requests).to.deep.equal([copy, "GET /failed/quarantine/x"]);
    });

    it("says what to check when the bucket itself is gone, which is not an object that is gone", async () => {
        for (const work of [() => mark(), () => clients.bucket.read("quarantine/x")]) {
            s3.answers = [{ status: 404, body: errorBody("NoSuchBucket") }];
            expect(await failureOf(work())).to.match(/^There is no bucket `failed`: check `failedEventsBucket` /);
        }
    });

    it("gives the bytes of an object as they are", async () => {
        s3.answers = [{ status: 200, body: Buffer.from([0xff, 0]) }];
        expect(Array.from((await clients.bucket.read("quarantine/x")) ?? [])).to.deep.equal([0xff, 0]);
        expect(await clients.bucket.read("quarantine/empty")).to.have.length(0);
    });
});
