import { expect } from "chai";
import fc from "fast-check";
import { AwsError } from "../../../local/aws-error";
import type { InvokeResult } from "../../../local/event-source-mapping/batch-processor";
import {
    batchItemFailures,
    BUCKET_ARN,
    createFixture,
    failed,
    succeeded,
    type Delivered,
    type EventRecord,
} from "./fixture";
import { FakeStream } from "./fake-stream";
import { VirtualClock } from "./virtual-clock";

/** What one invocation does; numbers choose a record of the batch. */
type Behaviour =
    | { readonly kind: "succeed" }
    | { readonly kind: "fail" }
    | { readonly kind: "throttle" }
    | { readonly kind: "malformed" }
    | { readonly kind: "report"; readonly from: number };

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: "succeed" } as const) },
    fc.constant({ kind: "fail" } as const),
    fc.constant({ kind: "throttle" } as const),
    fc.constant({ kind: "malformed" } as const),
    fc.record({ kind: fc.constant("report" as const), from: fc.nat(50) }),
);

const settings = fc.record({
    batchSize: fc.integer({ min: 1, max: 12 }),
    parallelizationFactor: fc.integer({ min: 1, max: 4 }),
    maximumBatchingWindowInSeconds: fc.constantFrom(0, 1),
    maximumRetryAttempts: fc.integer({ min: 0, max: 3 }),
    bisectBatchOnFunctionError: fc.boolean(),
    maximumRecordAgeInSeconds: fc.constantFrom(-1, 60),
});

/** What happens to the stream: a record of this key, some time, a resharding, or trouble with reading. */
type Step =
    | { readonly kind: "put"; readonly key: number }
    | { readonly kind: "wait"; readonly ms: number }
    | { readonly kind: "reshard" }
    | { readonly kind: "read error"; readonly code: string };

const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant("put" as const), key: fc.nat(5) }) },
    {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 100, 500, 30_000) }),
    },
    fc.constant({ kind: "reshard" } as const),
    fc.record({
        kind: fc.constant("read error" as const),
        code: fc.constantFrom(
            "ExpiredIteratorException",
            "ProvisionedThroughputExceededException",
            "InternalFailure",
            "AccessDeniedException",
        ),
    }),
);

interface Delivery {
    readonly key: string;
    readonly sequenceNumber: string;
}

/** A run of a mapping, and for each record when it was finished. */
class Run {
    readonly clock = new VirtualClock();
    readonly stream = new FakeStream(this.clock, ["shard-0"]);
    readonly put: Delivery[] = [];
    /** Records in the order in which they were acknowledged or written to the bucket. */
    readonly finished: Delivery[] = [];
    readonly delivered: Delivered[] = [];
    private readonly behaviours: Behaviour[];
    private readonly deliveryFailures: boolean[];
    private openShards = ["shard-0"];
    private shardCount = 1;

    constructor(behaviours: readonly Behaviour[], deliveryFailures: readonly boolean[]) {
        this.behaviours = [...behaviours];
        this.deliveryFailures = [...deliveryFailures];
    }

    async apply(next: Step): Promise<void> {
        switch (next.kind) {
            case "put": {
                const key = String(next.key);
                const shard = this.openShards[next.key % this.openShards.length]!;
                this.put.push({ key, sequenceNumber: this.stream.put(shard, key) });
                return;
            }
            case "wait":
                return this.clock.advance(next.ms);
            case "read error": {
                this.stream.failNext("getRecords", new AwsError(next.code, "trouble"));
                return;
            }
            case "reshard": {
                this.reshard();
                return;
            }
        }
    }

    readonly invoke = async (payload: string): Promise<InvokeResult> => {
        const { Records } = JSON.parse(payload) as { Records: EventRecord[] };
        const next = this.behaviours.shift() ?? { kind: "succeed" };
        switch (next.kind) {
            case "throttle":
                throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
            case "fail":
                return failed();
            case "malformed":
                return succeeded(batchItemFailures("unknown"));
            case "succeed":
                this.finish(Records);
                return succeeded(null);
            case "report": {
                const from = next.from % Records.length;
                this.finish(Records.slice(0, from));
                return succeeded(batchItemFailures(Records[from]!.kinesis.sequenceNumber));
            }
        }
    };

    readonly deliverFailure = async (key: string, body: string): Promise<void> => {
        if (this.deliveryFailures.shift() === true) {
            throw new AwsError("SlowDown", "Please reduce your request rate.", 503);
        }
        this.delivered.push({ key, body });
        const { payload } = JSON.parse(body) as { payload: string };
        this.finish((JSON.parse(payload) as { Records: EventRecord[] }).Records);
    };

    private finish(records: readonly EventRecord[]): void {
        this.finished.push(
            ...records.map(({ kinesis }) => ({ key: kinesis.partitionKey, sequenceNumber: kinesis.sequenceNumber })),
        );
    }

    /** One shard becomes two, or two become one. */
    private reshard(): void {
        const [first, second, ...others] = this.openShards;
        const name = (): string => `shard-${this.shardCount++}`;
        if (second === undefined) {
            this.openShards = [name(), name()];
            this.openShards.forEach((shard) => this.stream.addShard(shard, [first!]));
        } else {
            const merged = name();
            this.stream.addShard(merged, [first!, second]);
            this.openShards = [merged, ...others];
        }
    }
}

const byKey = (deliveries: readonly Delivery[], key: string): string[] =>
    deliveries.filter((delivery) => delivery.key === key).map(({ sequenceNumber }) => sequenceNumber);

describe("event source mapping, whatever fails", () => {
    it("finishes every record exactly once, in the order of its partition key", async () => {
        await fc.assert(
            fc.asyncProperty(
                settings,
                fc.array(step, { maxLength: 60 }),
                fc.array(behaviour, { maxLength: 80 }),
                fc.array(fc.boolean(), { maxLength: 10 }),
                async (inputs, steps, behaviours, deliveryFailures) => {
                    const run = new Run(behaviours, deliveryFailures);
                    const { mapping, errors } = createFixture(
                        {
                            ...inputs,
                            functionResponseTypes: ["ReportBatchItemFailures"],
                            destinationConfig: { onFailure: { destinationArn: BUCKET_ARN } },
                        },
                        () => null,
                        run,
                    );
                    mapping.start();
                    for (const next of steps) {
                        await run.apply(next);
                    }
                    await run.clock.runUntil(mapping.drained());
                    await run.clock.runUntil(mapping.stop());
                    expect(errors).to.deep.equal([]);
                    expect(run.finished).to.have.lengthOf(run.put.length);
                    for (const key of new Set(run.put.map((record) => record.key))) {
                        expect(byKey(run.finished, key)).to.deep.equal(byKey(run.put, key));
                    }
                    expect(run.clock.pendingTimers).to.equal(0);
                },
            ),
            { numRuns: 300 },
        );
    });
});
