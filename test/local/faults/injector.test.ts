import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { FaultInjector, FAULT_RATES, type FaultName } from "../../../local/faults/injector";

const NAMES = Object.keys(FAULT_RATES) as FaultName[];

function injector(rate: number, seed = 1): FaultInjector {
    return new FaultInjector(seed, Object.fromEntries(NAMES.map((name) => [name, rate])) as Record<FaultName, number>);
}

const BATCH = { RequestItems: { table: Array.from({ length: 25 }, () => ({})) } };

/** One occasion for every kind of fault. */
function occasion({ kinesis, frontDoor, dynamodb, lambda }: FaultInjector): unknown[] {
    return [
        kinesis.beforeOperation?.("PutRecords", "posts"),
        kinesis.rejectRecord?.("posts", "shardId-000000000000"),
        frontDoor.consult("kinesis", "PutRecords"),
        dynamodb.consult("BatchWriteItem", BATCH),
        lambda.onInvocation(),
        lambda.isDeliveredTwice(),
    ];
}

describe("the fault injector", () => {
    it("does nothing before it is started, and after it is stopped", () => {
        const faults = injector(1);
        const nothing = [undefined, undefined, undefined, undefined, undefined, false];
        expect(occasion(faults)).to.deep.equal(nothing);
        faults.start();
        expect(occasion(faults)).not.to.deep.equal(nothing);
        faults.stop();
        expect(occasion(faults)).to.deep.equal(nothing);
    });

    it("answers with the errors of the services, and counts them", () => {
        const faults = injector(1);
        faults.start();
        const [throttled, rejected, failed, tableThrottled, invocation, twice] = occasion(faults);
        for (const [error, code] of [
            [throttled, "ProvisionedThroughputExceededException"],
            [rejected, "ProvisionedThroughputExceededException"],
            [failed, "InternalFailure"],
            [tableThrottled, "ProvisionedThroughputExceededException"],
        ] as const) {
            expect(error).to.be.instanceOf(AwsError).with.property("code", code);
        }
        expect(invocation).to.have.property("kind", "crash");
        expect(twice).to.equal(true);
        expect(faults.counts).to.include({
            "stream requests throttled": 1,
            "function crashes": 1,
            "internal errors": 1,
        });
    });

    it("happens as often as the rates say, each kind for itself", () => {
        const faults = injector(0.1);
        faults.start();
        for (let i = 0; i < 5_000; i += 1) occasion(faults);
        // Binomial: 500 of 5,000, with a standard deviation of 21.
        for (const name of NAMES) expect(faults.counts[name], name).to.be.within(350, 650);
    });

    it("leaves some items of a batch unprocessed, never one that is not there", () => {
        const rates = Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<FaultName, number>;
        const faults = new FaultInjector(1, { ...rates, "table requests with unprocessed items": 1 });
        faults.start();
        const { unprocessed } = faults.dynamodb.consult("BatchWriteItem", BATCH) as { unprocessed: number[] };
        expect(unprocessed).to.have.lengthOf.within(1, 24);
        expect(unprocessed.every((index) => index >= 0 && index < 25)).to.equal(true);
        expect(faults.dynamodb.consult("Scan", {})).to.equal(undefined);
    });

    it("decides the same for the same seed, and other things for another", () => {
        const decisions = (seed: number): string => {
            const faults = injector(0.3, seed);
            faults.start();
            return JSON.stringify(Array.from({ length: 50 }, () => occasion(faults)));
        };
        expect(decisions(7)).to.equal(decisions(7));
        expect(decisions(7)).not.to.equal(decisions(8));
    });
});
