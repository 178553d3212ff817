import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page as Tab } from "playwright-core";
import { findBrowser, launchBrowser } from "../../browser";

export type { Tab };

export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

const executable = findBrowser();
const WITHOUT_BROWSER = "there is no Chromium or Chrome on this machine (`apt-get install chromium`, or set CHROMIUM)";

export interface Tabs {
    /** Opens a page of ours and waits until it is live. */
    open(address: string, options?: BrowserContextOptions): Promise<Tab>;
    /** What the browser says of mistakes from now on, until the test ends, is left out where it is as expected. */
    expectComplaints(expected: RegExp): void;
}

/**
 * Tests in a browser, skipped with a word where there is none. A test fails where the browser's console told of a mistake, or
 * where a tab asked for something from elsewhere.
 */
export function describeInBrowser(title: string, suite: (tabs: Tabs) => void): void {
    describe(`${title}${executable === undefined ? `: skipped, ${WITHOUT_BROWSER}` : ""}`, function () {
        let browser: Browser;
        let complaints: string[];
        let expected: RegExp | undefined;

        before(async function () {
            if (executable === undefined) return this.skip();
            browser = await launchBrowser(executable);
        });

        after(async () => {
            // Skipped, there is none.
            if (executable !== undefined) await browser.close();
        });

        beforeEach(() => {
            complaints = [];
            expected = undefined;
        });

        afterEach(async () => {
            for (const context of browser.contexts()) await context.close();
            expect(complaints.filter((text) => !(expected?.test(text) ?? false))).to.deep.equal([]);
        });

        suite({
            open: async (address, options = {}) => {
                const context = await browser.newContext(options);
                // What does not come fails with the test, however slow the machine is.
                context.setDefaultTimeout(0);
                const tab = await context.newPage();
                tab.on("console", (message) => {
                    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
                });
                tab.on("pageerror", (error) => complaints.push(error.message));
                tab.on("request", (request) => {
                    // A blob is a piece of a page itself: the editor of dynamodb-admin is a worker in one.
                    if (
                        !request
                            .url()
                            .replace(/^blob:/, "")
                            .startsWith(address)
                    )
                        complaints.push(`A request to ${request.url()}`);
                });
                await tab.goto(address);
                await tab.waitForSelector("#connection[data-state=live]");
                return tab;
            },
            expectComplaints: (pattern) => (expected = pattern),
        });
    });
}

/** The answer of a function of in-browser.js. The project's types are those of Node.js: what runs in the browser is text. */
export function inBrowser(tab: Tab, name: "namelessElements" | "poorContrasts" | "faintEdges"): Promise<string[]> {
    const text = readFileSync(path.join(__dirname, "in-browser.js"), "utf8").replaceAll("export function", "function");
    return tab.evaluate(`(() => { ${text} return ${name}(); })()`);
}

/** Whether everything fits the width of the window. */
export function fitsWidth(tab: Tab): Promise<boolean> {
    return tab.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth");
}
