import { LatencyHistogram } from "../../../local/page/latency-histogram";
import type { Reading, ShardReading } from "../../../local/page/reading";

/** A shard to which nothing has come. */
export function shard(more: Partial<ShardReading> = {}): ShardReading {
    const shardId = "shardId-000000000000";
    return { shardId, open: true, records: 0, bytes: 0, throttled: 0, buffered: 0, iteratorAgeMs: 0, ...more };
}

/** A pipeline in which nothing has happened. */
export function reading(more: Partial<Reading> = {}): Reading {
    return {
        timeMs: 0,
        shards: [shard()],
        arrived: 0,
        finished: 0,
        putRequests: 0,
        putRequestsRefused: 0,
        putError: "",
        invocations: 0,
        invocationsFailed: 0,
        partialFailures: 0,
        recordsInvoked: 0,
        invocationMs: 0,
        last: undefined,
        functionError: "",
        running: 0,
        mappingState: "Enabled",
        lastProcessingResult: "OK",
        tableRequests: 0,
        tableRequestsRefused: 0,
        tableError: "",
        written: 0,
        items: 0,
        latencies: new LatencyHistogram().read(),
        failedObjects: 0,
        failedRecords: 0,
        ...more,
    };
}
