/** One CloudWatch metric of one resource. Without its dimensions, an alarm would watch a metric that nobody writes. */
export interface Metric<Text> {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, Text>>;
    readonly statistic: "Sum" | "Maximum" | "Average" | "SampleCount";
}

/** The names by which CloudWatch knows the resources; `Text` is a string, or one that is known after the deployment. */
export interface ResourceNames<Text> {
    readonly streamName: Text;
    readonly functionName: Text;
    readonly mappingUuid: Text;
    readonly tableName: Text;
}

/** The function writes these itself, in its log (consumer/log.ts). */
const OWN_NAMESPACE = "StreamProcessing";

/**
 * What is worth watching, in the order in which the data flows. Sources: "Monitor Kinesis Data Streams with CloudWatch", "Types
 * of metrics for Lambda functions" and "DynamoDB metrics and dimensions" in the developer guides.
 */
export function metricsOf<Text>(names: ResourceNames<Text>) {
    const { streamName, functionName, mappingUuid, tableName } = names;
    const sum = (namespace: string, name: string, dimensions: Readonly<Record<string, Text>>): Metric<Text> => ({
        namespace,
        name,
        dimensions,
        statistic: "Sum",
    });
    const ofStream = (name: string) => sum("AWS/Kinesis", name, { StreamName: streamName });
    const ofFunction = (name: string) => sum("AWS/Lambda", name, { FunctionName: functionName });
    const ofMapping = (name: string) => sum("AWS/Lambda", name, { EventSourceMappingUUID: mappingUuid });
    const ofTable = (name: string) => sum("AWS/DynamoDB", name, { TableName: tableName });
    const own = (name: string) => sum(OWN_NAMESPACE, name, { FunctionName: functionName });
    return {
        incomingRecords: ofStream("IncomingRecords"),
        incomingBytes: ofStream("IncomingBytes"),
        // Records, of PutRecord and PutRecords alike.
        throttledRecords: ofStream("WriteProvisionedThroughputExceeded"),
        polledEvents: ofMapping("PolledEventCount"),
        // One for each read, also of a shard with nothing new.
        polls: { ...ofMapping("PolledEventCount"), statistic: "SampleCount" },
        iteratorAgeMs: { ...ofFunction("IteratorAge"), statistic: "Maximum" },
        invocations: ofFunction("Invocations"),
        durationMs: { ...ofFunction("Duration"), statistic: "Average" },
        concurrency: { ...ofFunction("ConcurrentExecutions"), statistic: "Maximum" },
        errors: ofFunction("Errors"),
        throttledInvocations: ofFunction("Throttles"),
        failedRecords: own("FailedRecords"),
        writeUnits: ofTable("ConsumedWriteCapacityUnits"),
        throttledWrites: ofTable("WriteThrottleEvents"),
        quarantinedRecords: own("QuarantinedRecords"),
        deliveredFailures: ofMapping("OnFailureDestinationDeliveredEventCount"),
        // Given up, and not even kept in the bucket.
        droppedEvents: ofMapping("DroppedEventCount"),
    } as const satisfies Record<string, Metric<Text>>;
}
