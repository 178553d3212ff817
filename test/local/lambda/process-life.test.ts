import { expect } from "chai";
import type { InvocationResult } from "../../../local/lambda/service";
import { read, readError, Rendezvous, useLambda } from "./fixture";

describe("the process of a function", () => {
    const lambda = useLambda();

    describe("a process", () => {
        it("is killed at the time limit, and the next invocation has a new one", async () => {
            const code = "exports.handler = async (event) => { if (event.hang) for (;;); return 'well'; };";
            await lambda.create(code, { timeoutSeconds: 1 });
            const result = await lambda.invoke({ hang: true });
            expect(readError(result)).to.deep.equal({
                errorType: "Sandbox.Timedout",
                errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
            });
            expect(lambda.messages().join("\n"))
                .to.match(/Task timed out after 1\.00 seconds/)
                .and.match(/Status: timeout/);
            let next: InvocationResult;
            do {
                next = await lambda.invoke();
                // A busy machine may take longer than the limit for any answer.
            } while (next.functionError !== undefined && readError(next).errorType === "Sandbox.Timedout");
            expect(read(next)).to.equal("well");
        });

        it("that exits fails its invocation", async () => {
            await lambda.create("exports.handler = async (event) => process.exit(event.code);");
            for (const [code, reason] of [
                [1, "Runtime exited with error: exit status 1"],
                [0, "Runtime exited without providing a reason"],
            ] as const) {
                const result = await lambda.invoke({ code });
                expect(readError(result)).to.deep.equal({
                    errorType: "Runtime.ExitError",
                    errorMessage: `RequestId: ${result.requestId} Error: ${reason}`,
                });
            }
        });

        it("that crashes on a signal fails its invocation", async () => {
            await lambda.create("exports.handler = async () => { process.kill(process.pid, 'SIGSEGV'); for (;;); };");
            expect(readError(await lambda.invoke()).errorMessage).to.contain("signal: segmentation fault");
        });

        it("that fills its heap ends", async () => {
            await lambda.create(`exports.handler = async () => {
                const kept = []; for (;;) kept.push(Array.from({ length: 100000 }, (_, i) => i + 0.5)); };`);
            const error = readError(await lambda.invoke());
            expect(error.errorType).to.equal("Runtime.ExitError");
            expect(error.errorMessage).to.match(/signal: aborted \(core dumped\)$/);
        });

        it("ends at an unhandled rejection, with its reason", async () => {
            await lambda.create(`exports.handler = () => new Promise(() => {
                Promise.reject(new TypeError("nobody looks")); });`);
            const error = readError(await lambda.invoke());
            expect(error.errorType).to.equal("Runtime.UnhandledPromiseRejection");
            expect(error.errorMessage).to.equal("TypeError: nobody looks");
        });

        it("ends at an error that is thrown in a callback", async () => {
            await lambda.create(`exports.handler = () => new Promise(() => {
                setImmediate(() => { throw new TypeError("out of reach"); }); });`);
            expect(readError(await lambda.invoke())).to.include({
                errorType: "TypeError",
                errorMessage: "out of reach",
            });
        });

        it("ends when the handler's promise is never settled", async () => {
            await lambda.create("exports.handler = () => new Promise(() => {});");
            const error = readError(await lambda.invoke());
            expect(error.errorType).to.equal("Runtime.NodeJsExit");
            expect(error.errorMessage).to.contain("a Promise that was never settled");
        });

        it("that fails between two invocations leaves the next one to another process", async () => {
            await lambda.create(`${lambda.rendezvous.code}
                exports.handler = async (event) => {
                    if (event.first) meet().then((socket) => socket.once("data", () => { throw new Error("late"); }));
                    return process.pid;
                };`);
            const first = read(await lambda.invoke({ first: true }));
            const socket = await lambda.rendezvous.next();
            socket.write("now");
            await Rendezvous.ended(socket);
            expect(read(await lambda.invoke())).not.to.equal(first);
            expect(lambda.messages().join("\n")).to.contain("late");
        });

        it("ends with what it has started", async () => {
            await lambda.create(`${lambda.rendezvous.code}
                const { spawn } = require("node:child_process");
                exports.handler = async () => {
                    spawn(process.execPath, ["-e", 'require("node:net").connect(${lambda.rendezvous.port}, "127.0.0.1")']);
                    await released(await meet());
                };`);
            const result = lambda.invoke();
            const sockets = [await lambda.rendezvous.next(), await lambda.rendezvous.next()];
            await lambda.service.close();
            await Promise.all(sockets.map((socket) => Rendezvous.ended(socket)));
            expect(readError(await result).errorMessage).to.contain("signal: killed");
        });
    });

    describe("a process in a group of its own", () => {
        const detaching = () => `${lambda.rendezvous.code}
            const { spawn } = require("node:child_process");
            exports.handler = async (event) => {
                const program = 'require("node:net").connect(${lambda.rendezvous.port}, "127.0.0.1")';
                spawn(process.execPath, ["-e", program], { detached: true, stdio: "ignore" }).unref();
                await released(await meet());
                if (event.exits) process.exit(1);
            };`;

        before(function () {
            // Elsewhere nothing tells whose child such a process was.
            if (process.platform !== "linux") this.skip();
        });

        it("ends with the service", async () => {
            await lambda.create(detaching());
            const result = lambda.invoke();
            const sockets = [await lambda.rendezvous.next(), await lambda.rendezvous.next()];
            await lambda.service.close();
            await Promise.all(sockets.map((socket) => Rendezvous.ended(socket)));
            await result;
        });

        it("ends with its environment, also when that exits by itself", async () => {
            await lambda.create(detaching());
            const result = lambda.invoke({ exits: true });
            const sockets = [await lambda.rendezvous.next(), await lambda.rendezvous.next()];
            sockets.forEach((socket) => socket.write("go on"));
            await Promise.all(sockets.map((socket) => Rendezvous.ended(socket)));
            await result;
        });
    });
});
