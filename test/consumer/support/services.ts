import { itemKey, versionOf } from "../../../consumer/item";
import type { Item } from "../../../consumer/item";
import type { Pace } from "../../../consumer/pace";
import type { Bucket } from "../../../consumer/quarantine";
import type { Table } from "../../../consumer/table-writer";
import { compareVersions } from "../../../consumer/version";

/** An error as the AWS SDK throws it. */
export function serviceError(name: string, status: number, message = name): Error {
    return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, attempts: 1 } });
}

export const throttled = () => serviceError("ProvisionedThroughputExceededException", 400);

/** Time that passes only when someone sleeps or a test moves it. */
export class ManualTime {
    sleeps: number[] = [];
    #leftMs: number;

    constructor(leftMs = 60_000) {
        this.#leftMs = leftMs;
    }

    pass(ms: number): void {
        this.#leftMs -= ms;
    }

    /** `random` is half of the whole range unless told otherwise, so that waits are exact. */
    pace(random: () => number = () => 0.5): Pace {
        return {
            remainingMs: () => this.#leftMs,
            sleep: async (ms) => {
                this.sleeps.push(ms);
                this.pass(ms);
            },
            random,
        };
    }
}

/** What a table answers to the given items: nothing to take them all, some of them as unprocessed, or an error. */
export type TableAnswer = (items: Item[], request: number) => Item[] | Error | undefined;

/** A table that keeps what it is given and refuses what DynamoDB refuses. */
export class RecordingTable implements Table {
    readonly items = new Map<string, Item>();
    readonly requests: Item[][] = [];
    inFlight = 0;
    inFlightMost = 0;

    constructor(private readonly answer: TableAnswer = () => undefined) {}

    readonly put = async (items: Item[]): Promise<Item[]> => {
        this.requests.push(items);
        this.inFlight++;
        this.inFlightMost = Math.max(this.inFlightMost, this.inFlight);
        await Promise.resolve();
        this.inFlight--;
        if (items.length === 0 || items.length > 25) throw serviceError("ValidationException", 400, "1 to 25 puts");
        if (new Set(items.map(itemKey)).size < items.length) {
            throw serviceError("ValidationException", 400, "Provided list of item keys contains duplicates");
        }
        const answer = this.answer(items, this.requests.length - 1) ?? [];
        if (answer instanceof Error) throw answer;
        for (const item of items) if (!answer.includes(item)) this.items.set(itemKey(item), item);
        return answer;
    };

    readonly putUnlessLater = async (item: Item): Promise<void> => {
        const before = this.items.get(itemKey(item));
        const [unprocessed] = await this.put([item]);
        // DynamoDB answers to a single put with an error where it would leave the item of a batch unprocessed.
        if (unprocessed !== undefined) throw throttled();
        if (before !== undefined && compareVersions(versionOf(before), versionOf(item)) > 0) {
            this.items.set(itemKey(item), before);
        }
    };
}

/** A bucket that keeps what it is given, after the faults that it is told to have. */
export class RecordingBucket implements Bucket {
    readonly objects = new Map<string, string>();
    attempts = 0;

    constructor(private readonly fault: (attempt: number) => Error | undefined = () => undefined) {}

    readonly put = async (key: string, body: string): Promise<void> => {
        const fault = this.fault(this.attempts++);
        if (fault !== undefined) throw fault;
        this.objects.set(key, body);
    };

    /** The lines of all objects, parsed. */
    lines(): Record<string, string>[] {
        return [...this.objects.values()].flatMap((body) =>
            body
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line) as Record<string, string>),
        );
    }
}
