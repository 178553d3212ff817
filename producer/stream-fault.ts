import type { OutgoingRecord } from "./batching";

/**
 * Sends one request. Answers with an error code for each record that the stream did not accept, in the order of the records;
 * undefined stands for an accepted one. Throws a `StreamFault` when the request as a whole failed.
 */
export type PutRecords = (
    records: readonly OutgoingRecord[],
    abort: AbortSignal,
) => Promise<readonly (string | undefined)[]>;

/** A request that failed as a whole. With `mayPass`, it is worth sending again; without, it never will be. */
export class StreamFault extends Error {
    constructor(
        message: string,
        readonly mayPass: boolean,
    ) {
        super(message);
        this.name = "StreamFault";
    }
}
