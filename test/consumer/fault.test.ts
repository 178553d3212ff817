import { expect } from "chai";
import * as fc from "fast-check";
import { describeFault } from "../../consumer/fault";
import { serviceError } from "./support/services";

describe("what a failed request means", () => {
    const system = (code: string, name = "Error") =>
        Object.assign(new Error(code), { code, name, $metadata: { attempts: 1 } });
    const cases: [string, unknown, string][] = [
        ["a throttled table", serviceError("ProvisionedThroughputExceededException", 400), "passing"],
        ["a throttled account", serviceError("RequestLimitExceeded", 400), "passing"],
        ["a throttled caller", serviceError("ThrottlingException", 400), "passing"],
        ["an internal error of the service", serviceError("InternalServerError", 500), "passing"],
        ["an unknown answer with status 503", serviceError("Whatever", 503), "passing"],
        ["an unknown answer with status 429", serviceError("Whatever", 429), "passing"],
        ["S3 asking for fewer requests", serviceError("SlowDown", 503), "passing"],
        ["a connection that was closed", system("ECONNRESET", "TimeoutError"), "passing"],
        ["a connection that was refused", system("ECONNREFUSED"), "passing"],
        ["a name that is not resolved now", system("EAI_AGAIN"), "passing"],
        ["a response that is no HTTP", system("HPE_INVALID_CONSTANT"), "passing"],
        ["a request that took too long", Object.assign(new Error("slow"), { name: "TimeoutError" }), "passing"],
        ["a response that is no JSON", new SyntaxError("Unexpected token"), "passing"],
        [
            "an item that the table does not take",
            serviceError("ValidationException", 400, "Item size has exceeded"),
            "refused",
        ],
        [
            "another schema",
            serviceError("ValidationException", 400, "The provided key element does not match the schema"),
            "lasting",
        ],
        [
            "another key",
            serviceError(
                "ValidationException",
                400,
                "One or more parameter values were invalid: Missing the key Name in the item",
            ),
            "lasting",
        ],
        [
            "another type of an index key",
            serviceError(
                "ValidationException",
                400,
                "One or more parameter values were invalid: Type mismatch for Index Key Source Expected: N Actual: S",
            ),
            "lasting",
        ],
        ["a missing permission", serviceError("AccessDeniedException", 400), "lasting"],
        ["a missing table", serviceError("ResourceNotFoundException", 400), "lasting"],
        ["a missing bucket", serviceError("NoSuchBucket", 404), "lasting"],
        ["a mistake in the program", new TypeError("x is not a function"), "lasting"],
        ["a wrong argument", system("ERR_INVALID_ARG_TYPE"), "lasting"],
        ["nothing at all", undefined, "lasting"],
        ["a text", "broken", "lasting"],
    ];
    for (const [edge, error, kind] of cases) {
        it(`${edge}: ${kind}`, () => expect(describeFault(error).kind).to.equal(kind));
    }

    it("does not repeat what the parser quotes of an unreadable response", () => {
        const error = Object.assign(new SyntaxError(`Unexpected token 's', "secret post" is not valid JSON`), {
            $metadata: { httpStatusCode: 200 },
        });
        expect(JSON.stringify(describeFault(error))).to.not.include("secret");
        expect(describeFault(error).message).to.include("HTTP 200");
    });

    it("does not repeat a value of the request that the service quotes", () => {
        const message = "1 validation error detected: Value '{Message=secret' at 'post}' at 'requestItems' failed";
        const fault = describeFault(serviceError("ValidationException", 400, message));
        expect(fault.message).to.equal("1 validation error detected: Value '…' at 'requestItems' failed");
    });

    it("keeps a long message short", () => {
        expect(describeFault(new Error("x".repeat(10_000))).message).to.have.length(300);
    });

    it("never throws, whatever was thrown", () => {
        fc.assert(
            fc.property(fc.anything(), (thrown) => {
                expect(describeFault(thrown).name).to.be.a("string");
            }),
        );
    });
});
