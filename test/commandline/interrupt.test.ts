import { expect } from "chai";
import { onInterrupt } from "../../commandline/interrupt";

describe("interrupts", () => {
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
});
