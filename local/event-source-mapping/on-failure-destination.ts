import type { DiscardedBatch } from "./batch-processor";
import { eventPayload } from "./event";
import { failureKey, failureRecord } from "./failure-record";
import type { ProcessingResult } from "./processing-result";
import { backoffMs, type Clock, type Waits } from "./waiting";

export interface OnFailureDestinationOptions {
    readonly mappingUuid: string;
    readonly functionArn: string;
    readonly streamArn: string;
    readonly bucket: string;
    readonly write: (key: string, body: string) => Promise<unknown>;
    readonly clock: Clock;
    readonly waits: Waits;
    readonly random: () => number;
    readonly newUuid: () => string;
    readonly result: ProcessingResult;
}

/** The S3 bucket in which discarded batches are kept. */
export class OnFailureDestination {
    constructor(private readonly options: OnFailureDestinationOptions) {}

    /**
     * Writes the batch, as often as it takes: until then the shard does not move on. Returns the object's key; undefined
     * when the mapping stops before it is written.
     */
    async put(shardId: string, batch: DiscardedBatch): Promise<string | undefined> {
        const { waits, write, result, random, bucket } = this.options;
        const { key, body } = this.objectFor(shardId, batch);
        for (let failures = 0; !waits.isStopped(); failures += 1) {
            try {
                await write(key, body);
                result.clearProblem("destination");
                return key;
            } catch (error) {
                // Whatever it is: giving up here would lose the records.
                const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
                const problem = `PROBLEM: Cannot write to the on-failure destination arn:aws:s3:::${bucket}. ${reason}`;
                result.setProblem("destination", problem);
                await waits.sleep(backoffMs(failures, random));
            }
        }
        return undefined;
    }

    private objectFor(shardId: string, batch: DiscardedBatch): { key: string; body: string } {
        const { mappingUuid, functionArn, streamArn, clock, newUuid } = this.options;
        const nowMs = clock.now();
        const body = failureRecord({
            ...batch,
            requestId: batch.requestId ?? newUuid(),
            shardId,
            streamArn,
            functionArn,
            payload: eventPayload(batch.records),
            nowMs,
        });
        return { key: failureKey(mappingUuid, shardId, nowMs, newUuid()), body };
    }
}
