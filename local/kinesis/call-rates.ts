import type { OperationName } from "./api";
import { callRateExceeded } from "./errors";
import type { Streams } from "./streams";
import { CallRate } from "./throughput";

interface Rate {
    readonly per: "account" | "stream";
    readonly perSecond: number;
}

const perAccount = (perSecond: number): Rate => ({ per: "account", perSecond });
const perStream = (perSecond: number): Rate => ({ per: "stream", perSecond });

/**
 * How often the control operations may be called: "KDS Control Plane API Limits" on the page "Quotas and limits" of the
 * developer guide. Where the API reference says that a limit is the account's, and the page that it is a stream's, it is the
 * account's here. Operations that are not listed have no such limit that AWS tells.
 */
const RATES: Partial<Record<OperationName, Rate>> = {
    AddTagsToStream: perAccount(5),
    CreateStream: perAccount(5),
    DecreaseStreamRetentionPeriod: perStream(5),
    DeleteStream: perAccount(5),
    DescribeLimits: perAccount(1),
    DescribeStream: perAccount(10),
    DescribeStreamSummary: perAccount(20),
    IncreaseStreamRetentionPeriod: perStream(5),
    ListShards: perStream(1000),
    ListStreams: perAccount(5),
    ListTagsForStream: perAccount(5),
    MergeShards: perAccount(5),
    RemoveTagsFromStream: perAccount(5),
    SplitShard: perAccount(5),
    UpdateShardCount: perAccount(10),
};

/** Counts the calls of an account in one region. */
export class CallRates {
    readonly #account = new Map<OperationName, CallRate>();

    constructor(private readonly streams: Streams) {}

    /**
     * @param streamName of the stream that the call is about, if it is about one
     * @throws AwsError LimitExceededException
     */
    count(operation: OperationName, streamName: string | undefined, now: number): void {
        const rate = RATES[operation];
        if (rate === undefined) return;
        // A stream that is not there has no limits: the operation says so.
        const ofStream = streamName === undefined ? undefined : this.streams.find(streamName)?.callRates;
        const counted = rate.per === "account" ? this.#account : ofStream;
        if (counted === undefined) return;
        const calls = counted.get(operation) ?? new CallRate(rate.perSecond);
        counted.set(operation, calls);
        if (!calls.take(now)) throw callRateExceeded(streamName);
    }
}
