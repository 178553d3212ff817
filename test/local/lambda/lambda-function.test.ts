import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import path from "node:path";
import { expect } from "chai";
import type { AwsError } from "../../../local/aws-error";
import { START_INTERVAL_MS } from "../../../local/lambda/lambda-function";
import { START_WAIT_MS } from "../../../local/lambda/processors";
import { LambdaService } from "../../../local/lambda/service";
import { taskFolderBase } from "../../../local/lambda/task-folder";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";
import { configure, Rendezvous } from "./fixture";

describe("the execution environments of a function", () => {
    let service: LambdaService;
    let rendezvous: Rendezvous;

    beforeEach(async () => {
        rendezvous = await Rendezvous.start();
        service = new LambdaService();
    });

    after(removeTemporaryFolders);

    afterEach(async () => {
        await service.close();
        await rendezvous.stop();
    });

    /** A function that starts only while there is the file, tells that it runs, and answers when it is released. */
    const gated = (gate: string) => `${rendezvous.code}
        const clock = new Int32Array(new SharedArrayBuffer(4));
        while (!require("node:fs").existsSync(${JSON.stringify(gate)})) Atomics.wait(clock, 0, 0, 5);
        exports.handler = async () => { await released(await meet()); return process.pid; };`;
    /** Where functions see it: not in `/tmp`, of which they have their own. */
    const newGate = () => path.join(temporaryFolder({}, taskFolderBase()), "gate");
    const invoke = () => service.invoke("processor", "{}");

    it("take an invocation that waits when they are free before another one has started", async () => {
        const gate = newGate();
        writeFileSync(gate, "");
        await service.createFunction(configure(gated(gate)));
        const first = invoke();
        const firstSocket = await rendezvous.next();
        rmSync(gate);
        const startsAnother = invoke();
        const waits = invoke();
        firstSocket.write("go");
        (await rendezvous.next()).write("go");
        expect((await waits).payload).to.equal((await first).payload);
        expect(existsSync(gate)).to.be.false;
        writeFileSync(gate, "");
        (await rendezvous.next()).write("go");
        expect((await startsAnother).payload).not.to.equal((await first).payload);
    });

    it("are as many as there are invocations at once, also where starting takes long", async () => {
        const gate = newGate();
        await service.createFunction(configure(gated(gate)));
        const results = [invoke(), invoke(), invoke()];
        writeFileSync(gate, "");
        const sockets = [await rendezvous.next(), await rendezvous.next(), await rendezvous.next()];
        sockets.forEach((socket) => socket.write("go"));
        expect(new Set((await Promise.all(results)).map(({ payload }) => payload)).size).to.equal(3);
    });

    for (const { named, isBusy } of [
        { named: "wait for something", isBusy: false },
        { named: "keep every processor busy", isBusy: true },
    ]) {
        // More than two processors, and few enough to start anywhere.
        it(`are as many as there are invocations at once, also if four of them ${named}`, async () => {
            const gate = newGate();
            if (isBusy) writeFileSync(gate, "");
            const code = `${rendezvous.code}
                exports.handler = async () => {
                    const socket = await meet();
                    while (require("node:fs").existsSync(${JSON.stringify(gate)}));
                    await released(socket);
                    return process.pid;
                };`;
            await service.createFunction(configure(code));
            const results = Array.from({ length: 4 }, invoke);
            const sockets: Socket[] = [];
            while (sockets.length < results.length) sockets.push(await rendezvous.next());
            rmSync(gate, { force: true });
            sockets.forEach((socket) => socket.write("go"));
            const pids = (await Promise.all(results)).map(({ payload }) => payload);
            expect(new Set(pids).size).to.equal(results.length);
        });
    }

    it("that fail to start each fail one invocation that waits: no more are started than there are invocations", async () => {
        const starts = newGate();
        // Longer than it takes until a further environment starts for those that wait.
        const code = `require("node:fs").appendFileSync(${JSON.stringify(starts)}, "1");
            const clock = new Int32Array(new SharedArrayBuffer(4));
            Atomics.wait(clock, 0, 0, ${START_WAIT_MS + 2 * START_INTERVAL_MS});
            throw new TypeError("no");`;
        await service.createFunction(configure(code));
        service.initialize("processor", 3);
        const results = await Promise.all([invoke(), invoke(), invoke()]);
        expect(results.map(({ functionError }) => functionError)).to.deep.equal(Array(3).fill("Unhandled"));
        for (const { payload } of results) expect(JSON.parse(payload)).to.include({ errorMessage: "no" });
        // Nobody waits any more, so none is started again.
        await service.close();
        expect(readFileSync(starts, "utf8")).to.have.lengthOf(results.length);
    });

    it("do not come any more for an invocation that waits when the function is closed", async () => {
        const gate = newGate();
        await service.createFunction(configure(gated(gate)));
        const results = [invoke(), invoke()].map((result) =>
            result.then(
                ({ functionError }) => functionError,
                (error: unknown) => (error as AwsError).code,
            ),
        );
        await service.close();
        expect(await Promise.all(results)).to.have.members(["Unhandled", "ResourceNotFoundException"]);
    });
});
