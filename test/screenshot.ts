import { once } from "node:events";
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../commandline/failure";
import { runMain } from "../commandline/main";
import { formatCount } from "../commandline/numbers";
import { findBrowser, launchBrowser } from "./browser";
import { printed, startProgram } from "./project-copy";

const FOLDER = path.join(__dirname, "..", "docs");
/** For long enough that the charts have something to show. */
const DEMO = ["--keep", "--ui-port", "0", "--posts", "60000", "--rate", "1200", "--seed", "5"];
const SECONDS_SHOWN = 40;
const VIEWPORT = { width: 1280, height: 860 };

runMain(
    {
        usage: "npm run screenshot --",
        summary:
            "Renews the pictures of the page under docs/, from a demo that runs meanwhile. Fonts for every script and for emoji " +
            "should be installed, as posts have them: fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji in Debian.",
        options: {},
    },
    async () => {
        const executable = findBrowser();
        if (executable === undefined) throw new Failure("Expected Chromium or Chrome to be installed, found neither.");
        mkdirSync(FOLDER, { recursive: true });
        const demo = startProgram("local/demo/main.ts", DEMO);
        const ended = once(demo, "close");
        demo.stdout.resume();
        try {
            const [, address = ""] = /Watch it at (\S+)/.exec(await printed(demo.stderr, "Watch it at")) ?? [];
            const browser = await launchBrowser(executable);
            await delay(SECONDS_SHOWN * 1000);
            for (const colorScheme of ["light", "dark"] as const) {
                const context = await browser.newContext({ viewport: VIEWPORT, colorScheme, reducedMotion: "reduce" });
                const tab = await context.newPage();
                await tab.goto(address);
                await tab.waitForSelector("#log li");
                await tab.waitForSelector("#items tr");
                const file = path.join(FOLDER, `page-${colorScheme}.png`);
                await tab.screenshot({ path: file, fullPage: true });
                process.stdout.write(`${path.relative(".", file)}: ${formatCount(statSync(file).size)} bytes\n`);
            }
            await browser.close();
        } finally {
            demo.kill("SIGINT");
            await ended;
        }
        return 0;
    },
);
