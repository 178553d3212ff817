/**
 * What a mapping has done so far. The second group are the EventCount metrics of a mapping by their CloudWatch names:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export interface MappingCounters {
    /** Successful GetRecords calls, empty ones included. */
    reads: number;
    /** GetRecords calls that the stream refused because of its limits. */
    readThrottles: number;
    invocations: number;
    /** Invocations that Lambda refused, or could not begin: they use up no retry. */
    notInvoked: number;
    functionErrors: number;
    /** Answers with batch item failures. */
    partialFailures: number;
    /** Invocations again of a batch, or of what is left of it. */
    retries: number;
    /** Batches that were split. */
    bisections: number;

    /** Records read. */
    PolledEventCount: number;
    /** Records handed to the function, again at each retry. */
    InvokedEventCount: number;
    /** Records of invocations that failed, again at each failure. */
    FailedInvokeEventCount: number;
    /** Records discarded without a trace, because there is no on-failure destination. */
    DroppedEventCount: number;
    /** Records discarded to the on-failure destination. */
    OnFailureDestinationDeliveredEventCount: number;
}

export function newCounters(): MappingCounters {
    return {
        reads: 0,
        readThrottles: 0,
        invocations: 0,
        notInvoked: 0,
        functionErrors: 0,
        partialFailures: 0,
        retries: 0,
        bisections: 0,
        PolledEventCount: 0,
        InvokedEventCount: 0,
        FailedInvokeEventCount: 0,
        DroppedEventCount: 0,
        OnFailureDestinationDeliveredEventCount: 0,
    };
}
