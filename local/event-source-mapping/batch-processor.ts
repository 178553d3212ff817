import { AwsError } from "../aws-error";
import { readBatchResponse } from "./batch-response";
import type { MappingCounters } from "./counters";
import { eventPayload, type BufferedRecord } from "./event";
import type { DiscardCondition, ResponseContext } from "./failure-record";
import { FUNCTION_CALL_FAILED, type ProcessingResult } from "./processing-result";
import type { MappingSettings } from "./settings";
import { backoffMs, type Clock, type Waits } from "./waiting";

/** What Invoke answers; what it throws as an AwsError is "not invoked". */
export interface InvokeResult {
    readonly requestId: string;
    readonly statusCode: number;
    readonly executedVersion: string;
    readonly functionError?: string;
    /** JSON text. */
    readonly payload: string;
}

export interface DiscardedBatch {
    readonly records: readonly BufferedRecord[];
    readonly condition: DiscardCondition;
    readonly invokeCount: number;
    readonly requestId: string | undefined;
    readonly response: ResponseContext | undefined;
}

export interface BatchProcessorOptions {
    readonly settings: MappingSettings;
    readonly clock: Clock;
    readonly waits: Waits;
    readonly random: () => number;
    readonly counters: MappingCounters;
    readonly result: ProcessingResult;
    /** How long the stream keeps records; retries end there in any case. */
    readonly retentionMs: () => number;
    readonly refreshRetention: () => Promise<number>;
    /** `payload` is the event as JSON text. */
    readonly invoke: (payload: string) => Promise<InvokeResult>;
    /** The records are done with. */
    readonly finish: (records: readonly BufferedRecord[]) => void;
    /** Gives the batch up; resolves once that is recorded for good, or the mapping stops. */
    readonly discard: (batch: DiscardedBatch) => Promise<void>;
}

/** A batch, or what is left of it, on its way through retries. */
interface Part {
    readonly records: readonly BufferedRecord[];
    readonly invokeCount: number;
    readonly retriesUsed: number;
    /** Times in a row that Lambda did not even begin. */
    readonly notInvoked: number;
    readonly requestId: string | undefined;
    readonly response: ResponseContext | undefined;
}

type Attempt =
    | { readonly kind: "success" }
    | { readonly kind: "not invoked" }
    /** `firstFailedIndex` 0: nothing of the batch is done. */
    | {
          readonly kind: "failed";
          readonly firstFailedIndex: number;
          readonly context: ResponseContext;
          readonly requestId: string;
      };

