import { expect } from "chai";
import { SystemLog, type InvocationReport } from "../../../local/lambda/system-log";

const REPORT: InvocationReport = {
    requestId: "r",
    status: "success",
    durationMs: 2.345,
    memorySizeMb: 128,
    memoryUsedMb: 60,
    initDurationMs: undefined,
};

/** The types of what is logged of an invocation that ends in this way. */
function typesOf(systemLogLevel: "DEBUG" | "INFO" | "WARN" | undefined, status: InvocationReport["status"]): string[] {
    const log = new SystemLog({ logFormat: "JSON", systemLogLevel });
    return [...log.start("r"), ...log.end({ ...REPORT, status })].map((line) => {
        const { type, record } = JSON.parse(line) as { type: string; record: { requestId: string } };
        expect(record.requestId).to.equal("r");
        return type;
    });
}

describe("what Lambda itself logs", () => {
    it("has the initialization only where there was one", () => {
        const log = new SystemLog({});
        expect(log.end(REPORT)).to.deep.equal([
            "END RequestId: r",
            "REPORT RequestId: r\tDuration: 2.35 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB",
        ]);
        expect(log.end({ ...REPORT, memoryUsedMb: undefined, initDurationMs: 40 })[1]).to.equal(
            "REPORT RequestId: r\tDuration: 2.35 ms\tBilled Duration: 43 ms\tMemory Size: 128 MB\tInit Duration: 40.00 ms",
        );
    });

    for (const [level, status, types] of [
        [undefined, "success", ["start", "report"]],
        ["INFO", "success", ["start", "report"]],
        ["DEBUG", "success", ["start", "runtimeDone", "report"]],
        ["WARN", "success", []],
        ["WARN", "error", ["runtimeDone", "report"]],
        ["WARN", "timeout", ["runtimeDone", "report"]],
        ["INFO", "timeout", ["start", "runtimeDone", "report"]],
    ] as const) {
        it(`is ${types.join(", ") || "nothing"} of a ${status} at the level ${level ?? "that is not given"}`, () => {
            expect(typesOf(level, status)).to.deep.equal(types.map((type) => `platform.${type}`));
        });
    }

    it("tells of an initialization that took too long, at any level", () => {
        expect(new SystemLog({}).initTimeout(10_000)).to.deep.equal([
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout",
        ]);
        const [line = ""] = new SystemLog({ logFormat: "JSON", systemLogLevel: "WARN" }).initTimeout(10_000);
        expect(JSON.parse(line)).to.deep.include({
            type: "platform.initReport",
            record: {
                initializationType: "on-demand",
                phase: "init",
                status: "timeout",
                metrics: { durationMs: 10_000 },
            },
        });
    });
});
