import { createBucket, createTable } from "./clients";
import type { KinesisEvent } from "./delivery";
import { summaryLine } from "./log";
import { processEvent } from "./process-event";
import { readSettings } from "./settings";

/**
 * The function answers this long before Lambda would end it: enough for the log and the answer, which take milliseconds,
 * also when the process does not get the processor at once.
 */
export const TIME_MARGIN_MS = 1_000;

/** What the function uses of the context that Lambda gives to it. */
export interface InvocationContext {
    awsRequestId: string;
    functionName: string;
    getRemainingTimeInMillis: () => number;
}

/** The answer that Lambda expects with ReportBatchItemFailures; an empty list stands for success. */
export interface BatchResponse {
    batchItemFailures: { itemIdentifier: string }[];
}

/**
 * The function behind the stream. Pulumi serializes this factory and all that it uses; Lambda calls it once for each execution
 * environment, and the function that it returns for each batch of records.
 * @throws Error when the environment is incomplete.
 */
export function createEventProcessor(): (event: KinesisEvent, context: InvocationContext) => Promise<BatchResponse> {
    const { tableName, bucketName, ttlDays } = readSettings(process.env);
    const table = createTable(tableName);
    const bucket = createBucket(bucketName);

    return async (event, context) => {
        const startedMs = Date.now();
        const pace = {
            remainingMs: () => context.getRemainingTimeInMillis() - TIME_MARGIN_MS,
            sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
            random: () => Math.random(),
        };
        const outcome = await processEvent(event, { table, bucket, pace, ttlDays });
        const { awsRequestId: requestId, functionName } = context;
        const line = summaryLine(outcome, { requestId, functionName, startedMs, finishedMs: Date.now() });
        // Not console.log: Lambda wraps its lines in text or JSON of its own, and then they hold no metrics any more.
        process.stdout.write(`${line}\n`);
        if (outcome.lasting !== undefined) {
            // An error counts in Lambda's metric Errors, which a list of failed records does not.
            const error = new Error(`Cannot write to the table ${tableName}: ${outcome.lasting.message}`);
            error.name = outcome.lasting.name;
            throw error;
        }
        return { batchItemFailures: outcome.failedSequenceNumbers.map((itemIdentifier) => ({ itemIdentifier })) };
    };
}