/**
 * Takes one batch through the function: retries, splits and gives up as the mapping's settings say.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export class BatchProcessor {
    constructor(private readonly options: BatchProcessorOptions) {}

    /** Resolves when every record is acknowledged or discarded, or the mapping stops; in the order of the records. */
    async process(records: readonly BufferedRecord[]): Promise<void> {
        const fresh = { invokeCount: 0, retriesUsed: 0, notInvoked: 0, requestId: undefined, response: undefined };
        const parts: Part[] = [{ records, ...fresh }];
        while (!this.options.waits.isStopped()) {
            const part = parts.shift();
            if (part === undefined) {
                return;
            }
            const young = await this.discardExpired(part);
            if (young.records.length > 0) {
                parts.unshift(...(await this.attempt(young)));
            }
        }
    }

    /** Records are in the order of their arrival, so those that are too old are the first of the batch. */
    private async discardExpired(part: Part): Promise<Part> {
        const { clock, retentionMs, refreshRetention } = this.options;
        let count = this.countExpired(part.records, clock.now(), retentionMs());
        if (count > 0) {
            // The stream may keep records for longer than it did when its shards were listed.
            count = this.countExpired(part.records, clock.now(), await refreshRetention());
        }
        if (count === 0) {
            return part;
        }
        await this.discard({ ...part, records: part.records.slice(0, count) }, "RecordAgeExceeded");
        return { ...part, records: part.records.slice(count) };
    }

    private countExpired(records: readonly BufferedRecord[], nowMs: number, retentionMs: number): number {
        const { maximumRecordAgeInSeconds } = this.options.settings;
        const ageMaxMs = Math.min(
            maximumRecordAgeInSeconds === -1 ? Infinity : maximumRecordAgeInSeconds * 1000,
            retentionMs,
        );
        const firstYoung = records.findIndex(({ arrivalMs }) => nowMs - arrivalMs <= ageMaxMs);
        return firstYoung === -1 ? records.length : firstYoung;
    }

    /** One invocation; returns what is left to do, in order. */
    private async attempt(part: Part): Promise<Part[]> {
        const { finish } = this.options;
        const attempt = await this.invoke(part.records);
        if (attempt.kind === "not invoked") {
            await this.backOff(part.notInvoked);
            return [{ ...part, notInvoked: part.notInvoked + 1 }];
        }
        if (attempt.kind === "success") {
            finish(part.records);
            return [];
        }
        const { firstFailedIndex, context, requestId } = attempt;
        finish(part.records.slice(0, firstFailedIndex));
        const rest: Part = {
            ...part,
            records: part.records.slice(firstFailedIndex),
            invokeCount: part.invokeCount + 1,
            notInvoked: 0,
            requestId,
            response: context,
        };
        return this.afterFailure(rest, firstFailedIndex > 0);
    }

    /**
     * With bisection, a failed batch is split: at the reported number if there is one (`isSplit`: the first part is done),
     * else in two. Splitting uses up no retry, so retries are spent on what cannot be split: a single record. A report
     * that names the first record leaves nothing to split off; AWS does not say what happens then, here it is split in two.
     */
    private async afterFailure(part: Part, isSplit: boolean): Promise<Part[]> {
        const { settings, counters } = this.options;
        if (settings.bisectBatchOnFunctionError && (isSplit || part.records.length > 1)) {
            counters.bisections += 1;
            return isSplit ? [part] : halves(part);
        }
        if (settings.maximumRetryAttempts !== -1 && part.retriesUsed >= settings.maximumRetryAttempts) {
            await this.discard(part, "RetryAttemptsExhausted");
            return [];
        }
        await this.backOff(part.retriesUsed);
        counters.retries += 1;
        return [{ ...part, retriesUsed: part.retriesUsed + 1 }];
    }

    private async invoke(records: readonly BufferedRecord[]): Promise<Attempt> {
        const { counters, invoke, result } = this.options;
        let answer: InvokeResult;
        try {
            answer = await invoke(eventPayload(records));
        } catch (error) {
            if (!(error instanceof AwsError)) {
                throw error;
            }
            counters.notInvoked += 1;
            // Being throttled is everyday life; anything else is somebody's business.
            if (error.code !== "TooManyRequestsException") {
                result.setProcessed(`${FUNCTION_CALL_FAILED}. ${error.code}: ${error.message}`);
            }
            return { kind: "not invoked" };
        }
        counters.invocations += 1;
        counters.InvokedEventCount += records.length;
        const attempt = this.judge(answer, records);
        if (attempt.kind === "failed") {
            counters.FailedInvokeEventCount += records.length - attempt.firstFailedIndex;
        }
        return attempt;
    }

    private judge(answer: InvokeResult, records: readonly BufferedRecord[]): Attempt {
        const { settings, counters, result } = this.options;
        const { requestId, statusCode, executedVersion, functionError } = answer;
        if (functionError !== undefined) {
            counters.functionErrors += 1;
            result.setProcessed(FUNCTION_CALL_FAILED);
            return {
                kind: "failed",
                firstFailedIndex: 0,
                context: { statusCode, executedVersion, functionError },
                requestId,
            };
        }
        const context = { statusCode, executedVersion };
        const verdict = settings.reportBatchItemFailures
            ? readBatchResponse(
                  answer.payload,
                  records.map(({ sequenceNumber }) => sequenceNumber),
              )
            : ({ kind: "success" } as const);
        switch (verdict.kind) {
            case "success":
                result.setProcessed("OK");
                return { kind: "success" };
            case "partial":
                counters.partialFailures += 1;
                result.setProcessed("OK");
                return { kind: "failed", firstFailedIndex: verdict.firstFailedIndex, context, requestId };
            case "malformed":
                counters.functionErrors += 1;
                result.setProcessed(`${FUNCTION_CALL_FAILED}: ${verdict.reason}`);
                return { kind: "failed", firstFailedIndex: 0, context, requestId };
        }
    }

    private async discard(part: Part, condition: DiscardCondition): Promise<void> {
        const { records, invokeCount, requestId, response } = part;
        await this.options.discard({ records, condition, invokeCount, requestId, response });
    }

    private async backOff(failuresBefore: number): Promise<void> {
        const { waits, random } = this.options;
        await waits.sleep(backoffMs(failuresBefore, random));
    }
}

function halves(part: Part): Part[] {
    const middle = Math.ceil(part.records.length / 2);
    return [
        { ...part, records: part.records.slice(0, middle) },
        { ...part, records: part.records.slice(middle) },
    ];
}
