import * as pulumi from "@pulumi/pulumi";

/** The settings of the program, as Pulumi.yaml describes them. */
export interface Settings extends Readonly<Record<keyof typeof RANGES, number>> {
    /** Whether an update or a destroy is kept from removing what holds posts. */
    readonly protectData: boolean;
    /** Who is told of alarms; "" for nobody. */
    readonly alarmEmail: string;
    /** The access keys that each user has; the first is the one in the outputs. Without any there are no users. */
    readonly accessKeys: readonly string[];
}

interface Range {
    readonly minimum: number;
    readonly maximum: number;
    readonly unit: string;
    readonly oneOf?: readonly number[];
}

/** The periods that CloudWatch Logs offers (PutRetentionPolicy in its API reference). */
const LOG_RETENTION_DAYS = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A hundred years: further than that is a mistake. */
const DAYS_MAX = 36_500;
/** What AWS takes: the quotas of Kinesis (shards: the default quota of the large regions), Lambda and its mappings. */
const RANGES = {
    shardCount: { minimum: 0, maximum: 20_000, unit: "shards, 0 for on-demand" },
    retentionHours: { minimum: 24, maximum: 8_760, unit: "hours" },
    batchSize: { minimum: 1, maximum: 10_000, unit: "posts" },
    batchingWindowSeconds: { minimum: 0, maximum: 300, unit: "seconds" },
    parallelizationFactor: { minimum: 1, maximum: 10, unit: "invocations" },
    memorySize: { minimum: 128, maximum: 10_240, unit: "MB" },
    ttlDays: { minimum: 0, maximum: DAYS_MAX, unit: "days, 0 for ever" },
    failedEventsDays: { minimum: 0, maximum: DAYS_MAX, unit: "days, 0 for ever" },
    replayedEventsDays: { minimum: 0, maximum: DAYS_MAX, unit: "days, 0 for ever" },
    logRetentionDays: { minimum: 1, maximum: 3_653, unit: "days", oneOf: LOG_RETENTION_DAYS },
} as const satisfies Record<string, Range>;

/** IAM lets a user have two access keys, so these are all: one in use, and the other while clients change over. */
const ACCESS_KEYS = ["a", "b", "a,b", "b,a"];
/** Where producers and replays come with credentials of their own. */
const NO_ACCESS_KEYS = "none";

/** One address; AWS sends it a message to be confirmed, which no pattern can replace. */
const EMAIL = /^[^\s@,;<>"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/**
 * The function is named `<stack>-DDBEventProcessor`; Lambda takes 64 characters of letters, digits, hyphens and
 * underscores (CreateFunction in its API reference). Pulumi itself would take 100, with dots.
 */
const STACK_NAME = /^[A-Za-z0-9_-]{1,46}$/;

/**
 * Reads the whole configuration of the stack, before the program makes anything. Throws a RunError, which Pulumi shows
 * without a stack trace, that names every problem.
 */
export function readSettings(): Settings {
    const reader = new SettingsReader(new pulumi.Config());
    const stack = pulumi.getStack();
    if (!STACK_NAME.test(stack)) {
        reader.problem("the stack's name", "1 to 46 letters, digits, hyphens or underscores", stack);
    }
    const numbers = Object.entries(RANGES).map(([name, range]) => [name, reader.number(name, range)]);
    const settings: Settings = {
        ...(Object.fromEntries(numbers) as Record<keyof typeof RANGES, number>),
        protectData: reader.text("protectData", "true or false", /^(true|false)$/) === "true",
        alarmEmail: reader.text("alarmEmail", "an e-mail address, or nothing", new RegExp(`${EMAIL.source}|^$`), ""),
        accessKeys: reader
            .oneOf("accessKeys", [...ACCESS_KEYS, NO_ACCESS_KEYS])
            .split(",")
            .filter((key) => key !== NO_ACCESS_KEYS),
    };
    reader.refuseOthers();
    return settings;
}

class SettingsReader {
    private readonly problems: string[] = [];
    private readonly names: string[] = [];

    constructor(private readonly config: pulumi.Config) {}

    number(name: string, { minimum, maximum, unit, oneOf }: Range): number {
        const text = this.value(name);
        const value = /^\d+$/.test(text ?? "") ? Number(text) : Number.NaN;
        if (!(oneOf?.includes(value) ?? (value >= minimum && value <= maximum))) {
            const expected = oneOf ? `one of ${oneOf.join(", ")}` : `${minimum} to ${maximum}`;
            this.problem(`\`${this.config.name}:${name}\``, `${expected} ${unit}`, text);
        }
        return value;
    }

    text(name: string, expected: string, pattern: RegExp, byDefault?: string): string {
        const text = this.value(name) ?? byDefault;
        if (text === undefined || !pattern.test(text)) {
            this.problem(`\`${this.config.name}:${name}\``, expected, text);
        }
        return text ?? "";
    }

    oneOf(name: string, values: readonly string[]): string {
        return this.text(name, `one of ${values.join(" ")}`, new RegExp(`^(${values.join("|")})$`));
    }

    problem(what: string, expected: string, found: string | undefined): void {
        this.problems.push(`Expected ${what} to be ${expected}, got ${found === undefined ? "nothing" : `'${found}'`}`);
    }

    /** Throws what is wrong, settings of the project that nobody has read included. */
    refuseOthers(): void {
        const prefix = `${this.config.name}:`;
        for (const key of Object.keys(pulumi.runtime.allConfig())) {
            if (key.startsWith(prefix) && !this.names.includes(key.slice(prefix.length))) {
                this.problem("the configuration", `one of ${this.names.join(", ")}`, key);
            }
        }
        if (this.problems.length > 0) throw new pulumi.RunError(this.problems.join("\n"));
    }

    private value(name: string): string | undefined {
        this.names.push(name);
        return this.config.get(name);
    }
}
