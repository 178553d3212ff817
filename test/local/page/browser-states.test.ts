import { expect } from "chai";
import { startStub, type Stub, type StubOptions } from "./stub";
import { shard } from "./readings";
import { describeInBrowser, fitsWidth, PHONE, type Tab } from "./tabs";

const MANY_SHARDS = Array.from({ length: 300 }, (_, number) =>
    shard({ shardId: `shardId-${String(number).padStart(12, "0")}`, records: number === 17 ? 960 : 10 }),
);

function item(id: string, more: object = {}) {
    return {
        username: "ada",
        id,
        timestamp: new Date().toISOString(),
        message: "hi",
        source: "me",
        cut: false,
        ...more,
    };
}

describeInBrowser("the page in states that are rare", (tabs) => {
    let stub: Stub;

    async function open(options: StubOptions = {}, context = {}): Promise<Tab> {
        stub = await startStub(options);
        return tabs.open(stub.address, context);
    }

    afterEach(() => stub.close());

    function textOf(tab: Tab, name: string): Promise<string | null> {
        return tab.locator(`[data-figure=${name}]`).textContent();
    }

    async function verdictIs(tab: Tab, text: RegExp): Promise<void> {
        await tab.locator("#verdict", { hasText: text }).waitFor();
    }

    it("has a bar for each of hundreds of shards, and says which one is the busiest", async () => {
        const tab = await open({ now: { shards: MANY_SHARDS } }, PHONE);
        stub.tell({ shards: MANY_SHARDS.map((each) => ({ ...each, throttled: each.records > 900 ? 4 : 0 })) }, {});
        await tab
            .locator("#shards-note", { hasText: "the busiest, shard 17, at 96 % of its limit; 1 throttled" })
            .waitFor();
        expect(await tab.locator("#shards .meter").count()).to.equal(MANY_SHARDS.length);
        expect(await tab.locator("#shards [data-state=full]").getAttribute("title")).to.match(
            /^shard 17: 960 of 1,000/,
        );
        expect(await tab.locator("#shards").getAttribute("aria-hidden")).to.equal("true");
        expect(await fitsWidth(tab)).to.equal(true);
    });

    it("has a few shards with their figures, and follows when they become others", async () => {
        const tab = await open({ now: { shards: [shard({ records: 500 })] } });
        stub.tell({ shards: [shard({ records: 500, bytes: 1_000, iteratorAgeMs: 2_000 })] }, {});
        await tab.locator("#shards .rate", { hasText: "500 of 1,000/s" }).waitFor();
        expect(await tab.locator("#shards .shard-note").textContent()).to.equal("2 s behind");
        expect(await tab.getByRole("meter", { name: "shard 0" }).getAttribute("aria-valuenow")).to.equal("50");
        stub.tell({ shards: [shard({ shardId: "shardId-000000000002" }), shard({ shardId: "shardId-000000000001" })] });
        await tab.locator("#shards .shard-name", { hasText: "shard 2" }).waitFor();
        expect(await tab.locator("#shards .shard-name").allTextContents()).to.deep.equal(["shard 2", "shard 1"]);
    });

    it("settles to nothing when nothing flows any more", async () => {
        const tab = await open();
        const active = { arrived: 900, finished: 900, written: 900, items: 900, invocations: 9, recordsInvoked: 900 };
        stub.tell({ ...active, putRequests: 9, invocationMs: 90 }, {});
        await verdictIs(tab, /^Flowing/);
        expect([await textOf(tab, "batch"), await textOf(tab, "duration")]).to.deep.equal(["100", "10 ms"]);
        expect(await tab.locator("[data-pipe=put]").getAttribute("data-pace")).to.equal("medium");
        stub.tell(active);
        await verdictIs(tab, /^All quiet/);
        for (const name of [
            "posts",
            "requests",
            "waiting",
            "throttled",
            "invocations",
            "running",
            "stored",
            "refused",
        ]) {
            expect(await textOf(tab, name), name).to.equal("0");
        }
        for (const name of ["batch", "duration", "p50", "p99"]) expect(await textOf(tab, name), name).to.equal("–");
        expect(await tab.locator(".pipe:not([data-pace=still])").count()).to.equal(0);
        expect(await textOf(tab, "items")).to.equal("900");
    });

    it("says where it is held up, and by what, to the eye, in the title and to a screen reader", async () => {
        const tab = await open();
        const failing = (count: number) => ({
            ...{ arrived: 900, invocations: count, invocationsFailed: count },
            functionError: "TypeError: <img src=x onerror=window.hacked=1> \u202e",
        });
        stub.tell(failing(3), {});
        await verdictIs(tab, /3 of 3 invocations just now.*TypeError: <img/);
        expect(await tab.locator("#function .held").isVisible()).to.equal(true);
        expect(await tab.locator(".held:visible").count()).to.equal(1);
        expect(await tab.title()).to.match(/^Held up/);
        stub.tell(failing(4), {});
        await verdictIs(tab, /4 of 4 invocations/);
        // Only that the state is another one is told, and not each figure of it.
        expect(await tab.locator("[role=status]#announcement").textContent()).to.include("3 of 3 invocations");
        expect(await tab.evaluate("'hacked' in window")).to.equal(false);
        stub.tell({ arrived: 900, finished: 900 });
        await verdictIs(tab, /^All quiet/);
        expect(await tab.locator(".held:visible").count()).to.equal(0);
        expect(await tab.title()).to.equal("The stream");
    });

    it("has charts with units, a legend that tells lines apart without colours, and words for what they show", async () => {
        const nowMs = Date.now();
        const points = [
            [nowMs - 3_000, 3, 2, 0, 85, 1_500, 1],
            [nowMs - 2_000, 1_204, 900, 0, 90, 1_200, 1],
            [nowMs - 1_000, 0.4, 0, 7, null, null, 0],
        ] as const;
        const tab = await open({ points });
        const words = (name: RegExp) => tab.getByRole("img", { name }).getAttribute("aria-label");
        expect(await words(/^Throughput/)).to.equal(
            "Throughput per second: posts in 0.4 now, 1,204 at most in the last minutes; " +
                "items stored 0 now, 900 at most in the last minutes; throttled 7 now, 7 at most in the last minutes",
        );
        expect(await words(/^Latency/)).to.equal(
            "Latency: p50 – now, 90 ms at most in the last minutes; p99 – now, 1.5 s at most in the last minutes",
        );
        const dashes = "Array.from(document.querySelectorAll('.u-marker'), (each) => each.style.borderStyle)";
        const [, , , throttled, , p50, p99] = await tab.evaluate<string[]>(dashes);
        expect([throttled, p50, p99]).to.deep.equal(["dashed", "solid", "dashed"]);
    });

    it("says that it is not connected, and is live again as soon as there is somebody", async () => {
        tabs.expectComplaints(/ERR_/);
        const items = [item("1", { message: "find me" })];
        const endpoints = { "/api/items": async () => ({ value: { items, searched: 1, complete: true } }) };
        const tab = await open({ endpoints });
        stub.tell({ arrived: 900, written: 900 }, {});
        await verdictIs(tab, /^Flowing/);
        await tab.getByLabel("Username").fill("ada");
        await tab.keyboard.press("Enter");
        await tab.locator("#items", { hasText: "find me" }).waitFor();
        const { port } = stub;
        await stub.close();
        await tab.waitForSelector("#connection[data-state=lost]");
        await verdictIs(tab, /^Not connected: the embedded cloud has stopped. This is how it was at/);
        expect(await tab.locator(".pipe:not([data-pace=still])").count()).to.equal(0);
        expect(await tab.title()).to.match(/^Not connected/);
        stub = await startStub({ port, endpoints, items: [item("2", { message: "new" })] });
        await tab.waitForSelector("#connection[data-state=live]");
        await verdictIs(tab, /^Nothing has arrived yet/);
        // What the reader has searched for stays until it is ended.
        expect(await tab.locator("#items-title").textContent()).to.equal("Found items");
        expect(await tab.locator("#items .message").allTextContents()).to.deep.equal(["find me"]);
        await tab.getByRole("button", { name: "Newest again" }).click();
        expect(await tab.locator("#items .message").allTextContents()).to.deep.equal(["new"]);
    });

    it("tries again where it is refused, which the browser does not do by itself", async () => {
        tabs.expectComplaints(/ERR_|status of 503/);
        const tab = await open();
        await tab.route("**/events", (route) => route.fulfill({ status: 503, body: "No." }));
        await tab.reload();
        await tab.waitForSelector("#connection[data-state=lost]");
        await tab.unroute("**/events");
        await tab.waitForSelector("#connection[data-state=live]");
    });

    it("tells of a mistake of its own, as text", async () => {
        tabs.expectComplaints(/boom/);
        const tab = await open();
        await tab.evaluate("void setTimeout(() => { throw new Error('<b>boom</b>'); })");
        await tab.getByRole("alert").filter({ hasText: "<b>boom</b>" }).waitFor();
        await tab.evaluate("void Promise.reject(new Error('boom again'))");
        await tab.getByRole("alert").filter({ hasText: "boom again" }).waitFor();
    });

    it("says so where a panel or a search has no answer, and loads the panel as soon as it can be", async () => {
        tabs.expectComplaints(/status of 500|ERR_/);
        let isBroken = true;
        const denial = {
            principalArn: "eve",
            action: "s3:GetObject",
            resource: "*",
            message: "no",
            count: 2,
            lastMs: 0,
        };
        const endpoints = {
            "/api/denied": async () => {
                if (isBroken) throw new Error("broken");
                return { value: [denial] };
            },
        };
        const tab = await open({ endpoints, counts: { denied: 2 } });
        await tab.locator("#tab-denied").click();
        await tab.locator("#panel-problem", { hasText: /^Not loaded/ }).waitFor();
        isBroken = false;
        stub.tell({}, {}, { denied: 2 });
        await tab.locator("#denied li", { hasText: "2 times" }).waitFor();
        expect(await tab.locator("#panel-problem").textContent()).to.equal("");
        await tab.route("**/api/items?*", (route) => route.abort());
        await tab.getByLabel("Username").fill("ada");
        await tab.keyboard.press("Enter");
        await tab.locator("#items-note", { hasText: "The embedded cloud does not answer." }).waitFor();
    });

    it("loads the panel that is opened while another one is being loaded, without waiting for new figures", async () => {
        let answerLogs = (): void => undefined;
        const held = new Promise<void>((resolve) => (answerLogs = resolve));
        const endpoints = {
            "/api/logs": async () => {
                await held;
                return { value: { total: 0, events: [] } };
            },
            "/api/failed-events": async () => ({ value: { objects: 1, events: [failedEvent(0)] } }),
        };
        const tab = await open({ endpoints, counts: { failed: 1 } });
        await tab.locator("#tab-failed").click();
        answerLogs();
        await tab.locator("#failed button", { hasText: "object-0" }).waitFor();
    });

    it("turns the pages of thousands of failed events, and leaves the reader where they are when more come", async () => {
        const all = Array.from({ length: 450 }, (_, index) => failedEvent(449 - index));
        const endpoints = {
            "/api/failed-events": async (query: URLSearchParams) => {
                const skipped = Number(query.get("skip"));
                return { value: { objects: all.length, events: all.slice(skipped, skipped + 200) } };
            },
        };
        const tab = await open({ endpoints, counts: { failed: 1 } });
        await tab.locator("#tab-failed").click();
        await tab.locator("#failed-note", { hasText: "Objects 1 to 200 of 450" }).waitFor();
        const second = tab.locator("#failed button", { hasText: "object-448" });
        await second.focus();
        all.unshift(failedEvent(450));
        stub.tell({}, {}, { failed: 2 });
        await tab.locator("#failed li:first-child", { hasText: "object-450" }).waitFor();
        expect(await tab.evaluate("document.activeElement.matches('#failed button')")).to.equal(true);
        expect(await tab.evaluate("document.activeElement.textContent")).to.include("object-448");
        await tab.getByRole("button", { name: "Older" }).click();
        await tab.locator("#failed-note", { hasText: "Objects 201 to 400 of 451" }).waitFor();
        await tab.getByRole("button", { name: "Older" }).click();
        await tab.locator("#failed-note", { hasText: "Objects 401 to 451 of 451" }).waitFor();
        // There are no older ones.
        await tab.keyboard.press("Enter");
        expect(await tab.locator("#failed li").last().textContent()).to.include("object-0");
        await tab.getByRole("button", { name: "Newer" }).click();
        await tab.locator("#failed-note", { hasText: "Objects 201 to 400" }).waitFor();
    });

    it("has all records of an object that holds many", async () => {
        const record = (index: number) => ({
            ...{ reason: "no id", partitionKey: "ada", sequenceNumber: String(index) },
            ...{ payload: `payload ${index}`, isText: true, bytes: 9, cut: false },
        });
        const endpoints = {
            "/api/failed-events": async () => ({ value: { objects: 1, events: [failedEvent(0)] } }),
            "/api/failed-event": async (query: URLSearchParams) => {
                const skipped = Number(query.get("skip"));
                const records = Array.from({ length: Math.min(50, 70 - skipped) }, (_, index) =>
                    record(skipped + index),
                );
                return { value: { key: "k", reason: "no id", facts: [], records, recordsTotal: 70 } };
            },
        };
        const tab = await open({ endpoints, counts: { failed: 1 } });
        await tab.locator("#tab-failed").click();
        await tab.locator("#failed button").click();
        await tab.getByRole("button", { name: "More of the 70 records" }).click();
        await tab.locator("#dialog", { hasText: "payload 69" }).waitFor();
        expect(await tab.locator("#dialog pre").count()).to.equal(70);
        expect(await tab.getByRole("button", { name: /^More/ }).count()).to.equal(0);
        await tab.keyboard.press("Escape");
        expect(await tab.evaluate("document.activeElement.closest('#failed') !== null")).to.equal(true);
    });

    it("shows all of a long message, of which the list has the beginning", async () => {
        const long = "W".repeat(4_000);
        const endpoints = {
            "/api/items": async () => ({
                value: { items: [item("7", { message: long })], searched: 1, complete: true },
            }),
        };
        const old = { timestamp: "2019-05-01T12:00:00Z", message: long.slice(0, 500), cut: true };
        const hostile = item("9".repeat(500), { username: "U".repeat(256), message: "\u202e\u0000\u0007\u0300" });
        const tab = await open({ endpoints, items: [hostile, item("7", old)] }, PHONE);
        expect(await fitsWidth(tab)).to.equal(true);
        // A time of another day comes with its date.
        expect(await tab.locator("#items .time").first().textContent()).to.match(/^2019-05-01 /);
        await tab.locator("#items button").first().click();
        await tab.locator("#dialog .payload", { hasText: long }).waitFor();
        expect(await fitsWidth(tab)).to.equal(true);
    });

    it("keeps the items where they are while the reader is in them", async () => {
        const tab = await open({ items: [item("1", { username: "first" })] });
        await tab.getByRole("button", { name: "first" }).focus();
        stub.tell({}, {}, { items: [item("2", { username: "second" })] });
        await tab.locator("#items-held").waitFor();
        expect(await tab.locator("#items tr").count()).to.equal(1);
        await tab.getByLabel("Username").focus();
        await tab.locator("#items tr:first-child", { hasText: "second" }).waitFor();
        expect(await tab.locator("#items-held").isVisible()).to.equal(false);
    });

    it("says in a few words what a line of the function's log says", async () => {
        const error = { errorType: "TypeError", errorMessage: "no <b>x</b>", stackTrace: ["at one", "at two"] };
        const lines = [
            JSON.stringify({ level: "ERROR", message: error }),
            JSON.stringify({ level: "INFO", message: "stored 7 of 7 records", milliseconds: 12 }),
            JSON.stringify({ type: "platform.report", record: { status: "timeout", metrics: { durationMs: 60_000 } } }),
            "null",
            "x".repeat(4_000),
        ];
        const events = lines.map((message) => ({ timeMs: 0, message }));
        const endpoints = { "/api/logs": async () => ({ value: { total: events.length, events } }) };
        const tab = await open({ endpoints, counts: { logs: events.length } });
        await tab.waitForSelector("#log li");
        const said = tab.locator("#log :is(summary, li > span)");
        const [failed, stored, late, plain, long] = await said.allTextContents();
        expect([failed, stored, late, plain]).to.deep.equal([
            "ERROR TypeError: no <b>x</b>",
            "INFO stored 7 of 7 records, in 12 ms",
            "report timeout 60,000 ms",
            "null",
        ]);
        expect(long!.length).to.equal(301);
        expect(await tab.locator("#log .bad-line").count()).to.equal(2);
        await said.first().click();
        expect(await tab.locator("#log details[open] pre").textContent()).to.include('"at two"');
    });
});

function failedEvent(number: number) {
    return { key: `quarantine/object-${number}`, timeMs: number, bytes: 100, records: 1 };
}
