import { Agent, request as httpRequest, type RequestOptions } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer } from "node:net";
import { Kinesis } from "@aws-sdk/client-kinesis";
import { cbor } from "@smithy/core/cbor";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { BODY_BYTES_MAX } from "../../../local/front-door/raw-request";
import {
    type Denial,
    type FrontDoorFaults,
    type RequestReport,
    startFrontDoor,
} from "../../../local/front-door/server";
import { Identities } from "../../../local/iam/identities";
import type { Service, ServiceRequest, ServiceResponse } from "../../../local/service";
import { allow, rejection, startTestCloud, type TestCloud } from "./cloud";

const STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/posts";

/** Answers every operation with its own request, or as a test wants. */
class EchoService implements Service {
    readonly name = "kinesis";
    readonly protocol = "json";
    readonly requests: ServiceRequest[] = [];
    answer: (request: ServiceRequest) => Promise<object> = async () => ({});

    authorizations(request: ServiceRequest): { action: string; resource: string }[] {
        return [{ action: `kinesis:${request.operation}`, resource: STREAM_ARN }];
    }

    async handle(request: ServiceRequest): Promise<ServiceResponse> {
        this.requests.push(request);
        const body = JSON.stringify(await this.answer(request));
        return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body };
    }
}

interface PlainResponse {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: string;
}

/** A request that no SDK would make. */
function send(port: number, options: RequestOptions, body: string | Buffer = ""): Promise<PlainResponse> {
    return new Promise((resolve, reject) => {
        const request = httpRequest({ host: "127.0.0.1", port, ...options }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () => {
                const { statusCode: status = 0, headers } = response;
                resolve({ status, headers, body: Buffer.concat(chunks).toString() });
            });
        });
        request.on("error", reject);
        request.end(body);
    });
}

