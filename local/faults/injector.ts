import { AwsError } from "../aws-error";
import type { DynamoDbFaults } from "../dynamodb/service";
import type { FrontDoorFaults } from "../front-door/server";
import type { KinesisFaults } from "../kinesis/service";
import type { InvocationFault, LambdaFaults } from "../lambda/service";
import { seededRandom } from "../../producer/sources/random";

/** What can go wrong, as the report names it, and how often: the share of the occasions for it. */
export const FAULT_RATES = {
    "records rejected by their shard": 0.02,
    "stream requests throttled": 0.04,
    "internal errors": 0.03,
    "connections closed before a request was handled": 0.02,
    "connections closed after a request was handled": 0.02,
    "table requests throttled": 0.04,
    "table requests with unprocessed items": 0.1,
    "function crashes": 0.05,
    "function time-outs": 0.03,
    "batches delivered twice": 0.06,
} as const;

export type FaultName = keyof typeof FAULT_RATES;

/** The share of a batch's items that the table hands back when it leaves some of them unprocessed. */
const UNPROCESSED_SHARE = 0.3;

/**
 * Makes the services of the embedded cloud fail as AWS's do, at random. The decisions about each kind of fault follow from
 * the seed; on which request or record they fall depends on the order in which those arrive.
 */
export class FaultInjector {
    /** How often each fault has happened. */
    readonly counts = Object.fromEntries(Object.keys(FAULT_RATES).map((name) => [name, 0])) as Record<
        FaultName,
        number
    >;
    private readonly chances: Record<FaultName, () => number>;
    private readonly random: () => number;
    private active = false;

    /** @param rates the share of the occasions on which a fault happens, 0 to 1 */
    constructor(
        seed: number,
        private readonly rates: Readonly<Record<FaultName, number>> = FAULT_RATES,
    ) {
        // One sequence for each kind, so that more occasions for one do not change the others.
        const names = Object.keys(FAULT_RATES) as FaultName[];
        this.chances = Object.fromEntries(
            names.map((name, index) => [name, seededRandom(seed * 31 + index)]),
        ) as Record<FaultName, () => number>;
        this.random = seededRandom(seed * 31 + names.length);
    }

    /** Until then, and after `stop`, nothing fails: a deployment and a final count are not what is tested. */
    start(): void {
        this.active = true;
    }

    stop(): void {
        this.active = false;
    }

    readonly kinesis: KinesisFaults = {
        beforeOperation: () =>
            this.happens("stream requests throttled")
                ? new AwsError("ProvisionedThroughputExceededException", "Rate exceeded (an injected fault).")
                : undefined,
        rejectRecord: (streamName, shardId) =>
            this.happens("records rejected by their shard")
                ? new AwsError(
                      "ProvisionedThroughputExceededException",
                      `Rate exceeded for shard ${shardId} in stream ${streamName} (an injected fault).`,
                  )
                : undefined,
    };

    readonly frontDoor: FrontDoorFaults = {
        consult: () => {
            if (this.happens("internal errors")) {
                return new AwsError("InternalFailure", "The request failed (an injected fault).", 500);
            }
            if (this.happens("connections closed before a request was handled")) return "close before";
            return this.happens("connections closed after a request was handled") ? "close after" : undefined;
        },
    };

    readonly dynamodb: DynamoDbFaults = {
        consult: (operation, input) => {
            if (this.happens("table requests throttled")) {
                return new AwsError(
                    "ProvisionedThroughputExceededException",
                    "The level of configured provisioned throughput for the table was exceeded (an injected fault).",
                );
            }
            if (operation !== "BatchWriteItem" || !this.happens("table requests with unprocessed items"))
                return undefined;
            const requests = Object.values(input.RequestItems as Record<string, unknown[]>).flat().length;
            const unprocessed = Array.from({ length: requests }, (_, index) => index).filter(
                () => this.random() < UNPROCESSED_SHARE,
            );
            return { unprocessed };
        },
    };

    readonly lambda: LambdaFaults = {
        onInvocation: (): InvocationFault | undefined => {
            // Before the function has done anything, or when it has done everything and only its answer is lost.
            const moment = this.random() < 0.5 ? "before" : "after";
            if (this.happens("function crashes")) return { kind: "crash", moment };
            return this.happens("function time-outs") ? { kind: "time out", moment } : undefined;
        },
        isDeliveredTwice: () => this.happens("batches delivered twice"),
    };

    private happens(name: FaultName): boolean {
        if (!this.active || this.chances[name]() >= this.rates[name]) return false;
        this.counts[name] += 1;
        return true;
    }
}
