import type { MappingState } from "../event-source-mapping/mapping";
import type { LatencyCounts } from "./latency-histogram";

/** One shard at one moment; what counts, counts from the beginning. */
export interface ShardReading {
    readonly shardId: string;
    readonly open: boolean;
    readonly records: number;
    readonly bytes: number;
    readonly throttled: number;
    /** Read and not finished; undefined for a shard that nobody reads now. */
    readonly buffered: number | undefined;
    readonly iteratorAgeMs: number | undefined;
}

/** Averages of the invocations that ended between two readings. */
export interface LastInvocations {
    readonly records: number;
    readonly milliseconds: number;
}

/** The pipeline at one moment. What counts, counts from the beginning: the difference of two readings is what happened. */
export interface Reading {
    readonly timeMs: number;
    readonly shards: readonly ShardReading[];
    /** Records that the stream has taken, of shards that are gone by now as well. */
    readonly arrived: number;
    /** Records that the event source mapping has read and finished. */
    readonly finished: number;
    readonly putRequests: number;
    readonly putRequestsRefused: number;
    /** The error of the last one that was refused; "" where none was. */
    readonly putError: string;
    readonly invocations: number;
    readonly invocationsFailed: number;
    /** Answers of the function that report some of the batch as failed. */
    readonly partialFailures: number;
    /** Handed to the function, again at each retry. */
    readonly recordsInvoked: number;
    /** Of all invocations together. */
    readonly invocationMs: number;
    /** Of the invocations that ended last; undefined where none has. */
    readonly last: LastInvocations | undefined;
    /** What the last invocation that failed said; "" where none did. */
    readonly functionError: string;
    /** Invocations under way. */
    readonly running: number;
    readonly mappingState: MappingState;
    readonly lastProcessingResult: string;
    readonly tableRequests: number;
    readonly tableRequestsRefused: number;
    readonly tableError: string;
    /** Items written; one that is written again counts again. */
    readonly written: number;
    /** Items in the table. */
    readonly items: number;
    /** From the timestamps of posts to their items. */
    readonly latencies: LatencyCounts;
    readonly failedObjects: number;
    readonly failedRecords: number;
}
