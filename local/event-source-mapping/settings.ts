import { AwsError } from "../aws-error";

export interface MappingSettings {
    /** The function's name, also if its ARN was given. */
    readonly functionName: string;
    readonly eventSourceArn: string;
    readonly region: string;
    readonly enabled: boolean;
    /** Records per invocation at most. */
    readonly batchSize: number;
    /** How long to wait for a full batch. */
    readonly maximumBatchingWindowInSeconds: number;
    /** Batches of one shard at once; records of one partition key stay in order. */
    readonly parallelizationFactor: number;
    readonly startingPosition: MappingStart;
    /** -1: until the stream no longer has the record. */
    readonly maximumRetryAttempts: number;
    /** -1: as long as the stream has the record. */
    readonly maximumRecordAgeInSeconds: number;
    readonly bisectBatchOnFunctionError: boolean;
    readonly reportBatchItemFailures: boolean;
    /** Where discarded records go: an S3 bucket. */
    readonly onFailureBucket: string | undefined;
    /** Whether the counters of `status()` are also CloudWatch metrics (`metricsConfig`). */
    readonly eventCountMetrics: boolean;
    readonly tags: Readonly<Record<string, string>>;
}

export type MappingStart =
    { readonly type: "TRIM_HORIZON" | "LATEST" } | { readonly type: "AT_TIMESTAMP"; readonly timestampSeconds: number };

const READERS: Readonly<Record<string, true>> = {
    batchSize: true,
    bisectBatchOnFunctionError: true,
    destinationConfig: true,
    enabled: true,
    eventSourceArn: true,
    functionName: true,
    functionResponseTypes: true,
    maximumBatchingWindowInSeconds: true,
    maximumRecordAgeInSeconds: true,
    maximumRetryAttempts: true,
    metricsConfig: true,
    parallelizationFactor: true,
    region: true,
    startingPosition: true,
    startingPositionTimestamp: true,
    tags: true,
    tumblingWindowInSeconds: true,
    // Of the provider alone: how long it waits for AWS.
    useResourceTimeoutForPropagation: true,
};

