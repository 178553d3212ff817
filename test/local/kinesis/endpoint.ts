import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Kinesis, waitUntilStreamExists, type CreateStreamCommandInput } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { AwsError } from "../../../local/aws-error";
import { KinesisService, type KinesisOptions } from "../../../local/kinesis/service";
import type { ServiceRequest } from "../../../local/service";

/**
 * Where the suite runs: on the embedded Kinesis behind a server of its own, or on the endpoint in KINESIS_ENDPOINT (real AWS,
 * `https://kinesis.eu-west-1.amazonaws.com`, or an emulator) with region and credentials of the environment.
 */
export const remoteEndpoint = process.env.KINESIS_ENDPOINT;

/** Creating and resharding streams takes up to a minute each on AWS. */
const REMOTE_TIMEOUT_MS = 300_000;

/** Everything that the tests of a suite need; filled in before the first of them. */
export interface KinesisUnderTest {
    /** The real client of the AWS SDK; without retries on the embedded Kinesis. */
    readonly client: Kinesis;
    /** Creates a stream that is deleted after the suite, waits until it is ACTIVE and gives its name. */
    createStream(input?: Omit<CreateStreamCommandInput, "StreamName">): Promise<string>;
    /** Waits until the stream is ACTIVE after a change, which on AWS takes its time. */
    settled(streamName: string): Promise<void>;
    /** A name that no stream has. */
    freshName(): string;
    /** Lets time pass: by the injected clock, or on a remote endpoint in fact. */
    pause(milliseconds: number): Promise<void>;
    /** The embedded service and its clock; a remote endpoint has none. */
    readonly local: { readonly service: KinesisService; readonly clock: TestClock; readonly endpointUrl: string };
}

export class TestClock {
    constructor(public now = Date.UTC(2026, 10, 23, 6)) {}
    advance(milliseconds: number): void {
        this.now += milliseconds;
    }
}

/** Sets up and clears away a Kinesis for the `describe` in which it is called. */
export function useKinesis(options: Partial<KinesisOptions> = {}): KinesisUnderTest {
    const created: string[] = [];
    let client: Kinesis | undefined;
    let local: (KinesisUnderTest["local"] & { server: Server }) | undefined;

    before(async () => {
        if (remoteEndpoint === undefined) local = await startLocal(options);
        const endpoint = remoteEndpoint ?? local?.endpointUrl ?? "";
        client = new Kinesis({
            endpoint,
            ...(local !== undefined && {
                maxAttempts: 1,
                region: "us-east-1",
                credentials: { accessKeyId: "test", secretAccessKey: "test" },
            }),
            // The client speaks HTTP/2 by default, which a plain HTTP endpoint need not.
            ...(endpoint.startsWith("http:") && { requestHandler: new NodeHttpHandler() }),
        });
    });

    beforeEach(function () {
        if (remoteEndpoint !== undefined) this.currentTest?.timeout(REMOTE_TIMEOUT_MS);
    });

    after(async function () {
        this.timeout(REMOTE_TIMEOUT_MS);
        for (const StreamName of created) await client?.deleteStream({ StreamName }).catch(ignoreMissing);
        client?.destroy();
        local?.service.close();
        await new Promise((resolve) => (local === undefined ? resolve(undefined) : local.server.close(resolve)));
    });

    const settled = async (StreamName: string) => {
        await waitUntilStreamExists({ client: defined(client), maxWaitTime: 120, minDelay: 1 }, { StreamName });
    };

    return {
        settled,
        get client() {
            return defined(client);
        },
        get local() {
            return defined(local);
        },
        freshName: uniqueName,
        async createStream(input = { ShardCount: 1 }) {
            const StreamName = uniqueName();
            await defined(client).createStream({ StreamName, ...input });
            created.push(StreamName);
            await settled(StreamName);
            return StreamName;
        },
        async pause(milliseconds) {
            if (local !== undefined) local.clock.advance(milliseconds);
            else await new Promise((resolve) => setTimeout(resolve, milliseconds));
        },
    };
}

/** A test of what only the injected clock or the service itself can show; left out, visibly, on a remote endpoint. */
export function itLocally(title: string, test: () => Promise<void> | void): void {
    if (remoteEndpoint === undefined) it(title, test);
    else it.skip(`${title} (needs the injected clock)`, test);
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<Error> {
    try {
        await call;
    } catch (error) {
        if (error instanceof Error) return error;
    }
    throw new Error("Expected the call to fail");
}

/** Sends a request as it is, without the SDK's serialization; embedded service only. */
export async function sendRaw(
    kinesis: KinesisUnderTest,
    operation: string,
    body: string,
    contentType = "application/x-amz-json-1.1",
): Promise<{ status: number; body: unknown }> {
    const response = await fetch(kinesis.local.endpointUrl, {
        method: "POST",
        headers: { "content-type": contentType, "x-amz-target": `Kinesis_20131202.${operation}` },
        body,
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? "" : JSON.parse(text) };
}

export function serviceRequest(operation: string, body: string | Buffer): ServiceRequest {
    return {
        method: "POST",
        url: "/",
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: Buffer.from(body),
        operation,
        principal: { arn: "arn:aws:iam::000000000000:user/test", policies: () => "administrator" },
        requestId: "00000000-0000-0000-0000-000000000000",
    };
}

async function startLocal(options: Partial<KinesisOptions>) {
    const clock = new TestClock();
    const service = new KinesisService({ region: "us-east-1", clock: () => clock.now, ...options });
    const server = createServer((request, response) => {
        answer(service, request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { clock, service, server, endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** What the front door does for a service, without signatures and permissions. */
async function answer(service: KinesisService, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    try {
        const forService = { ...serviceRequest(operation, Buffer.concat(chunks)), headers };
        const answered = await service.handle(forService);
        response.writeHead(answered.status, answered.headers).end(answered.body);
    } catch (error) {
        const { code, message, status } = error instanceof AwsError ? error : new AwsError("Bug", String(error), 500);
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify({ __type: code, message }));
    }
}

function uniqueName(): string {
    return `kinesis-suite-${Math.random().toString(36).slice(2)}`;
}

function ignoreMissing(error: Error): void {
    if (error.name !== "ResourceNotFoundException") throw error;
}

function defined<Value>(value: Value | undefined): Value {
    if (value === undefined) throw new Error("Not there before the suite has started, or on a remote endpoint");
    return value;
}
