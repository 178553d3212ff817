import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
    Kinesis,
    waitUntilStreamExists,
    waitUntilStreamNotExists,
    type CreateStreamCommandInput,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { STATE_CHANGE_MS } from "../../../local/kinesis/limits";
import { KinesisService, type KinesisOptions } from "../../../local/kinesis/service";
import type { ServiceRequest } from "../../../local/service";
import { emulators, type Emulator } from "./known-differences";

/**
 * The suite in operations/ says how Kinesis behaves, and runs on any of them:
 *
 * - on the embedded one, behind a server of its own, as part of `npm test`;
 * - on AWS, with the region and credentials of the environment (it creates some dozens of streams and deletes them again):
 *
 *       KINESIS_ENDPOINT=https://kinesis.eu-west-1.amazonaws.com npx mocha "test/local/kinesis/operations/*.test.ts"
 *
 * - on another emulator, whose differences known-differences.ts lists under the name in KINESIS_EMULATOR: there they are
 *   pending, each with its reason, and one that is no longer true fails. kinesis-local.test.ts does this by itself where that
 *   package is installed (`npm install --no-save kinesis-local@0.6.2`). By hand, for one file or a server that runs already;
 *   started like this, kinesis-local listens on all interfaces:
 *
 *       export KINESIS_MOCK_CERT_PATH=node_modules/kinesis-local/server.json KINESIS_MOCK_PLAIN_PORT=4568
 *       SHARD_LIMIT=500 ON_DEMAND_STREAM_COUNT_LIMIT=50 npx kinesis-local
 *       KINESIS_EMULATOR=kinesis-local KINESIS_ENDPOINT=http://127.0.0.1:4568 npx mocha "test/local/kinesis/operations/*.test.ts"
 *
 * The client speaks HTTP/1.1 to an address with `http:`, and HTTP/2 to one with `https:`.
 */
export const remoteEndpoint = process.env.KINESIS_ENDPOINT;

export const emulator = emulatorNamed(process.env.KINESIS_EMULATOR);

/** Between two attempts to delete a stream that is about to change or to go, or too many at once. */
const DELETE_INTERVAL_MS = STATE_CHANGE_MS;

/** Everything that the tests of a suite need; filled in before the first of them. */
export interface KinesisUnderTest {
    /** The real client of the AWS SDK; without retries on the embedded Kinesis. */
    readonly client: Kinesis;
    /** Creates a stream that is deleted after the suite, waits until it is ACTIVE and gives its name. */
    createStream(input?: Omit<CreateStreamCommandInput, "StreamName">): Promise<string>;
    /** Waits until the stream is ACTIVE after a change, which on AWS takes its time. */
    settled(streamName: string): Promise<void>;
    /** Waits until there is no stream of that name. */
    gone(streamName: string): Promise<void>;
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

    before(async function () {
        if (emulator !== undefined) expectDifferences(emulator, this.test!.parent!);
        if (remoteEndpoint === undefined) local = await startLocal(options);
        const endpoint = remoteEndpoint ?? local?.endpointUrl ?? "";
        client = new Kinesis({
            endpoint,
            ...((local !== undefined || emulator !== undefined) && {
                maxAttempts: 1,
                region: "us-east-1",
                credentials: { accessKeyId: "test", secretAccessKey: "test" },
            }),
            // The client speaks HTTP/2 by default, which a plain HTTP endpoint need not.
            ...(endpoint.startsWith("http:") && { requestHandler: new NodeHttpHandler() }),
        });
    });

    after(async () => {
        for (const StreamName of created) await deleteStream(StreamName);
        client?.destroy();
        local?.service.close();
        await new Promise((resolve) => (local === undefined ? resolve(undefined) : local.server.close(resolve)));
    });

    const settled = async (StreamName: string) => {
        local?.clock.advance(STATE_CHANGE_MS);
        const delays = emulator === undefined ? { minDelay: 1 } : { minDelay: 0.02, maxDelay: 1 };
        await waitUntilStreamExists({ client: defined(client), maxWaitTime: 120, ...delays }, { StreamName });
    };

    /** Deletes a stream that a test may have deleted itself, or left in the middle of a change. */
    const deleteStream = async (StreamName: string) => {
        for (;;) {
            try {
                await defined(client).deleteStream({ StreamName });
                return;
            } catch (error) {
                const { name } = error as Error;
                if (name === "ResourceNotFoundException") return;
                if (name !== "ResourceInUseException" && name !== "LimitExceededException") throw error;
                if (local !== undefined) local.clock.advance(DELETE_INTERVAL_MS);
                else await new Promise((resolve) => setTimeout(resolve, DELETE_INTERVAL_MS));
            }
        }
    };

    return {
        settled,
        async gone(StreamName) {
            local?.clock.advance(STATE_CHANGE_MS);
            const delays = emulator === undefined ? { minDelay: 1 } : { minDelay: 0.02, maxDelay: 1 };
            await waitUntilStreamNotExists({ client: defined(client), maxWaitTime: 120, ...delays }, { StreamName });
        },
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
        if (error instanceof Error && !isNoAnswer(error)) return error;
        throw error;
    }
    throw new Error("Expected the call to fail");
}

/** Checks the sentence of an error, unless the emulator has its own. */
export function expectMessage(error: Error, expected: string | RegExp): void {
    if (emulator?.ownWording !== undefined) return;
    if (typeof expected === "string") expect(error.message).to.equal(expected);
    else expect(error.message).to.match(expected);
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

/** Whether the connection failed, as it does when an emulator has ended: that says nothing about Kinesis. */
function isNoAnswer(error: unknown): boolean {
    return error instanceof Error && "syscall" in error;
}

function emulatorNamed(name: string | undefined): Emulator | undefined {
    if (name === undefined) return undefined;
    const found = emulators.get(name);
    const names = Array.from(emulators.keys()).join(", ");
    if (found === undefined) throw new Error(`Expected KINESIS_EMULATOR to be one of ${names}, got '${name}'`);
    if (remoteEndpoint === undefined) throw new Error("Expected KINESIS_ENDPOINT beside KINESIS_EMULATOR");
    return found;
}

/** Makes the cases of a suite in which the emulator differs pending, once they have shown that they do fail. */
function expectDifferences({ differences }: Emulator, suite: Mocha.Suite): void {
    for (const [title, reason] of Object.entries(differences[suite.title] ?? {})) {
        const test = suite.tests.find((candidate) => candidate.title === title);
        if (test === undefined) throw new Error(`"${title}" of known-differences.ts is no test of "${suite.title}"`);
        const run = test.fn as Mocha.AsyncFunc;
        test.fn = async function (this: Mocha.Context) {
            let passed = true;
            try {
                await run.call(this);
            } catch (error) {
                if (isNoAnswer(error)) throw error;
                passed = false;
            }
            if (passed) throw new Error("It passes: take it out of known-differences.ts");
            test.title = `${title} (differs: ${reason})`;
            this.skip();
        };
    }
}

function defined<Value>(value: Value | undefined): Value {
    if (value === undefined) throw new Error("Not there before the suite has started, or on a remote endpoint");
    return value;
}
