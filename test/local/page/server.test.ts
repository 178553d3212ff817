import { expect } from "chai";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { UsageError } from "../../../commandline/failure";
import { ASSETS } from "../../../local/page/assets";
import { startPage, type Page } from "../../../local/page/page";
import { startPageServer, WATCHERS_MAX } from "../../../local/page/server";
import { BUCKET, startPipeline, TABLE, type Pipeline } from "./pipeline";

interface Reply {
    readonly status: number;
    readonly headers: IncomingMessage["headers"];
    readonly text: string;
}

const PAGE_BYTES_MAX = 300_000;

describe("the server of the page", () => {
    let pipeline: Pipeline;
    let page: Page;

    before(async () => {
        pipeline = await startPipeline();
        const { cloud, outputs, resources } = pipeline;
        page = await startPage({ port: 0, cloud, outputs, resources: () => resources });
        await pipeline.store("ada", "1", "<script>alert(1)</script>");
    });

    after(async () => {
        await page.close();
        await pipeline.cloud.close();
        expect(pipeline.failures).to.deep.equal([]);
    });

    function open(url: string, method = "GET", headers: OutgoingHttpHeaders = {}): Promise<IncomingMessage> {
        return new Promise((resolve, reject) => {
            request(`${page.address}${url}`, { method, headers, agent: false }, resolve).on("error", reject).end();
        });
    }

    async function fetchPage(url: string, method = "GET", headers: OutgoingHttpHeaders = {}): Promise<Reply> {
        const response = await open(url, method, headers);
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
        return { status: response.statusCode ?? 0, headers: response.headers, text };
    }

    it("serves every file of the page, with a policy that allows nothing but them, in less than 300 kB", async () => {
        let bytes = 0;
        for (const [url, { file, type }] of ASSETS) {
            const { status, headers, text } = await fetchPage(url);
            expect(status, url).to.equal(200);
            expect(headers["content-type"]).to.equal(type);
            expect(headers["content-security-policy"]).to.include("default-src 'none'");
            expect(headers["x-content-type-options"]).to.equal("nosniff");
            expect(text).to.equal(readFileSync(file, "utf8"));
            bytes += statSync(file).size;
        }
        expect(bytes).to.be.lessThan(PAGE_BYTES_MAX);
    });

    it("has no file that loads anything from elsewhere, or script and style in its markup", () => {
        for (const [url, { file }] of ASSETS) {
            if (url.startsWith("/uPlot")) continue;
            const text = readFileSync(file, "utf8");
            expect(text, url).not.to.match(/(src|href|url|import|from)\s*[=(]?\s*["']?(https?:)?\/\/(?!www\.w3\.org)/);
            expect(text, url).not.to.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/);
            if (path.extname(file) === ".html")
                expect(text).not.to.match(/\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)/);
        }
    });

    it("serves nothing else, and changes nothing", async () => {
        for (const url of [
            "/none",
            "//",
            "//evil.example/events",
            "/%",
            "/../main.ts",
            "/%2e%2e/page.ts",
            "/client/main.js",
            "/api/none",
            "/constructor",
        ]) {
            expect((await fetchPage(url)).status, url).to.equal(404);
        }
        const sameOrigin = { "sec-fetch-site": "same-origin" };
        expect((await fetchPage("/api/items", "POST", sameOrigin)).status).to.equal(405);
        expect((await fetchPage(`/${"x".repeat(5_000)}`)).status).to.equal(414);
        expect((await fetchPage("/", "HEAD")).text).to.equal("");
    });

    it("listens on this machine alone, and answers neither a foreign name nor another site", async () => {
        expect(page.address).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
        for (const url of ["/", "/events", "/api/items?id=1", "/admin/"]) {
            expect((await fetchPage(url, "GET", { host: "evil.example" })).status, url).to.equal(421);
            expect((await fetchPage(url, "GET", { "sec-fetch-site": "cross-site" })).status, url).to.equal(403);
            expect((await fetchPage(url, "GET", { origin: "http://evil.example" })).status, url).to.equal(403);
        }
    });

    it("tells a browser what there is, and from then on what happens", async () => {
        const response = await open("/events");
        expect(response.headers["content-type"]).to.equal("text/event-stream");
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) {
            text += String(chunk);
            if (/^event: figures\ndata: .*\n\n/m.test(text)) break;
        }
        const [start = "", figures = ""] = text.split("\n\n").map((event) => event.split("\ndata: ")[1] ?? "");
        expect(JSON.parse(start)).to.have.property("pipeline").that.includes({ tableName: TABLE });
        expect(JSON.parse(start)).to.have.nested.property("items[0].message", "<script>alert(1)</script>");
        expect(JSON.parse(figures)).to.have.nested.property("figures.table.items", 1);
    });

    it("tells no more browsers than it may, and forgets those that have gone", async () => {
        const responses = await Promise.all(Array.from({ length: WATCHERS_MAX }, () => open("/events")));
        expect((await fetchPage("/events")).status).to.equal(503);
        for (const response of responses) response.destroy();
        let status = 503;
        while (status === 503) {
            const response = await open("/events");
            status = response.statusCode ?? 0;
            response.destroy();
            await new Promise((resolve) => setImmediate(resolve));
        }
        expect(status).to.equal(200);
    });

    async function ask(url: string): Promise<unknown> {
        const { status, text } = await fetchPage(url);
        expect(status, text).to.equal(200);
        return JSON.parse(text);
    }

    it("answers searches, and what failed and why", async () => {
        expect(await ask("/api/items?username=ada")).to.have.nested.property("items[0].id", "1");
        expect(await ask("/api/items")).to.deep.equal({ items: [], searched: 0, complete: true });
        const line = JSON.stringify({ reason: "not JSON", data: Buffer.from("{").toString("base64") });
        await pipeline.cloud.s3.putObject(BUCKET, "quarantine/a b&c", `${line}\n`);
        expect(await ask("/api/failed-events")).to.have.nested.property("events[0].key", "quarantine/a b&c");
        const event = await ask(`/api/failed-event?key=${encodeURIComponent("quarantine/a b&c")}`);
        expect(event).to.have.nested.property("records[0].payload", "{");
        expect((await fetchPage("/api/failed-event?key=none")).status).to.equal(404);
        expect(await ask("/api/failed-events?skip=1")).to.deep.equal({ objects: 1, events: [] });
        expect(await ask("/api/failed-events?skip=-1")).to.have.nested.property("events[0].key", "quarantine/a b&c");
    });

    it("answers with the log, the resources without secrets, and what was denied", async () => {
        await pipeline.put("post");
        await pipeline.cloud.drained();
        expect(JSON.stringify(await ask("/api/logs"))).to.include("got 1");
        expect(await ask("/api/logs?since=1000000")).to.deep.include({ events: [] });
        const resources = JSON.stringify(await ask("/api/resources"));
        expect(resources).to.include("aws:kinesis/stream:Stream").and.include("kinesis:*");
        expect(resources).not.to.include(pipeline.cloud.administrator.secretAccessKey);
        pipeline.cloud.events.denied.tell({
            principalArn: "eve",
            action: "s3:GetObject",
            resource: "*",
            message: "no",
        });
        expect(await ask("/api/denied")).to.have.nested.property("[0].count", 1);
    });

    it("says no secret of the program's or of the administrator's, wherever it is asked", async () => {
        const { accessKeyId, secretAccessKey } = pipeline.cloud.administrator;
        const pages = ["/admin/", `/admin/tables/${TABLE}`, `/admin/tables/${TABLE}/meta`, "/admin/create-table"];
        const answers = ["/api/resources", "/api/logs", "/api/denied", "/api/failed-events", "/api/items?id=1"];
        for (const url of ["/", ...answers, ...pages]) {
            const { status, text } = await fetchPage(url);
            expect(status, url).to.equal(200);
            expect(text, url).not.to.include(secretAccessKey).and.not.include(accessKeyId);
        }
    });

    it("tries again to open dynamodb-admin where that has failed, and ends all the same", async () => {
        const told: unknown[] = [];
        const server = await startPageServer({
            port: 0,
            endpoints: {},
            onWatcher: () => () => undefined,
            openAdmin: () => Promise.reject(new Error("not now")),
            onError: (error) => told.push((error as Error).message),
        });
        for (let request = 0; request < 2; request += 1) {
            expect((await fetch(`http://127.0.0.1:${server.port}/admin/`)).status).to.equal(500);
        }
        await server.close();
        expect(told).to.deep.equal(["not now", "not now"]);
    });

    it("has the table in dynamodb-admin, which does what its own pages ask and nothing that others ask", async () => {
        const { status, headers, text } = await fetchPage("/admin/");
        expect(status).to.equal(200);
        expect(text).to.include(TABLE);
        expect(headers["content-security-policy"]).to.include("frame-ancestors 'none'");
        expect(headers["x-powered-by"]).to.equal(undefined);
        expect((await fetchPage("/admin/assets/css/bootstrap.min.css")).status).to.equal(200);

        const [tables, item] = ["/admin/tables", `/admin/tables/${TABLE}/items/ada,1`];
        for (const foreign of [{}, { "sec-fetch-site": "cross-site" }, { origin: "http://evil.example" }]) {
            expect((await fetchPage(tables, "DELETE", foreign)).status).to.equal(403);
        }
        expect(pipeline.cloud.dynamodb.itemCount(TABLE)).to.equal(1);
        const own = { "sec-fetch-site": "same-origin", origin: page.address };
        expect((await fetchPage(item, "DELETE", own)).status).to.equal(204);
        expect(pipeline.cloud.dynamodb.itemCount(TABLE)).to.equal(0);
        await pipeline.store("ada", "1", "again");
    });

    it("names a port that is taken, and the option for another one", async () => {
        const taken = createServer().listen(0, "127.0.0.1");
        await once(taken, "listening");
        const { port } = taken.address() as AddressInfo;
        const { cloud, outputs } = pipeline;
        const error: unknown = await startPage({ port, cloud, outputs, resources: () => [] }).catch(
            (reason: unknown) => reason,
        );
        taken.close();
        expect(error).to.be.instanceOf(UsageError);
        expect((error as Error).message).to.match(new RegExp(`^Expected port ${port} .*--ui-port N`));
    });

    it("leaves nothing open, also with a browser that watches", async () => {
        const { cloud, outputs } = pipeline;
        const other = await startPage({ port: 0, cloud, outputs, resources: () => [] });
        const watching = request(`${other.address}/events`, { agent: false });
        // The connection is cut in the middle of the events.
        watching.on("error", () => undefined).end();
        const [response] = (await once(watching, "response")) as [IncomingMessage];
        const cut = new Promise((resolve) => response.on("error", () => undefined).once("close", resolve));
        response.resume();
        await Promise.all([cut, other.close()]);
        const after: unknown = await fetch(other.address).catch((reason: unknown) => reason);
        expect(after).to.be.instanceOf(TypeError);
    });
});
