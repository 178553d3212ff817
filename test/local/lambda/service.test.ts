import { expect } from "chai";
import { configure, read, readError, rejection, Rendezvous, useLambda } from "./fixture";

describe("Lambda service", () => {
    const lambda = useLambda();

    describe("functions", () => {
        it("that are not there are not found", async () => {
            expect(await rejection(lambda.invoke())).to.include({ code: "ResourceNotFoundException", status: 404 });
            expect(() => lambda.service.logs("processor")).to.throw("Function not found: processor");
        });

        it("have names of their own", async () => {
            const first = lambda.create("exports.handler = async () => 1;");
            expect(await rejection(lambda.create(""))).to.include({ code: "ResourceConflictException" });
            await first;
            expect(await rejection(lambda.create(""))).to.include({ code: "ResourceConflictException" });
        });

        it("can be deleted while they run", async () => {
            await lambda.create(
                `${lambda.rendezvous.code} exports.handler = async () => { await released(await meet()); };`,
            );
            const result = lambda.invoke();
            const socket = await lambda.rendezvous.next();
            await lambda.service.deleteFunction("processor");
            await Rendezvous.ended(socket);
            expect(readError(await result).errorType).to.equal("Runtime.ExitError");
            expect(await rejection(lambda.invoke())).to.include({ code: "ResourceNotFoundException" });
        });

        it("that are closed at once leave nothing", async () => {
            const created = lambda.service.createFunction(configure("exports.handler = async () => {};"));
            await lambda.service.close();
            await created;
            expect(await rejection(lambda.create(""))).to.include({ code: "ServiceException" });
        });
    });

    describe("concurrency", () => {
        const held = (code: string): string => `${code}
            exports.handler = async () => { await released(await meet()); return process.pid; };`;

        it("is a process per invocation at once", async () => {
            await lambda.create(held(lambda.rendezvous.code));
            const results = [lambda.invoke(), lambda.invoke()];
            const sockets = [await lambda.rendezvous.next(), await lambda.rendezvous.next()];
            sockets.forEach((socket) => socket.write("go"));
            const [first, second] = (await Promise.all(results)).map(read);
            expect(first).not.to.equal(second);
        });

        it("ends at the reservation", async () => {
            await lambda.create(held(lambda.rendezvous.code), { reservedConcurrentExecutions: 1 });
            const first = lambda.invoke();
            const socket = await lambda.rendezvous.next();
            expect(await rejection(lambda.invoke())).to.include({ code: "TooManyRequestsException", status: 429 });
            socket.write("go");
            expect((await first).functionError).to.be.undefined;
        });

        it("ends at what the account has for functions without a reservation", async () => {
            await lambda.restart({ unreservedConcurrencyMax: 1 });
            await lambda.create(held(lambda.rendezvous.code));
            const reserved = { functionName: "reserved", reservedConcurrentExecutions: 1 };
            await lambda.service.createFunction(configure("exports.handler = async () => 1;", reserved));
            const first = lambda.invoke();
            const socket = await lambda.rendezvous.next();
            expect(await rejection(lambda.invoke())).to.include({ code: "TooManyRequestsException" });
            expect((await lambda.service.invoke("reserved", "{}")).payload).to.equal("1");
            socket.write("go");
            await first;
        });

        it("of a reservation of 0 is none", async () => {
            await lambda.create(held(lambda.rendezvous.code), { reservedConcurrentExecutions: 0 });
            expect(await rejection(lambda.invoke())).to.include({
                code: "TooManyRequestsException",
                message: "Rate Exceeded.",
            });
        });
    });

    describe("payloads", () => {
        it("of more than 6 MB are refused", async () => {
            await lambda.create("exports.handler = async () => {};");
            const error = await rejection(lambda.service.invoke("processor", JSON.stringify("x".repeat(6_291_455))));
            expect(error).to.include({ code: "RequestTooLargeException", status: 413 });
            expect(error.message).to.equal(
                "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)",
            );
        });

        it("of just 6 MB pass", async () => {
            await lambda.create("exports.handler = async (event) => event.length;");
            expect(read(await lambda.service.invoke("processor", JSON.stringify("x".repeat(6_291_454))))).to.equal(
                6_291_454,
            );
        });

        it("of more than 6 MB in response fail the invocation", async () => {
            await lambda.create("exports.handler = async (event) => 'x'.repeat(event.length);");
            expect(readError(await lambda.invoke({ length: 6_291_555 })).errorType).to.equal(
                "Function.ResponseSizeTooLarge",
            );
            expect(read(await lambda.invoke({ length: 6_291_554 }))).to.have.lengthOf(6_291_554);
        });
    });
});
