import { expect } from "chai";
import type { Connection } from "../../../../producer/sources/x/api";
import { XClient } from "../../../../producer/sources/x/client";
import { XFault, type Fault } from "../../../../producer/sources/x/fault";
import { RULE_TAG } from "../../../../producer/sources/x/rules";
import type { XCredentials } from "../../../../producer/sources/x/settings";
import { line, xPost } from "./posts";
import { BEARER_TOKEN, CONSUMER, problem, XServer } from "./x-server";

const RULES = "/2/tweets/search/stream/rules";
const STREAM = "/2/tweets/search/stream";

describe("the client of the X API", () => {
    let server: XServer;
    beforeEach(async () => (server = await XServer.start()));
    afterEach(() => server.close());

    const client = (credentials: XCredentials = { bearerToken: BEARER_TOKEN }, apiUrl = server.url) =>
        new XClient({ apiUrl, credentials }, () => server.agent());

    it("lists no rules, and all of them over several pages", async () => {
        expect(await client().rules()).to.deep.equal([]);
        const [one, two] = [server.addRule("a", "theirs"), server.addRule("b")];
        server.answerInstead(
            RULES,
            { status: 200, body: { data: [one], meta: { result_count: 1, next_token: "page-2" } } },
            { status: 200, body: { data: [two], meta: { result_count: 1 } } },
        );
        expect(await client().rules()).to.deep.equal([one, two]);
        expect(server.requests.at(-1)?.url.searchParams.get("pagination_token")).to.equal("page-2");
    });

    it("adds rules with their tag, and removes them by number, also those that are gone", async () => {
        const { ids, refused } = await client().addRules(["from:nasa", "日本"], RULE_TAG);
        expect([...server.rules.values()]).to.deep.equal([
            { id: ids[0], value: "from:nasa", tag: RULE_TAG },
            { id: ids[1], value: "日本", tag: RULE_TAG },
        ]);
        expect(refused).to.be.empty;
        await client().removeRules([...ids, "1"]);
        expect(server.rules.size).to.equal(0);
    });

    it("finds the rule that is there already, and tells of one that is none, also if there is no other", async () => {
        const existing = server.addRule("cats", "theirs");
        const refused = [
            { value: "from:", reason: "UnprocessableEntity: Operator from: needs a value (at position 1)" },
        ];
        const added = await client().addRules(["cats", "dogs", "from:"], RULE_TAG);
        expect(added.ids.sort()).to.deep.equal([...server.rules.keys()].sort());
        expect(added.ids).to.include(existing.id);
        expect(added.refused).to.deep.equal(refused);
        expect(await client().addRules(["from:"], RULE_TAG)).to.deep.equal({ ids: [], refused });
        expect(await client().addRules(["cats"], RULE_TAG)).to.deep.equal({ ids: [existing.id], refused: [] });
    });

    it("is told of a request that X does not understand", async () => {
        const errors = [{ message: "The query parameter [foo] is not one of []", parameters: { foo: ["bar"] } }];
        server.answerInstead(RULES, { status: 400, body: { errors, title: "Invalid Request", detail: "Invalid." } });
        expect(await faultOf(client().addRules(["a"], RULE_TAG))).to.deep.equal({
            kind: "refused",
            reason: "X answered 400: Invalid Request: Invalid",
        });
    });

    it("logs in with the key and the secret, once", async () => {
        const api = client({ consumerKey: CONSUMER.key, consumerSecret: CONSUMER.secret });
        await api.rules();
        await api.addRules(["yolo"], RULE_TAG);
        expect((await messages(api.connect.bind(api), 1)).messages).to.have.length(1);
        expect(server.requests.map(({ url }) => url.pathname)).to.deep.equal(["/oauth2/token", RULES, RULES, STREAM]);
    });

    it("tells that the credentials were refused, without telling them", async () => {
        for (const credentials of [{ consumerKey: "k3y", consumerSecret: "s3cr3t" }, { bearerToken: "s3cr3t" }]) {
            const fault = await faultOf(client(credentials).rules());
            expect(fault.kind).to.equal("refused");
            expect(JSON.stringify(fault)).not.to.match(/s3cr3t|k3y/);
            expect(await endOf(client(credentials))).to.deep.equal(fault);
        }
    });

    it("goes through a gateway with a path of its own", async () => {
        const api = client({ consumerKey: CONSUMER.key, consumerSecret: CONSUMER.secret }, `${server.url}/x`);
        server.answerInstead("/x/oauth2/token", { status: 200, body: { access_token: BEARER_TOKEN } });
        const added = { id: "1", value: "yolo", tag: RULE_TAG };
        server.answerInstead(
            `/x${RULES}`,
            { status: 200, body: { meta: {} } },
            { status: 201, body: { data: [added], meta: {} } },
        );
        expect(await api.rules()).to.be.empty;
        expect(await api.addRules(["yolo"], RULE_TAG)).to.deep.equal({ ids: ["1"], refused: [] });
        expect(server.requests[0]?.body).to.equal("grant_type=client_credentials");
        expect(JSON.parse(server.requests.at(-1)?.body ?? "")).to.deep.equal({
            add: [{ value: "yolo", tag: RULE_TAG }],
        });
        expect((await endOf(api)).reason).to.contain(`No /x${STREAM}`);
    });

    it("asks for the author's handle, the time, the language and the whole text", async () => {
        server.addRule("yolo");
        await messages((handlers) => client().connect(handlers), 1);
        expect(Object.fromEntries(server.requests.at(-1)?.url.searchParams ?? [])).to.deep.equal({
            "tweet.fields": "author_id,created_at,lang,note_tweet",
            expansions: "author_id",
        });
    });

    it("tells when a rate limit ends, and of too many connections", async () => {
        const headers = {
            "x-rate-limit-limit": "50",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": "1800000000",
            // Ten minutes before; our own clock may show anything.
            date: new Date((1_800_000_000 - 600) * 1000).toUTCString(),
        };
        server.answerInstead(STREAM, { ...problem(429, "Too Many Requests", "Too Many Requests"), headers });
        expect(await endOf(client())).to.deep.equal({
            kind: "rate limit",
            reason: "X answered 429: Too Many Requests",
            resetInMs: 600_000,
        });
        const body = { title: "ConnectionException", detail: "At the limit.", connection_issue: "TooManyConnections" };
        server.answerInstead(STREAM, { status: 429, body, headers: { ...headers, "x-rate-limit-remaining": "49" } });
        expect(await endOf(client())).to.deep.equal({
            kind: "rate limit",
            reason: "X answered 429: ConnectionException: At the limit",
        });
    });

    it("tells of an answer that is no JSON, and of one that breaks off", async () => {
        server.answerInstead(RULES, { status: 503, body: "<html>over capacity</html>" });
        expect(await faultOf(client().rules())).to.deep.equal({ kind: "http", reason: "X answered 503" });
        server.answerInstead(RULES, {
            status: 200,
            body: '{"data":[',
            headers: { "content-type": "application/json", "content-length": "100" },
        });
        const fault = faultOf(client().rules());
        await server.requested(RULES, 2);
        server.cutAll();
        expect((await fault).kind).to.equal("network");
    });

    it("does not take for X what answers with something else", async () => {
        const reason = "what answers does not speak as X does";
        for (const answer of [
            { status: 200, body: "<html>Log in to the network of the hotel</html>" },
            { status: 301, body: "", headers: { location: "https://example.com" } },
        ]) {
            for (const ask of [() => client().rules(), () => client().addRules(["yolo"], RULE_TAG)]) {
                server.answerInstead(RULES, answer);
                expect(await faultOf(ask())).to.deep.equal({ kind: "http", reason });
            }
            server.answerInstead("/oauth2/token", answer);
            const credentials = { consumerKey: CONSUMER.key, consumerSecret: CONSUMER.secret };
            expect(await faultOf(client(credentials).rules())).to.deep.equal({ kind: "http", reason });
        }
    });

    it("does not believe that rules were added of which X says nothing", async () => {
        server.answerInstead(RULES, { status: 201, body: { meta: { summary: { created: 1 } } } });
        expect((await faultOf(client().addRules(["yolo"], RULE_TAG))).kind).to.equal("http");
    });

    it("says who asks", async () => {
        server.addRule("yolo");
        const api = client({ consumerKey: CONSUMER.key, consumerSecret: CONSUMER.secret });
        await api.rules();
        await messages((handlers) => api.connect(handlers), 1);
        for (const { headers } of server.requests) {
            expect(headers["user-agent"]).to.equal("pulumi-kinesis-lambda-streamprocessing");
        }
        expect(server.requests).to.have.length(3);
    });

    it("ends a request that nobody waits for", async () => {
        const api = client();
        server.answerInstead(RULES, {
            status: 200,
            body: "{",
            headers: { "content-type": "application/json", "content-length": "100" },
        });
        const fault = faultOf(api.rules());
        await server.requested(RULES, 1);
        api.cancel();
        expect((await fault).kind).to.equal("network");
        await server.allClosed();
        // The next one goes as usual.
        expect(await api.rules()).to.deep.equal([]);
    });

    it("tells why X cannot be reached", async () => {
        const nowhere = client(undefined, "https://127.0.0.1:1");
        expect(await faultOf(nowhere.rules())).to.deep.equal({
            kind: "network",
            reason: "connect ECONNREFUSED 127.0.0.1:1",
        });
        expect(await endOf(nowhere)).to.deep.equal({ kind: "network", reason: "connect ECONNREFUSED 127.0.0.1:1" });
    });

    it("closes a connection that is not established yet, and is not heard of again", async () => {
        server.addRule("yolo");
        let asked: () => void = () => undefined;
        const waiting = new Promise<void>((resolve) => (asked = resolve));
        server.script = () => asked();
        const heard: string[] = [];
        const connection = client().connect({
            message: () => heard.push("message"),
            heartbeat: () => heard.push("heartbeat"),
            unreadable: () => heard.push("unreadable"),
            cutOff: () => heard.push("cut off"),
            ended: () => heard.push("ended"),
        });
        await waiting;
        connection.close();
        connection.close();
        await server.allClosed();
        expect(heard).to.be.empty;
    });

    it("closes a connection before it has begun", async () => {
        client()
            .connect(silentHandlers(() => expect.fail("It ended by itself.")))
            .close();
        await server.allClosed();
        expect(server.requests).to.be.empty;
    });

    /** The first messages of a connection, which is then closed. */
    function messages(connect: XClient["connect"], count: number) {
        const posts = Array.from({ length: count }, (_, index) => xPost(String(index)));
        server.script = (connection) => connection.chunk(Buffer.concat(posts.map(line)));
        return new Promise<{ messages: unknown[] }>((resolve, reject) => {
            const received: unknown[] = [];
            const connection: Connection = connect({
                ...silentHandlers(({ reason }) => reject(new Error(reason))),
                message: (message) => {
                    received.push(message);
                    if (received.length < count) return;
                    connection.close();
                    resolve({ messages: received });
                },
            });
        });
    }
});

function silentHandlers(ended: (fault: Fault) => void) {
    const ignore = () => undefined;
    return { message: ignore, heartbeat: ignore, unreadable: ignore, cutOff: ignore, ended };
}

function endOf(api: XClient): Promise<Fault> {
    return new Promise((resolve) => api.connect(silentHandlers(resolve)));
}

async function faultOf(request: Promise<unknown>): Promise<Fault> {
    const error = await request.then(
        () => expect.fail("It was answered."),
        (reason: unknown) => reason,
    );
    if (!(error instanceof XFault)) throw error;
    return error.fault;
}
