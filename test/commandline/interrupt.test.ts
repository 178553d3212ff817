import { expect } from "chai";
import { spawn } from "node:child_process";
import path from "node:path";
import { onInterrupt } from "../../commandline/interrupt";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";

describe("interrupts", () => {
    after(removeTemporaryFolders);

    it("stop at the first, whatever comes with it, and abort at the next half a second later", () => {
        let now = 1000;
        const calls: string[] = [];
        const ignore = onInterrupt(
            { stop: (signal) => calls.push(`stop ${signal}`), abort: (signal) => calls.push(`abort ${signal}`) },
            () => now,
        );
        try {
            process.emit("SIGHUP", "SIGHUP");
            now += 5;
            process.emit("SIGHUP", "SIGHUP");
            now += 494;
            process.emit("SIGTERM", "SIGTERM");
            expect(calls).to.deep.equal(["stop SIGHUP"]);
            now += 1;
            process.emit("SIGTERM", "SIGTERM");
            expect(calls).to.deep.equal(["stop SIGHUP", "abort SIGTERM"]);
        } finally {
            ignore();
        }
    });

    it("are left alone afterwards", () => {
        const before = process.listenerCount("SIGINT");
        const ignore = onInterrupt({ stop: () => undefined, abort: () => undefined });
        expect(process.listenerCount("SIGINT")).to.equal(before + 1);
        ignore();
        expect(process.listenerCount("SIGINT")).to.equal(before);
    });

    it("include the end of the shell of `npm run`, which passes no SIGTERM on", async function () {
        if (process.platform === "win32") this.skip();
        const command =
            // Should nobody tell it to stop, it ends some time.
            "const keep = setTimeout(() => undefined, 100_000);" +
            'onInterrupt({ stop: (signal) => { console.log("stop", signal); clearTimeout(keep); }, abort: () => undefined });' +
            'console.log("ready");';
        const folder = temporaryFolder({
            "command.ts": `import { onInterrupt } from ${JSON.stringify(path.resolve("commandline/interrupt"))};\n${command}`,
        });
        const loader = path.resolve("commandline/typescript.cjs");
        // With something to do afterwards, no shell hands its process over to the command.
        const shell = spawn("sh", ["-c", '"$0" --require "$1" "$2"; true', process.execPath, loader, "command.ts"], {
            cwd: folder,
            env: { ...process.env, npm_lifecycle_event: "it" },
            stdio: ["ignore", "pipe", "inherit"],
        });
        let said = "";
        for await (const text of shell.stdout.setEncoding("utf8")) {
            said += String(text);
            if (said === "ready\n") shell.kill("SIGTERM");
        }
        expect(said).to.equal("ready\nstop SIGTERM\n");
    });
});
