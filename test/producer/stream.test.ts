import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Account } from "../../producer/account";
import { outgoingPost, type Outgoing } from "../../producer/outgoing";
import { RENEWAL_MS_MAX } from "../../producer/renewal";
import { sendAll } from "../../producer/sender";
import { samplePosts } from "../../producer/sources/sample";
import { seededRandom } from "../../producer/sources/random";
import { openStream, type Stream, type StreamTarget } from "../../producer/stream";
import { StreamFault } from "../../producer/stream-fault";
import type { WireRecord } from "../../wire-record";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";
import { StubStream, type Answer } from "./stub-stream";

const credentials = { accessKeyId: "AKIAEXAMPLEEXAMPLE00", secretAccessKey: "a-secret-that-nobody-may-see" };
const target: StreamTarget = { streamName: "posts-1234567", region: "eu-central-1", credentials };
const never = new AbortController().signal;
const posts = (count: number) => Array.from(samplePosts({ seed: 1, count, now: () => new Date(0) }));
const records = (count: number): Outgoing[] => posts(count).map(outgoingPost);

describe("the stream", () => {
    let stub: StubStream;
    let stream: Stream;
    let endpoint: string | undefined;

    beforeEach(async () => {
        stub = await StubStream.start();
        endpoint = process.env.AWS_ENDPOINT_URL;
        process.env.AWS_ENDPOINT_URL = stub.endpointUrl;
        process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
        stream = openStream(target);
    });

    afterEach(async () => {
        if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL;
        else process.env.AWS_ENDPOINT_URL = endpoint;
        stream.close();
        await stub.close();
    });

    async function faultOf(answer: Answer): Promise<StreamFault> {
        stub.behaviour = () => answer;
        return stream.putRecords(records(3), never).then(
            () => expect.fail("It did not fail."),
            (error: unknown) => error as StreamFault,
        );
    }

    it("is sent the bytes of each record and its key, in order, as the SDK would", async () => {
        const sent = records(500);
        expect((await stream.putRecords(sent, never)).size).to.equal(0);
        expect(stub.accepted.map(({ partitionKey }) => partitionKey)).to.deep.equal(
            sent.map((each) => each.partitionKey),
        );
        expect(stub.posts()).to.deep.equal(posts(500));
        expect([...stub.targets]).to.deep.equal(["Kinesis_20131202.PutRecords posts-1234567"]);
    });

    it("answers with an error code for each record that was not accepted", async () => {
        const code = "ProvisionedThroughputExceededException";
        stub.behaviour = () => ({ notAccepted: new Map([[1, code]]) });
        const rejections = await stream.putRecords(records(3), never);
        expect([...rejections]).to.deep.equal([[1, { code, shardId: undefined }]]);
    });

    it("says which shard took no more", async () => {
        const code = "ProvisionedThroughputExceededException";
        const message = "Rate exceeded for shard shardId-000000000007 in stream posts under account 123456789012.";
        stub.behaviour = () => ({ notAccepted: new Map([[0, code]]), message });
        const rejections = await stream.putRecords(records(2), never);
        expect([...rejections]).to.deep.equal([[0, { code, shardId: "shardId-000000000007" }]]);
    });

    it("keeps its connection for the next request", async () => {
        for (let request = 0; request < 3; request += 1) await stream.putRecords(records(1), never);
        expect(stub.connections).to.equal(1);
    });

    for (const [name, answer] of [
        ["a fault of the service", { status: 500, type: "InternalFailure" }],
        ["a gateway without a body", { status: 503 }],
        ["throttling", { status: 400, type: "ProvisionedThroughputExceededException", message: "Slow down." }],
        ["a throttled key", { status: 400, type: "KMSThrottlingException" }],
        ["a cut connection", { cut: "before" }],
        ["an answer that is cut short", { cut: "within" }],
        ["a connection that is cut once all is accepted", { cut: "after" }],
    ] as const) {
        it(`takes ${name} for a fault that may pass`, async () => {
            expect(await faultOf(answer)).to.include({ name: "StreamFault", mayPass: true });
            expect(stub.requests).to.have.length(1);
        });
    }

    for (const [type, message] of [
        ["UnrecognizedClientException", /^The stream refused the credentials \(Unrecog.*`secretAccessKey`/],
        ["InvalidSignatureException", /^The stream refused the credentials \(InvalidSignatureException\)/],
        [
            "AccessDeniedException",
            /^These credentials may not write to the stream: check the policy of their user \(.*Said by it.*\)\.$/,
        ],
        ["ResourceNotFoundException", /^There is no stream `posts-1234567` in eu-central-1: check `kinesisStream`/],
        ["ValidationException", /^The stream refused the request \(ValidationException: Said by it.*\)\.$/],
    ] as const) {
        it(`says in one line what to check after ${type}`, async () => {
            const fault = await faultOf({ status: 400, type, message: "Said by it." });
            expect(fault.mayPass).to.be.false;
            expect(fault.message).to.match(message).and.not.contain("\n");
        });
    }

    it("signs again by the service's clock when its own is wrong, which is no reason to repeat what is refused", async () => {
        const dateMs = Date.now() + 3_600_000;
        const expired =
            "Signature expired: 20261123T060000Z is now earlier than 20261123T065500Z (20261123T070000Z - 5 min.)";
        const answer = { status: 400, type: "InvalidSignatureException", dateMs };
        expect((await faultOf({ ...answer, message: expired })).mayPass).to.be.true;
        expect((await faultOf({ ...answer, message: "The signature does not match." })).mayPass).to.be.false;
        for (const type of ["UnrecognizedClientException", "AccessDeniedException", "ResourceNotFoundException"]) {
            expect((await faultOf({ ...answer, type })).mayPass).to.be.false;
        }
    });

    describe("with credentials of one's own", () => {
        const variables = ["AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"];
        const before = variables.map((name) => process.env[name]);
        let file: string;
        let now: number;

        beforeEach(() => {
            file = join(temporaryFolder(), "credentials");
            write("AKIAFIRST");
            Object.assign(process.env, {
                AWS_SHARED_CREDENTIALS_FILE: file,
                AWS_PROFILE: "posts",
                AWS_EC2_METADATA_DISABLED: "true",
            });
            now = 0;
            stream.close();
            stream = openStream({ streamName: "posts-1234567", region: "eu-central-1" }, () => now);
        });
        afterEach(() => {
            for (const [index, name] of variables.entries()) {
                if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
                else process.env[name] = before[index];
            }
        });
        after(removeTemporaryFolders);

        function write(accessKeyId: string): void {
            const pair = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = x\naws_session_token = y\n`;
            writeFileSync(file, `[posts]\n${pair}`);
        }

        it("looks them up again when they expire in the middle of a run", async () => {
            await stream.putRecords(records(1), never);
            const fault = await faultOf({ status: 400, type: "ExpiredTokenException" });
            expect(fault).to.include({
                mayPass: true,
                message:
                    "the stream refused the credentials (ExpiredTokenException): check them with `aws sts get-caller-identity`",
            });
            write("AKIASECOND");
            await faultOf({ status: 400, type: "ExpiredTokenException" });
            stub.behaviour = () => ({});
            await stream.putRecords(records(1), never);
            expect([...stub.accessKeyIds]).to.deep.equal(["AKIAFIRST", "AKIASECOND"]);
        });

        it("gives them up after two minutes, and at once if they never worked", async () => {
            const refused = { status: 400, type: "UnrecognizedClientException" };
            expect((await faultOf(refused)).mayPass).to.be.false;
            stub.behaviour = () => ({});
            await stream.putRecords(records(1), never);
            expect((await faultOf(refused)).mayPass).to.be.true;
            now += RENEWAL_MS_MAX;
            const fault = await faultOf(refused);
            expect(fault.mayPass).to.be.false;
            expect(fault.message).to.equal(
                "The stream refused the credentials (UnrecognizedClientException): check them with `aws sts get-caller-identity`.",
            );
        });
    });

    it("never shows the key pair, whatever the service says", async () => {
        const { accessKeyId, secretAccessKey } = credentials;
        const message = `The key ${accessKeyId} with ${secretAccessKey} may not.`;
        const fault = await faultOf({ status: 400, type: "AccessDeniedException", message });
        expect(fault.message).to.contain("The key [secret] with [secret] may not.");
    });

    it("says who does not answer when nobody listens", async () => {
        const { endpointUrl } = stub;
        await stub.close();
        const fault = await faultOf({});
        expect(fault.mayPass).to.be.true;
        expect(fault.message).to.contain("ECONNREFUSED").and.contain(endpointUrl.slice("http://".length));
        stub = await StubStream.start();
    });

    it("says which settings of the AWS SDK do not fit together", async () => {
        process.env.AWS_USE_FIPS_ENDPOINT = "true";
        const misled = openStream(target);
        try {
            const fault = await misled.putRecords(records(1), never).catch((error: unknown) => error);
            expect(fault).to.be.instanceOf(StreamFault).with.property("mayPass", false);
            expect((fault as Error).message).to.match(
                /^No endpoint follows from the settings of the AWS SDK: .*\bFIPS\b.*[^.]\.$/,
            );
        } finally {
            delete process.env.AWS_USE_FIPS_ENDPOINT;
            misled.close();
        }
    });

    it("ends a request that is aborted", async () => {
        stub.behaviour = () => ({ until: new Promise(() => undefined) });
        const abort = new AbortController();
        const request = stream.putRecords(records(1), abort.signal).catch((error: unknown) => error);
        await stub.arrived(1);
        abort.abort();
        expect(await request).to.include({ name: "StreamFault", mayPass: false });
    });

    async function send(all: readonly WireRecord[]): Promise<Account> {
        const account = new Account();
        await sendAll({
            chunks: (async function* () {
                for (let start = 0; start < all.length; start += 256)
                    yield all.slice(start, start + 256).map(outgoingPost);
            })(),
            putRecords: stream.putRecords,
            account,
            // Waits for as long as it takes, and no longer.
            surroundings: {
                now: () => performance.now(),
                after: (_milliseconds, callback) => {
                    const timer = setImmediate(callback);
                    return () => clearImmediate(timer);
                },
                nextTurn: () => nextTurn(),
                random: seededRandom(1),
            },
            abort: never,
            stopSource: () => expect.fail("It failed."),
            onRefused: () => expect.fail("It refused a post."),
            onTrouble: () => undefined,
        });
        return account;
    }

    it("holds every post once, each author's in order, when records are not accepted and requests fail", async () => {
        const random = seededRandom(5);
        stub.behaviour = (arrived, request) => {
            if (request % 5 === 3) return { status: 500, type: "InternalFailure" };
            if (request % 5 === 4) return { cut: "before" };
            const failed = arrived.flatMap((_, index) =>
                random() < 0.2 ? [[index, "ProvisionedThroughputExceededException"] as const] : [],
            );
            return { notAccepted: new Map(failed) };
        };
        const all = posts(5_000).map((post, index) => ({ ...post, username: `author${index % 700}` }));
        const account = await send(all);
        expect(account).to.include({ received: 5_000, sent: 5_000, notSent: 0, refused: 0 });
        // Sorted by author; the sort keeps the order of each author's.
        const order = (each: readonly WireRecord[]) =>
            [...each].sort((left, right) =>
                left.username < right.username ? -1 : Number(left.username > right.username),
            );
        expect(order(stub.posts())).to.deep.equal(order(all));
    });

    it("holds a post twice, and none less, when a connection is cut after the stream accepted it", async () => {
        stub.behaviour = (_, request) => (request === 1 ? { cut: "after" } : {});
        const all = posts(1_500);
        await send(all);
        const ids = stub.posts().map(({ id }) => id);
        expect(new Set(ids)).to.deep.equal(new Set(all.map(({ id }) => id)));
        expect(ids.length).to.equal(all.length + (stub.requests[1]?.records ?? 0));
    });
});