/**
 * Reads the inputs of `aws.lambda.EventSourceMapping` for a Kinesis stream. Throws one InvalidParameterValueException
 * that names every setting that is unknown, out of AWS's range, or not honoured by the embedded cloud. Ranges:
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export function readMappingSettings(inputs: Readonly<Record<string, unknown>>): MappingSettings {
    const reader = new InputReader(inputs);
    reader.refuseOthers(READERS, "");
    const arn = reader.pattern(
        "eventSourceArn",
        /^arn:aws:kinesis:([a-z0-9-]+):\d{12}:stream\/[a-zA-Z0-9_.-]+$/,
        "a stream's ARN",
    );
    const functionName = reader.pattern(
        "functionName",
        /^(?:arn:aws:lambda:[a-z0-9-]+:\d{12}:function:)?([a-zA-Z0-9-_]{1,64})(?::\$LATEST)?$/,
        "a function's name or ARN",
    );
    const [eventSourceArn = "", region = ""] = arn;
    reader.check("region", (value) => value === region, `the stream's region, ${region}`);
    // `0` is what the provider sends for "none".
    reader.check(
        "tumblingWindowInSeconds",
        (value) => value === 0,
        "left out: the embedded cloud has no tumbling windows",
    );
    const settings: MappingSettings = {
        functionName: functionName[1] ?? "",
        eventSourceArn,
        region,
        enabled: reader.boolean("enabled", true),
        batchSize: reader.integer("batchSize", 100, 1, 10_000),
        maximumBatchingWindowInSeconds: reader.integer("maximumBatchingWindowInSeconds", 0, 0, 300),
        parallelizationFactor: reader.integer("parallelizationFactor", 1, 1, 10),
        startingPosition: readStart(reader, inputs),
        maximumRetryAttempts: reader.integer("maximumRetryAttempts", -1, -1, 10_000),
        maximumRecordAgeInSeconds: readRecordAge(reader),
        bisectBatchOnFunctionError: reader.boolean("bisectBatchOnFunctionError", false),
        reportBatchItemFailures: reader.list("functionResponseTypes", "ReportBatchItemFailures"),
        onFailureBucket: readDestination(reader, inputs.destinationConfig),
        eventCountMetrics: readMetrics(reader, inputs.metricsConfig),
        tags: reader.tags("tags"),
    };
    reader.throwProblems();
    return settings;
}

function readStart(reader: InputReader, inputs: Readonly<Record<string, unknown>>): MappingStart {
    const type = inputs.startingPosition;
    const timestamp = inputs.startingPositionTimestamp;
    if (type === "AT_TIMESTAMP") {
        const timestampSeconds = typeof timestamp === "string" ? Date.parse(timestamp) / 1000 : NaN;
        if (Number.isNaN(timestampSeconds)) {
            reader.problem("startingPositionTimestamp", "a time as in 2026-11-23T06:00:00Z", timestamp);
        }
        return { type, timestampSeconds };
    }
    if (timestamp !== undefined) {
        reader.problem("startingPositionTimestamp", "left out unless `startingPosition` is AT_TIMESTAMP", timestamp);
    }
    if (type !== "TRIM_HORIZON" && type !== "LATEST") {
        reader.problem("startingPosition", "TRIM_HORIZON, LATEST or AT_TIMESTAMP", type);
        return { type: "TRIM_HORIZON" };
    }
    return { type };
}

function readRecordAge(reader: InputReader): number {
    const seconds = reader.integer("maximumRecordAgeInSeconds", -1, -1, 604_800);
    if (seconds !== -1 && seconds < 60) {
        reader.problem("maximumRecordAgeInSeconds", "-1, or from 60 to 604800", seconds);
    }
    return seconds;
}

function readDestination(reader: InputReader, config: unknown): string | undefined {
    if (config === undefined) {
        return undefined;
    }
    const outer = reader.nested(config, "destinationConfig", ["onFailure"]);
    if (outer?.onFailure === undefined) {
        return undefined;
    }
    const inner = reader.nested(outer.onFailure, "destinationConfig.onFailure", ["destinationArn"]);
    const arn = inner?.destinationArn;
    const bucket =
        typeof arn === "string" ? /^arn:aws:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/.exec(arn)?.[1] : undefined;
    if (inner !== undefined && bucket === undefined) {
        reader.problem(
            "destinationConfig.onFailure.destinationArn",
            "the ARN of an S3 bucket (no queue or topic)",
            arn,
        );
    }
    return bucket;
}

function readMetrics(reader: InputReader, config: unknown): boolean {
    if (config === undefined) {
        return false;
    }
    const inner = reader.nested(config, "metricsConfig", ["metrics"]);
    return (
        inner !== undefined && new InputReader(inner, reader.problems, "metricsConfig.").list("metrics", "EventCount")
    );
}

class InputReader {
    constructor(
        private readonly inputs: Readonly<Record<string, unknown>>,
        readonly problems: string[] = [],
        private readonly prefix = "",
    ) {}

    problem(name: string, expected: string, value: unknown): void {
        this.problems.push(
            `Expected \`${this.prefix}${name}\` to be ${expected}, got ${value === undefined ? "nothing" : JSON.stringify(value)}.`,
        );
    }

    refuseOthers(known: Readonly<Record<string, true>>, prefix: string): void {
        for (const [name, value] of Object.entries(this.inputs)) {
            if (known[name] === undefined && value !== undefined) {
                this.problems.push(
                    `The embedded cloud has no setting \`${prefix}${name}\` for an event source mapping.`,
                );
            }
        }
    }

    throwProblems(): void {
        if (this.problems.length > 0) {
            throw new AwsError("InvalidParameterValueException", this.problems.join(" "), 400);
        }
    }

    check(name: string, isExpected: (value: unknown) => boolean, expected: string): void {
        const value = this.inputs[name];
        if (value !== undefined && !isExpected(value)) {
            this.problem(name, expected, value);
        }
    }

    integer(name: string, byDefault: number, min: number, max: number): number {
        const value = this.inputs[name] ?? byDefault;
        if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
            this.problem(name, `a whole number from ${min} to ${max}`, value);
            return byDefault;
        }
        return value;
    }

    boolean(name: string, byDefault: boolean): boolean {
        const value = this.inputs[name] ?? byDefault;
        if (typeof value !== "boolean") {
            this.problem(name, "true or false", value);
            return byDefault;
        }
        return value;
    }

    /** The match with its groups. */
    pattern(name: string, pattern: RegExp, expected: string): readonly string[] {
        const value = this.inputs[name];
        const match = typeof value === "string" ? pattern.exec(value) : null;
        if (match === null) {
            this.problem(name, expected, value);
        }
        return match ?? [];
    }

    /** A list in which only one word may be: whether it is. */
    list(name: string, word: string): boolean {
        const value = this.inputs[name] ?? [];
        if (!Array.isArray(value) || value.some((each) => each !== word)) {
            this.problem(name, `a list of ${word}`, value);
            return false;
        }
        return value.length > 0;
    }

    tags(name: string): Record<string, string> {
        const value = this.inputs[name] ?? {};
        if (typeof value !== "object" || Object.values(value).some((each) => typeof each !== "string")) {
            this.problem(name, "text by name", value);
            return {};
        }
        return value as Record<string, string>;
    }

    nested(value: unknown, path: string, known: readonly string[]): Record<string, unknown> | undefined {
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            this.problem(path, "an object", value);
            return undefined;
        }
        const inputs = value as Record<string, unknown>;
        new InputReader(inputs, this.problems).refuseOthers(
            Object.fromEntries(known.map((name) => [name, true as const])),
            `${path}.`,
        );
        return inputs;
    }
}
