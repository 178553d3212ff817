import { expect } from "chai";
import { readError, useLambda } from "./fixture";

describe("initialization of a function", () => {
    const lambda = useLambda();

    const failing = { "index.js": "throw new Error('no luck');" };

    it("that fails is the error of the invocation, each time anew", async () => {
        await lambda.create("", { files: failing });
        for (let times = 0; times < 2; times += 1) {
            expect(readError(await lambda.invoke())).to.include({ errorType: "Error", errorMessage: "no luck" });
        }
    });

    for (const { named, changes, errorType, errorMessage } of [
        {
            named: "a module that is not there",
            changes: { handler: "absent.handler" },
            errorType: "Runtime.ImportModuleError",
            errorMessage: /^Error: Cannot find module .*absent/,
        },
        {
            named: "a dependency that is not there",
            changes: { files: { "index.js": "require('chai');" } },
            errorType: "Runtime.ImportModuleError",
            errorMessage: /^Error: Cannot find module 'chai'/,
        },
        {
            named: "an export that is not there",
            changes: { handler: "index.absent" },
            errorType: "Runtime.HandlerNotFound",
            errorMessage: /^index\.absent is undefined or not exported$/,
        },
        {
            named: "an export that is no function",
            changes: { files: { "index.js": "exports.handler = 1;" } },
            errorType: "Runtime.HandlerNotFound",
            errorMessage: /^index\.handler is not a function$/,
        },
        {
            named: "a syntax error",
            changes: { files: { "index.js": "const = 1;" } },
            errorType: "Runtime.UserCodeSyntaxError",
            errorMessage: /^SyntaxError: /,
        },
    ]) {
        it(`with ${named} fails as on AWS`, async () => {
            await lambda.create("exports.handler = async () => {};", changes);
            const error = readError(await lambda.invoke());
            expect(error.errorType).to.equal(errorType);
            expect(error.errorMessage).to.match(errorMessage);
        });
    }

    it("that exits fails the invocation", async () => {
        await lambda.create("process.exit(3);");
        expect(readError(await lambda.invoke()).errorMessage).to.match(/exit status 3$/);
    });

    it("ahead of the first invocation serves it", async () => {
        const code = `${lambda.rendezvous.code} const met = meet(); exports.handler = async () => process.pid;`;
        await lambda.create(code);
        lambda.service.initialize("processor", 1);
        await lambda.rendezvous.next();
        await lambda.invoke();
        expect(new Set(lambda.service.logs("processor").map(({ logStreamName }) => logStreamName))).to.have.lengthOf(1);
    });

    it("ahead of the first invocation that fails leaves the error to the first invocation", async () => {
        await lambda.create("", { files: failing });
        lambda.service.initialize("processor", 1);
        expect(readError(await lambda.invoke()).errorMessage).to.equal("no luck");
    });
});
