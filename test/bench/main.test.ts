import { expect } from "chai";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { taskFolderBase } from "../../local/lambda/task-folder";
import { end, printed, processesUsing, startProgram } from "../project-copy";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";

const BENCH = "bench/main.ts";

describe("npm run bench", () => {
    after(removeTemporaryFolders);

    for (const [only, begun, signal] of [
        ["start", "first stored post", "SIGINT"],
        ["function", "cold starts", "SIGINT"],
        ["pipeline", "100 posts/s", "SIGINT"],
        ["pipeline", "100 posts/s", "SIGHUP"],
    ] as const) {
        it(`leaves nothing behind when its processes get ${signal} in the part ${only}`, async () => {
            const temporary = temporaryFolder({}, taskFolderBase());
            const bench = startProgram(BENCH, ["--only", only, "--rounds", "1"], { temporary });
            const ended = end(bench);
            await printed(bench.stderr, begun);
            // With a function that is there, everything is under way.
            while (readdirSync(temporary).length === 0) await delay(20);
            // A terminal sends it to the whole group.
            process.kill(-bench.pid!, signal);
            const { code, stdout } = await ended;
            expect([code, stdout]).to.deep.equal([130, ""]);
            expect(readdirSync(temporary)).to.deep.equal([]);
            const isWatch = (command: string) => command.includes("host-watch");
            expect(processesUsing(temporary).filter((command) => !isWatch(command))).to.deep.equal([]);
            // The one that watches over a host ends after it.
            while (processesUsing(temporary).length > 0) await delay(20);
        });
    }

    it("refuses a part that there is not, in one line", async () => {
        const bench = startProgram(BENCH, ["--only", "all"], { temporary: temporaryFolder() });
        const { code, stderr } = await end(bench);
        expect(code).to.equal(2);
        expect(stderr).to.match(/^Expected .*--only/);
    });
});
