import { expect } from "chai";
import { checkFunctionConfiguration } from "../../../local/lambda/function-configuration";
import { configure } from "./fixture";

describe("function configuration", () => {
    it("as AWS accepts it is accepted", () => {
        expect(() =>
            checkFunctionConfiguration(configure("", { memorySizeMb: 10_240, timeoutSeconds: 900 })),
        ).not.to.throw();
    });

    for (const { changes, message } of [
        { changes: { functionName: "a b" }, message: /function's name .* got "a b"/ },
        {
            changes: { runtime: "nodejs20.x" },
            message: /`runtime` to be one of nodejs24\.x, nodejs22\.x, got "nodejs20\.x"/,
        },
        { changes: { handler: "index" }, message: /`handler` to be .* got "index"/ },
        { changes: { memorySizeMb: 127 }, message: /`memorySize` to be a whole number from 128 to 10240, got 127/ },
        { changes: { timeoutSeconds: 901 }, message: /`timeout` to be a whole number from 1 to 900, got 901/ },
        { changes: { timeoutSeconds: 1.5 }, message: /`timeout`/ },
        {
            changes: { logFormat: "JSON" as const, systemLogLevel: "ERROR" as const },
            message: /`systemLogLevel` to be one of DEBUG, INFO, WARN, got "ERROR"/,
        },
        {
            changes: { systemLogLevel: "WARN" as const },
            message: /`logFormat` to be JSON, as `systemLogLevel` is given/,
        },
        { changes: { applicationLogLevel: "WARN" as const }, message: /as `applicationLogLevel` is given/ },
        { changes: { reservedConcurrentExecutions: -2 }, message: /`reservedConcurrentExecutions`/ },
        {
            changes: { environment: { AWS_REGION: "x", TABLE: "y" } },
            message: /Reserved keys used in this request: AWS_REGION$/,
        },
        { changes: { environment: { "1ST": "x" } }, message: /name of an environment variable .* got "1ST"/ },
        { changes: { environment: { LONG: "x".repeat(4096) } }, message: /exceeded the 4KB limit/ },
        { changes: { files: {} }, message: /non-empty zip/ },
        { changes: { files: { "../index.js": "" } }, message: /stay inside the archive, got "\.\.\/index\.js"/ },
        { changes: { files: { "/etc/passwd": "" } }, message: /stay inside the archive/ },
    ]) {
        it(`with ${JSON.stringify(changes).slice(0, 60)} is refused`, () => {
            expect(() => checkFunctionConfiguration(configure("", changes)))
                .to.throw(message)
                .with.property("code", "InvalidParameterValueException");
        });
    }
});
