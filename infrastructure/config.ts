import * as pulumi from "@pulumi/pulumi";

/** The settings of the program, as Pulumi.yaml describes them. */
export interface Settings {
    /** 0 is an on-demand stream. */
    shardCount: number;
    retentionHours: number;
    batchSize: number;
    batchingWindowSeconds: number;
    parallelizationFactor: number;
    memorySize: number;
    logRetentionDays: number;
}

interface Range {
    minimum: number;
    maximum: number;
    unit: string;
    oneOf?: readonly number[];
}

/** The periods that CloudWatch Logs offers (PutRetentionPolicy in its API reference). */
const LOG_RETENTION_DAYS = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** What AWS takes: the quotas of Kinesis (shards: the default quota of the large regions), Lambda and its mappings. */
const RANGES: Record<keyof Settings, Range> = {
    shardCount: { minimum: 0, maximum: 20_000, unit: "shards, or 0 for on-demand" },
    retentionHours: { minimum: 24, maximum: 8_760, unit: "hours" },
    batchSize: { minimum: 1, maximum: 10_000, unit: "posts" },
    batchingWindowSeconds: { minimum: 0, maximum: 300, unit: "seconds" },
    parallelizationFactor: { minimum: 1, maximum: 10, unit: "invocations" },
    memorySize: { minimum: 128, maximum: 10_240, unit: "MB" },
    logRetentionDays: { minimum: 1, maximum: 3_653, unit: "days", oneOf: LOG_RETENTION_DAYS },
};

/**
 * The function is named `<stack>-DDBEventProcessor`; Lambda takes 64 characters of letters, digits, hyphens and
 * underscores (CreateFunction in its API reference).
 */
const STACK_NAME = /^[A-Za-z0-9_-]{1,46}$/;

/**
 * Reads the whole configuration of the stack. Throws a RunError, which Pulumi shows without a stack trace, that names
 * every problem.
 */
export function readSettings(): Settings {
    const problems: string[] = [];
    const stack = pulumi.getStack();
    if (!STACK_NAME.test(stack)) {
        problems.push(
            `Expected the stack's name to be 1 to 46 letters, digits, hyphens or underscores, got '${stack}'`,
        );
    }
    const config = new pulumi.Config();
    const settings = Object.fromEntries(
        Object.entries(RANGES).map(([name, range]) => [name, readNumber(config, name, range, problems)]),
    );
    const known = new Set(Object.keys(RANGES).map((name) => `${pulumi.getProject()}:${name}`));
    for (const key of Object.keys(pulumi.runtime.allConfig())) {
        if (key.startsWith(`${pulumi.getProject()}:`) && !known.has(key)) {
            problems.push(`Expected the configuration to be one of ${Object.keys(RANGES).join(", ")}, got '${key}'`);
        }
    }
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
    return settings as unknown as Settings;
}

function readNumber(config: pulumi.Config, name: string, range: Range, problems: string[]): number {
    const text = config.require(name);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    const allowed = range.oneOf?.includes(value) ?? (value >= range.minimum && value <= range.maximum);
    if (!allowed) {
        const expected = range.oneOf ? `one of ${range.oneOf.join(", ")}` : `${range.minimum} to ${range.maximum}`;
        problems.push(`Expected \`${config.name}:${name}\` to be ${expected} ${range.unit}, got '${text}'`);
    }
    return value;
}
