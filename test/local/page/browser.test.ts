import { expect } from "chai";
import { startPage, type Page } from "../../../local/page/page";
import { end, printed, processesLeft, startProgram, type Program } from "../../project-copy";
import { BUCKET, startPipeline, type Pipeline } from "./pipeline";
import { describeInBrowser, fitsWidth, inBrowser, PHONE, type Tab } from "./tabs";

/** What a post may be that wants to be more than text: it would set `window.hacked`. */
const HOSTILE = [
    "<img src=x onerror='window.hacked=1'>",
    "<script>window.hacked=1</script>",
    "</td></table><svg onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "\u202e reversed \u2066",
];
/** A figure comes twice a second; one that has not come by then never does, on any machine. */
const FIGURE_MS_MAX = 120_000;

describeInBrowser("the page in a browser", (tabs) => {
    /** Waits until the figure is that; fails with the last one otherwise. */
    async function hasFigure(tab: Tab, name: string, expected: string): Promise<void> {
        const figure = tab.locator(`[data-figure=${name}]`);
        await figure
            .and(tab.getByText(expected, { exact: true }))
            .waitFor({ timeout: FIGURE_MS_MAX })
            .catch(() => undefined);
        expect(await figure.textContent(), name).to.equal(expected);
    }

    describe("of a pipeline", () => {
        let pipeline: Pipeline;
        let page: Page;

        before(async () => {
            pipeline = await startPipeline();
            const { cloud, outputs, resources } = pipeline;
            page = await startPage({ port: 0, cloud, outputs, resources: () => resources });
            for (const [index, text] of HOSTILE.entries()) {
                await pipeline.store(text, String(index), text);
                const line = { reason: text, partitionKey: text, data: Buffer.from(text).toString("base64") };
                await cloud.s3.putObject(BUCKET, `quarantine/${index}${text}`, `${JSON.stringify(line)}\n`);
                cloud.events.denied.tell({ principalArn: text, action: text, resource: text, message: text });
            }
            await pipeline.put("fail");
            await pipeline.cloud.drained();
        });

        after(async () => {
            await page.close();
            await pipeline.cloud.close();
            expect(pipeline.failures).to.deep.equal([]);
        });

        async function expectHarmless(tab: Tab): Promise<void> {
            expect(await tab.evaluate("'hacked' in window")).to.equal(false);
            expect(await tab.locator("main img, dialog img, main script, [onload], [onerror]").count()).to.equal(0);
        }

        it("shows hostile posts, failed events and denied requests as the text that they are", async () => {
            const tab = await tabs.open(page.address);
            await hasFigure(tab, "items", String(HOSTILE.length));
            const messages = await tab.locator("#items .message").allTextContents();
            expect(messages.toSorted()).to.deep.equal(HOSTILE.toSorted());
            expect(await tab.evaluate("getComputedStyle(document.querySelector('#items bdi')).unicodeBidi")).to.equal(
                "isolate",
            );
            await tab.locator("#items button").first().click();
            expect(HOSTILE).to.include(await tab.locator("#dialog .payload").textContent());
            await tab.keyboard.press("Escape");
            await tab.locator("#tab-failed").click();
            for (const text of HOSTILE) {
                await tab.locator("#failed button", { hasText: text }).first().click();
                await tab.waitForSelector("dialog[open]");
                expect(await tab.locator("#dialog pre.payload").textContent()).to.equal(text);
                await tab.locator("#dialog-close").click();
            }
            await tab.locator("#tab-denied").click();
            await tab.waitForSelector("#denied li");
            expect(await tab.locator("#denied li").count()).to.equal(HOSTILE.length);
            await expectHarmless(tab);
        });

        it("has nothing to run for a post in dynamodb-admin either", async () => {
            const tab = await tabs.open(page.address);
            await tab.getByRole("link", { name: "Table in dynamodb-admin" }).click();
            await tab.getByRole("link", { name: "local-EventData" }).first().click();
            await tab.waitForSelector("#items-container tr:nth-child(6)");
            expect(await tab.evaluate("'hacked' in window")).to.equal(false);
            await tab.locator("#items-container a", { hasText: "View" }).first().click();
            await tab.waitForSelector("#documentTextarea");
            expect(await tab.evaluate("'hacked' in window")).to.equal(false);
        });

        it("finds items by username and by id, and goes back to the newest", async () => {
            const tab = await tabs.open(page.address);
            await pipeline.store("ada", "4711", "find me");
            await tab.getByLabel("Username").fill("ada");
            await tab.keyboard.press("Enter");
            await tab.locator("#items-note", { hasText: "1 item found" }).waitFor();
            expect(await tab.locator("#items .message").allTextContents()).to.deep.equal(["find me"]);
            await tab.getByRole("button", { name: "Newest again" }).click();
            await tab.getByLabel("Id", { exact: true }).fill("4711");
            await tab.getByRole("button", { name: "Search" }).click();
            await tab.locator("#items-note", { hasText: "1 item found" }).waitFor();
        });

        it("says why a batch was given up, shows the function's log and the policies", async () => {
            const tab = await tabs.open(page.address);
            await tab.waitForSelector("#log li");
            expect(await tab.locator("#log").textContent()).to.include("as told");
            await tab.getByRole("button", { name: "Reasons and payloads" }).click();
            await tab.locator("#failed button", { hasText: "Given up by Lambda" }).first().click();
            await tab.waitForSelector("dialog[open]");
            expect(await tab.locator("#dialog").textContent()).to.include("the function failed at every attempt");
            expect(await tab.locator("#dialog pre.payload").first().textContent()).to.equal("fail");
            await tab.keyboard.press("Escape");
            await tab.locator("#tab-resources").click();
            await tab.locator("#resources summary", { hasText: /^RolePolicy/ }).click();
            expect(await tab.locator("#resources").textContent()).to.include('"kinesis:*"');
        });

        it("can be used by the keyboard alone", async () => {
            const tab = await tabs.open(page.address);
            await tab.keyboard.press("Tab");
            expect(await tab.evaluate("document.activeElement.textContent")).to.equal("Skip to the flow");
            await tab.keyboard.press("Tab");
            await tab.keyboard.press("Enter");
            expect(await tab.evaluate("document.activeElement.id")).to.equal("details");
            await tab.keyboard.press("Tab");
            expect(await tab.evaluate("document.activeElement.id")).to.equal("tab-log");
            await tab.locator(".skip").first().focus();
            await tab.keyboard.press("Enter");
            expect(await tab.evaluate("document.activeElement.id")).to.equal("flow");
            await tab.keyboard.press("Tab");
            await tab.keyboard.press("Enter");
            expect(await tab.evaluate("document.activeElement.id")).to.equal("tab-failed");
            await tab.keyboard.press("ArrowRight");
            expect(await tab.evaluate("document.activeElement.id")).to.equal("tab-denied");
            await tab.keyboard.press("Home");
            await tab.keyboard.press("End");
            expect(await tab.locator("#panel-resources").isVisible()).to.equal(true);
            await tab.locator("#tab-failed").click();
            await tab.locator("#failed button").first().waitFor();
            await tab.keyboard.press("Tab");
            await tab.keyboard.press("Tab");
            await tab.keyboard.press("Enter");
            await tab.waitForSelector("dialog[open]");
            await tab.keyboard.press("Escape");
            expect(await tab.evaluate("document.activeElement.closest('#failed') !== null")).to.equal(true);
        });

        it("has a name for everything that can be used, and landmarks", async () => {
            const tab = await tabs.open(page.address);
            expect(await inBrowser(tab, "namelessElements")).to.deep.equal([]);
            for (const landmark of ["banner", "main", "search"] as const) {
                expect(await tab.getByRole(landmark).count(), landmark).to.equal(1);
            }
        });

        it("stands still when it is paused, and goes on with what has come meanwhile", async () => {
            const [paused, other] = [await tabs.open(page.address), await tabs.open(page.address)];
            await paused.getByRole("button", { name: "Pause" }).click();
            await pipeline.store("paused", "1", "meanwhile");
            // The other one was told of it in the same moment.
            await other.locator("#items", { hasText: "meanwhile" }).waitFor();
            expect(await paused.locator("#items").textContent()).not.to.include("meanwhile");
            await paused.getByRole("button", { name: "Go on" }).click();
            await paused.locator("#items", { hasText: "meanwhile" }).waitFor();
        });

        it("fits a phone, and a window that is magnified four times, with nothing to be moved sideways", async () => {
            for (const options of [PHONE, { viewport: { width: 320, height: 256 } }]) {
                const tab = await tabs.open(page.address, options);
                for (const name of ["log", "failed", "denied", "resources"]) {
                    await tab.locator(`#tab-${name}`).click();
                    expect(await fitsWidth(tab), name).to.equal(true);
                }
            }
        });

        it("is dark where the reader wants it dark, with text that can be read in both", async () => {
            for (const colorScheme of ["light", "dark"] as const) {
                const tab = await tabs.open(page.address, { colorScheme });
                const ground = await tab.evaluate<string>("getComputedStyle(document.body).backgroundColor");
                const brightness =
                    (ground.match(/\d+/g) ?? []).reduce((sum, each) => sum + Number(each), 0) / (3 * 255);
                expect(brightness).to.be[colorScheme === "dark" ? "below" : "above"](0.5);
                expect(await inBrowser(tab, "poorContrasts")).to.deep.equal([]);
                expect(await inBrowser(tab, "faintEdges")).to.deep.equal([]);
            }
        });

        it("moves nothing for a reader who wants it still", async () => {
            const tab = await tabs.open(page.address, { reducedMotion: "reduce" });
            await pipeline.store("still", "1", "new");
            await tab.locator("#items .is-new").first().waitFor();
            expect(await tab.evaluate("document.getAnimations().length")).to.equal(0);
        });
    });

    it("has the figures of the demo's account, and says when the embedded cloud has stopped", async () => {
        const options = ["--keep", "--ui-port", "0", "--json", "--posts", "600", "--faults", "--seed", "7"];
        const demo: Program = startProgram("local/demo/main.ts", options);
        try {
            const ended = end(demo);
            const said = await printed(demo.stderr, "Still up:");
            const address = /Watch it at (\S+)/.exec(said)![1]!;
            tabs.expectComplaints(/ERR_/); // That the server is gone is what its stopping means.
            const tab = await tabs.open(address);
            await hasFigure(tab, "waiting", "0");
            await tab.waitForFunction("document.querySelector('[data-figure=items]').textContent !== '0'");
            const [items, records] = await Promise.all(
                ["items", "records"].map((name) => tab.locator(`[data-figure=${name}]`).textContent()),
            );
            demo.kill("SIGINT");
            await tab.waitForSelector("#connection[data-state=lost]");
            const { code, stdout, stderr } = await ended;
            expect(code, stderr).to.equal(0);
            const account = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, number>;
            expect(account).to.include({ sent: 600, lost: 0, duplicates: 0 });
            expect(items).to.equal(String(account.stored));
            // A record that was sent twice, since the connection broke after the first time, is kept twice.
            expect(Number.parseInt(records!, 10)).to.be.at.least(account.quarantined!);
            expect(processesLeft(demo)).to.deep.equal([]);
        } finally {
            demo.kill("SIGKILL");
        }
    });
});
