import { expect } from "chai";
import { FUNCTION_ARN, read, readError, TIMEOUT_SECONDS, useLambda } from "./fixture";

describe("a handler", () => {
    const lambda = useLambda();

    it("gets the event and its result comes back", async () => {
        await lambda.create("exports.handler = async (event) => ({ doubled: event.number * 2, text: event.text });");
        const result = await lambda.invoke({ number: 21, text: "日本🔥" });
        expect(read(result)).to.deep.equal({ doubled: 42, text: "日本🔥" });
        expect(result).to.include({ statusCode: 200, executedVersion: "$LATEST" });
        expect(result).not.to.have.property("functionError");
    });

    it("that returns undefined answers null", async () => {
        await lambda.create("exports.handler = async () => {};");
        expect((await lambda.invoke()).payload).to.equal("null");
    });

    it("need not be asynchronous", async () => {
        await lambda.create("exports.handler = () => 7;");
        expect(read(await lambda.invoke())).to.equal(7);
    });

    it("gets a context as on AWS", async () => {
        await lambda.create("exports.handler = async (event, context) => context;");
        const result = await lambda.invoke();
        const context = read(result) as Record<string, unknown>;
        expect(context).to.include({
            functionName: "processor",
            functionVersion: "$LATEST",
            invokedFunctionArn: FUNCTION_ARN,
            memoryLimitInMB: "128",
            awsRequestId: result.requestId,
            logGroupName: "/aws/lambda/processor",
        });
        expect(context.logStreamName).to.match(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    });

    it("is told how much of its time is left, counted from when it was given the event", async () => {
        await lambda.create(`exports.handler = async (event, context) => {
            const beforeMs = Date.now();
            const leftMs = context.getRemainingTimeInMillis();
            return { earliestEndMs: beforeMs + leftMs, latestEndMs: Date.now() + leftMs };
        };`);
        const limitMs = TIMEOUT_SECONDS * 1000;
        const beforeMs = Date.now();
        const { earliestEndMs, latestEndMs } = read(await lambda.invoke()) as Record<string, number>;
        expect(latestEndMs).to.be.at.least(beforeMs + limitMs);
        expect(earliestEndMs).to.be.at.most(Date.now() + limitMs);
    });

    it("keeps its module's state from one invocation to the next", async () => {
        await lambda.create(
            "let count = 0; exports.handler = async () => { count += 1; return [count, process.pid]; };",
        );
        const [, pid] = read(await lambda.invoke()) as number[];
        expect(read(await lambda.invoke())).to.deep.equal([2, pid]);
    });

    it("may be an ES module, in a folder, with a nested export", async () => {
        await lambda.create("", {
            files: { "source/app.mjs": "export const api = { run: async () => 'module' };" },
            handler: "source/app.api.run",
        });
        expect(read(await lambda.invoke())).to.equal("module");
    });

    it("that throws is an error with type, message and trace, and its process goes on", async () => {
        await lambda.create(`exports.handler = async () => {
            const error = new RangeError("too far"); error.pid = process.pid; throw error; };`);
        const error = readError(await lambda.invoke());
        expect(error).to.include({ errorType: "RangeError", errorMessage: "too far" });
        expect(error.trace?.[0]).to.equal("RangeError: too far");
        expect(error.trace?.[1]).to.contain("index.js");
        await lambda.invoke();
        expect(new Set(lambda.service.logs("processor").map(({ logStreamName }) => logStreamName))).to.have.lengthOf(1);
    });

    it("that throws something else than an Error is an error of that type", async () => {
        await lambda.create("exports.handler = async () => { throw 'words'; };");
        expect(readError(await lambda.invoke())).to.deep.equal({
            errorType: "string",
            errorMessage: "words",
            trace: [],
        });
    });

    it("with a result that is no JSON fails", async () => {
        await lambda.create(
            "exports.handler = async () => { const circle = {}; circle.self = circle; return circle; };",
        );
        expect(readError(await lambda.invoke()).errorType).to.equal("Runtime.JSONStringifyError");
    });

    it("with a callback is refused", async () => {
        await lambda.create("exports.handler = (event, context, callback) => callback(null, 1);");
        const error = readError(await lambda.invoke());
        expect(error.errorType).to.equal("Runtime.CallbackHandlerDeprecated");
        expect(error.errorMessage).to.contain("has removed support for callback-based function handlers");
    });
});