describe("the front door", () => {
    let service: EchoService;
    let cloud: TestCloud;
    let denials: Denial[];
    let reports: RequestReport[];
    let failures: unknown[];
    let fault: ReturnType<FrontDoorFaults["consult"]>;
    let clients: Kinesis[];
    let logged: (line: string) => void;

    beforeEach(async () => {
        service = new EchoService();
        logged = () => undefined;
        [denials, reports, failures, clients, fault] = [[], [], [], [], undefined];
        cloud = await startTestCloud({
            services: [service],
            faults: { consult: () => fault },
            log: (line) => logged(line),
            onDenied: (denial) => denials.push(denial),
            onRequest: (report) => reports.push(report),
            onInternalFailure: (error) => failures.push(error),
        });
    });
    afterEach(async () => {
        clients.forEach((client) => client.destroy());
        await cloud.frontDoor.close();
    });

    const http2 = (settings = cloud.administrator): Kinesis => {
        const client = new Kinesis(settings);
        clients.push(client);
        return client;
    };
    const http1 = (settings = cloud.administrator): Kinesis => {
        const client = new Kinesis({
            ...settings,
            requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true }) }),
        });
        clients.push(client);
        return client;
    };

    for (const [name, make] of [
        ["HTTP/1.1", http1],
        ["HTTP/2 with prior knowledge", http2],
    ] as const) {
        describe(`over ${name}`, () => {
            it("hands signed requests to the service, one after another and at once", async () => {
                service.answer = async (request) => JSON.parse(request.body.toString()) as object;
                const client = make();
                const data = Buffer.alloc(400_000, "é");
                const put = (name: string): Promise<unknown> =>
                    client.putRecord({ StreamName: name, PartitionKey: "p", Data: data });
                await put("first");
                await Promise.all(Array.from({ length: 20 }, (_, index) => put(`many-${index}`)));
                expect(service.requests).to.have.lengthOf(21);
                const [first] = service.requests;
                expect(first).to.deep.include({ method: "POST", url: "/", operation: "PutRecord" });
                expect(first?.headers).to.include({ "x-amz-target": "Kinesis_20131202.PutRecord" });
                expect(first?.headers).to.not.have.property(":authority");
                expect(first?.principal.arn).to.equal("arn:aws:iam::000000000000:user/administrator");
                expect(JSON.parse(first!.body.toString())).to.include({ Data: data.toString("base64") });
            });

            it("denies in AWS's words, and reports it", async () => {
                const client = make(cloud.clientOf("producer", allow("kinesis:PutRecords", STREAM_ARN)));
                await client.putRecords({ StreamName: "posts", Records: [] });
                const error = await rejection(client.deleteStream({ StreamName: "posts" }));
                const message =
                    "User: arn:aws:iam::000000000000:user/producer is not authorized to perform: kinesis:DeleteStream " +
                    `on resource: ${STREAM_ARN} because no identity-based policy allows the kinesis:DeleteStream action`;
                expect(error).to.include({ name: "AccessDeniedException", message });
                expect(denials).to.deep.equal([
                    {
                        principalArn: "arn:aws:iam::000000000000:user/producer",
                        action: "kinesis:DeleteStream",
                        resource: STREAM_ARN,
                        message,
                    },
                ]);
                expect(service.requests).to.have.lengthOf(1);
            });

            it("refuses a wrong secret", async () => {
                const { accessKeyId } = cloud.administrator.credentials;
                const credentials = { accessKeyId, secretAccessKey: "wrong" };
                const error = await rejection(make({ ...cloud.administrator, credentials }).listStreams({}));
                expect(error).to.include({ name: "InvalidSignatureException", $fault: "client" });
                expect(service.requests).to.have.lengthOf(0);
            });

            it("answers with the service's errors", async () => {
                service.answer = () => Promise.reject(new AwsError("ResourceNotFoundException", "Stream x not found"));
                const error = await rejection(make().describeStream({ StreamName: "x" }));
                expect(error).to.include({ name: "ResourceNotFoundException", message: "Stream x not found" });
                expect(reports[0]).to.include({ service: "kinesis", operation: "DescribeStream", status: 400 });
                expect(reports[0]).to.include({ errorCode: "ResourceNotFoundException" });
            });

            it("answers 500 to a failure of ours, and reports it", async () => {
                const failure = new RangeError("a mistake");
                service.answer = () => Promise.reject(failure);
                const error = await rejection(make().listStreams({}));
                expect(error).to.include({ name: "InternalFailure", $fault: "server" });
                expect(failures).to.deep.equal([failure]);
            });

            it("injects errors, and takes connections away before or after the request is handled", async () => {
                const client = make();
                fault = new AwsError("InternalFailure", "injected", 500);
                expect(await rejection(client.listStreams({}))).to.include({ message: "injected" });
                fault = "close before";
                await rejection(client.listStreams({}));
                expect(service.requests).to.have.lengthOf(0);
                fault = "close after";
                await rejection(client.listStreams({}));
                expect(service.requests).to.have.lengthOf(1);
                fault = undefined;
                await client.listStreams({});
            });

            it("closes while requests are under way", async () => {
                const client = make();
                const arrived = new Promise<void>((resolve) => {
                    service.answer = () => {
                        resolve();
                        return new Promise(() => undefined);
                    };
                });
                const refused = rejection(client.listStreams({}));
                await arrived;
                await cloud.frontDoor.close();
                await refused;
            });
        });
    }

    it("accepts temporary credentials with their token only", async () => {
        const { identities, administrator } = cloud;
        identities.createRole("r", {
            Version: "2012-10-17",
            Statement: { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
        });
        identities.putRolePolicy("r", "p", allow("kinesis:*", "*"));
        const session = identities.assumeRole("arn:aws:iam::000000000000:role/r", "s", "lambda.amazonaws.com");
        const { accessKeyId, secretAccessKey, sessionToken } = session;
        const withToken = { accessKeyId, secretAccessKey, sessionToken };
        await http2({ ...administrator, credentials: withToken }).listStreams({});
        expect(service.requests[0]?.principal.arn).to.equal("arn:aws:sts::000000000000:assumed-role/r/s");
        const error = await rejection(
            http2({ ...administrator, credentials: { accessKeyId, secretAccessKey } }).listStreams({}),
        );
        expect(error).to.include({ name: "UnrecognizedClientException" });
        expect(error.message).to.equal("The security token included in the request is invalid.");
    });

    it("keeps an HTTP/1.1 connection for the next request, also after an error", async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const { port } = cloud.frontDoor;
        const first = await send(port, { agent, method: "POST", headers: { "x-amz-target": "X.Y" } }, "{}");
        const second = await send(port, { agent, method: "POST", headers: { "x-amz-target": "X.Y" } }, "{}");
        agent.destroy();
        expect(JSON.parse(first.body)).to.include({ __type: "MissingAuthenticationTokenException" });
        expect([first.status, first.headers.connection]).to.deep.equal([400, "keep-alive"]);
        expect(second.headers["x-amzn-requestid"]).to.match(/^[0-9a-f-]{36}$/);
    });

    it("tells the protocols apart when the first bytes come one by one", async () => {
        const answers = await Promise.all(
            ["POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"].map(
                (text) =>
                    new Promise<string>((resolve, reject) => {
                        const socket = connect(cloud.frontDoor.port, "127.0.0.1");
                        socket.once("data", (data) => {
                            socket.destroy();
                            resolve(data.toString("latin1"));
                        });
                        socket.once("error", reject);
                        const writeFrom = (at: number): void => {
                            if (at < text.length) {
                                socket.write(text.charAt(at), () => setImmediate(() => writeFrom(at + 1)));
                            }
                        };
                        socket.setNoDelay(true);
                        writeFrom(0);
                    }),
            ),
        );
        expect(answers[0]).to.match(/^HTTP\/1.1 403 Forbidden/);
        // A SETTINGS frame: three bytes of length, then its type.
        expect(answers[1]?.charCodeAt(3)).to.equal(4);
    });

    for (const [title, bytes] of [
        ["just above", BODY_BYTES_MAX + 1],
        ["far above", 5 * BODY_BYTES_MAX],
    ] as const) {
        it(`answers a client that sends a body ${title} the limit, over HTTP/1.1 and HTTP/2`, async () => {
            const { port, endpointUrl } = cloud.frontDoor;
            const body = Buffer.alloc(bytes);
            const headers = { "x-amz-target": "X.Y" };
            const response = await send(port, { method: "POST", headers }, body);
            expect([response.status, response.headers.connection]).to.deep.equal([413, "keep-alive"]);
            expect(JSON.parse(response.body)).to.include({ __type: "RequestEntityTooLargeException" });

            const session = connectHttp2(endpointUrl);
            const stream = session.request({ ":method": "POST", ":path": "/", ...headers });
            const answer = new Promise((resolve, reject) => {
                const chunks: Buffer[] = [];
                stream.on("data", (chunk: Buffer) => chunks.push(chunk));
                stream.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
                stream.on("error", reject);
            });
            stream.end(body);
            expect(await answer).to.include({ __type: "RequestEntityTooLargeException" });
            session.destroy();
        });
    }

    it("takes the larger requests of a service that has some", async () => {
        const large = Object.assign(new EchoService(), { requestBytesMax: 2 * BODY_BYTES_MAX });
        const own = await startTestCloud({ services: [large], onInternalFailure: (error) => failures.push(error) });
        const authorization = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/kinesis/aws4_request";
        const headers = { authorization, "x-amz-target": "X.Y" };
        const post = (bytes: number) => send(own.frontDoor.port, { method: "POST", headers }, Buffer.alloc(bytes));
        expect((await post(2 * BODY_BYTES_MAX)).body).to.match(/IncompleteSignature/);
        expect((await post(2 * BODY_BYTES_MAX + 1)).status).to.equal(413);
        await own.frontDoor.close();
    });

    it("speaks REST and JSON to the client of a service that does, and is not here", async () => {
        const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
        const authorization =
            `AWS4-HMAC-SHA256 Credential=AKIA/${date.slice(0, 8)}/us-east-1/lambda/aws4_request, ` +
            `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
        const headers = { authorization, "x-amz-date": date };
        const answer = await send(cloud.frontDoor.port, { path: "/2015-03-31/functions", headers });
        expect(answer.headers).to.include({
            "content-type": "application/json",
            "x-amzn-errortype": "UnrecognizedClientException",
        });
        expect(JSON.parse(answer.body)).to.have.all.keys("message");
    });

    for (const host of ["example.com", "127.0.0.1.example.com:80", "localhost.example.com", "10.0.0.1"]) {
        it(`refuses the Host ${host}: a page of a browser cannot reach it under its own name`, async () => {
            const { status, body } = await send(cloud.frontDoor.port, { headers: { host } });
            expect(status).to.equal(403);
            expect(body).to.contain(`The Host header &apos;${host}&apos; does not name this machine`);
        });
    }

    for (const host of ["localhost:1", "bucket.localhost", "127.0.0.1", "[::1]:4566"]) {
        it(`takes the Host ${host}`, async () => {
            const { body } = await send(cloud.frontDoor.port, { headers: { host } });
            expect(body).to.contain("<Code>AccessDenied</Code><Message>Access Denied</Message>");
        });
    }

    it("writes errors in CBOR to who writes requests in it", async () => {
        const headers = {
            "content-type": "application/x-amz-cbor-1.1",
            "x-amz-target": "Kinesis_20131202.ListStreams",
        };
        const response = await fetch(cloud.frontDoor.endpointUrl, { method: "POST", headers });
        expect(response.status).to.equal(400);
        expect(response.headers.get("content-type")).to.equal(headers["content-type"]);
        expect(cbor.deserialize(new Uint8Array(await response.arrayBuffer()))).to.deep.equal({
            __type: "MissingAuthenticationTokenException",
            message: "Request is missing Authentication Token",
        });
    });

    it("names the services that there are to a request for another one", async () => {
        const agent = { endpoint: cloud.frontDoor.endpointUrl };
        const client = new Kinesis({
            ...cloud.administrator,
            ...agent,
            authSchemePreference: [],
            signingName: "sqs",
        } as object);
        clients.push(client);
        const error = await rejection(client.listStreams({}));
        expect(error.message).to.match(/no service 'sqs', only kinesis/);
    });

    it("does not take a client that goes away in the middle of its request for a failure of ours", async () => {
        const { port } = cloud.frontDoor;
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => undefined);
        const told = new Promise<string>((resolve) => (logged = resolve));
        socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc", () =>
            socket.resetAndDestroy(),
        );
        expect(await told).to.match(/went away|connection broke/);
        await send(port, {});
        expect(failures).to.deep.equal([]);
    });

    it("answers a client that speaks something else with 400", async () => {
        const answer = await new Promise<string>((resolve, reject) => {
            const socket = connect(cloud.frontDoor.port, "127.0.0.1", () =>
                socket.write("\u0016\u0003\u0001 hello\r\n\r\n"),
            );
            socket.once("data", (data) => resolve(data.toString("latin1")));
            socket.once("error", reject);
        });
        expect(answer).to.match(/^HTTP\/1.1 400 Bad Request/);
    });
});

describe("the front door's port", () => {
    it("that is taken is named in the error", async () => {
        const other = createServer();
        await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
        const { port } = other.address() as AddressInfo;
        const error = await rejection(startFrontDoor({ port, services: [], identities: new Identities() }));
        other.close();
        expect(error.message).to.equal(`Port ${port} of 127.0.0.1 is taken by another process.`);
        expect(error).to.include({ code: "EADDRINUSE", port });
    });

    it("is free again after close, with idle connections open", async () => {
        const { frontDoor } = await startTestCloud({ services: [] });
        const agent = new Agent({ keepAlive: true });
        await send(frontDoor.port, { agent });
        const session = connectHttp2(frontDoor.endpointUrl);
        await new Promise((resolve) => session.once("remoteSettings", resolve));
        const ended = new Promise((resolve) => session.once("close", resolve));
        session.on("error", () => undefined);
        await frontDoor.close();
        await ended;
        agent.destroy();
        const next = await startFrontDoor({ port: frontDoor.port, services: [], identities: new Identities() });
        await next.close();
    });
});
