import { expect } from "chai";
import type { InvocationFault, InvocationResult, LambdaFaults } from "../../../local/lambda/service";
import { LambdaService } from "../../../local/lambda/service";
import { configure, TIMEOUT_SECONDS } from "./fixture";

/** Writes to its log that it has run; the log is the only trace that a lost answer leaves. */
const HANDLER = 'exports.handler = async () => { console.log("worked"); return process.pid; };';

describe("faults of a function", () => {
    let faults: (InvocationFault | undefined)[];
    let service: LambdaService;
    let isDeliveredTwice: boolean;

    beforeEach(async () => {
        faults = [];
        isDeliveredTwice = false;
        const injected: LambdaFaults = {
            onInvocation: () => faults.shift(),
            isDeliveredTwice: () => isDeliveredTwice,
        };
        service = new LambdaService({ faults: injected });
        await service.createFunction(configure(HANDLER));
    });

    afterEach(async () => {
        await service.close();
    });

    function invoke(): Promise<InvocationResult> {
        return service.invoke("processor", "{}");
    }

    function timesWorked(): number {
        return service.logs("processor").filter(({ message }) => message.includes("worked")).length;
    }

    function errorOf({ functionError, payload }: InvocationResult): { errorType: string; errorMessage: string } {
        expect(functionError).to.equal("Unhandled");
        return JSON.parse(payload) as { errorType: string; errorMessage: string };
    }

    it("crash it when its work is done: the answer is lost, the next invocation has another process", async () => {
        const first = (await invoke()).payload;
        faults = [{ kind: "crash", moment: "after" }];
        expect(errorOf(await invoke())).to.include({ errorType: "Runtime.ExitError" });
        expect(timesWorked()).to.equal(2);
        const next = await invoke();
        expect(next.functionError).to.equal(undefined);
        expect(next.payload).not.to.equal(first);
    });

    it("crash it before it answers", async () => {
        faults = [{ kind: "crash", moment: "before" }];
        expect(errorOf(await invoke())).to.include({ errorType: "Runtime.ExitError" });
        expect((await invoke()).functionError).to.equal(undefined);
    });

    for (const moment of ["before", "after"] as const) {
        it(`time it out ${moment} its work, long before its limit`, async () => {
            faults = [{ kind: "time out", moment }];
            const error = errorOf(await invoke());
            expect(error.errorType).to.equal("Sandbox.Timedout");
            expect(error.errorMessage).to.match(new RegExp(`Task timed out after ${TIMEOUT_SECONDS}\\.00 seconds$`));
        });
    }

    it("deliver an invocation twice, and answer with the second", async () => {
        isDeliveredTwice = true;
        expect((await invoke()).functionError).to.equal(undefined);
        expect(timesWorked()).to.equal(2);
    });
});
