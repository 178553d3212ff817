import { createHash } from "node:crypto";
import { Account } from "../../producer/account";
import { outgoingPost, type Outgoing } from "../../producer/outgoing";
import type { PutRecords, Rejection } from "../../producer/put-records";
import { sendAll, type RequestReport, type Sending, type Traffic } from "../../producer/sender";
import { seededRandom } from "../../producer/sources/random";
import type { Refusal } from "../../producer/sources/source";
import type { WireRecord } from "../../wire-record";
import type { VirtualTime } from "./virtual-time";

export const THROTTLED = "ProvisionedThroughputExceededException";

export function post(username: string, id: number, message = ""): WireRecord {
    return { username, id: String(id), timestamp: "2026-11-23T06:00:00.000Z", message, source: "sample" };
}

export async function* chunksOf(posts: readonly WireRecord[], size = 100): AsyncGenerator<Outgoing[]> {
    for (let start = 0; start < posts.length; start += size) yield posts.slice(start, start + size).map(outgoingPost);
}

export const idOf = ({ data }: Outgoing): string => (JSON.parse(Buffer.from(data).toString("utf8")) as WireRecord).id;

/** The identifiers of each author, in order. */
export function byAuthor(records: Iterable<Outgoing>): Map<string, string[]> {
    const ids = new Map<string, string[]>();
    for (const record of records) {
        const known = ids.get(record.partitionKey);
        if (known === undefined) ids.set(record.partitionKey, [idOf(record)]);
        else known.push(idOf(record));
    }
    return ids;
}

/** For each record, why it is not accepted, or undefined. A code alone is one without a shard. */
export type Response = (records: readonly Outgoing[], request: number) => readonly (Rejection | string | undefined)[];

export const acceptAll: Response = (records) => records.map(() => undefined);

/** A stream in memory that does to each request what the test says. Responses take some virtual time. */
export class MemoryStream {
    readonly accepted: Outgoing[] = [];
    readonly requests: (readonly Outgoing[])[] = [];
    inFlight = 0;
    inFlightMax = 0;

    constructor(
        private readonly time: VirtualTime,
        private readonly respond: Response,
        private readonly latencyMs: () => number = () => 10,
    ) {}

    readonly putRecords: PutRecords = async (records) => {
        const request = this.requests.length;
        this.requests.push(records);
        this.inFlight += 1;
        this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
        // Half of the way there, half of it back: what is in flight at a time can arrive in another order.
        await this.time.sleep(this.latencyMs());
        try {
            const answers = this.respond(records, request);
            const rejections = new Map<number, Rejection>();
            for (const [index, record] of records.entries()) {
                const answer = answers[index];
                if (answer === undefined) this.accepted.push(record);
                else rejections.set(index, typeof answer === "string" ? { code: answer, shardId: undefined } : answer);
            }
            await this.time.sleep(this.latencyMs());
            return rejections;
        } finally {
            this.inFlight -= 1;
        }
    };

    ids(): string[] {
        return this.accepted.map(idOf);
    }
}

/**
 * Shards that each take so many records a second, a second's worth at once, and name themselves when they take no more.
 * Shard `n` has the hash keys from `bounds[n - 1]` (0 for the first) up to `bounds[n]`, as shares of all; the last bound is 1.
 */
export class Shards {
    readonly accepted: number[];
    readonly throttled: number[];
    private readonly tokens: number[];
    private filledAt = 0;

    constructor(
        private readonly time: VirtualTime,
        private readonly bounds: readonly number[],
        private readonly recordsPerSecond = 1000,
    ) {
        this.tokens = bounds.map(() => recordsPerSecond);
        this.accepted = bounds.map(() => 0);
        this.throttled = bounds.map(() => 0);
    }

    readonly respond: Response = (records) => {
        const refill = ((this.time.now() - this.filledAt) * this.recordsPerSecond) / 1000;
        this.filledAt = this.time.now();
        for (const [shard, tokens] of this.tokens.entries()) {
            this.tokens[shard] = Math.min(this.recordsPerSecond, tokens + refill);
        }
        return records.map(({ partitionKey }) => {
            const shard = this.of(partitionKey);
            const tokens = this.tokens[shard] ?? 0;
            if (tokens < 1) {
                this.throttled[shard] = (this.throttled[shard] ?? 0) + 1;
                return { code: THROTTLED, shardId: `shardId-${String(shard).padStart(12, "0")}` };
            }
            this.tokens[shard] = tokens - 1;
            this.accepted[shard] = (this.accepted[shard] ?? 0) + 1;
            return undefined;
        });
    };

    of(partitionKey: string): number {
        const share = createHash("md5").update(partitionKey, "utf8").digest().readUIntBE(0, 6) / 2 ** 48;
        return this.bounds.findIndex((bound) => share < bound);
    }
}

export interface Run {
    account: Account;
    refusals: Refusal[];
    troubles: string[];
    requests: RequestReport[];
    traffic: Traffic;
    abort: AbortController;
    stop: AbortController;
    done: Promise<void>;
}

export function start(
    chunks: Sending["chunks"],
    putRecords: PutRecords,
    time: VirtualTime,
    options: Partial<Sending> = {},
): Run {
    const run = {
        account: new Account(),
        refusals: [] as Refusal[],
        troubles: [] as string[],
        requests: [] as RequestReport[],
        traffic: { inFlight: 0, held: 0, throttledShards: 0, lagMs: 0 },
        abort: new AbortController(),
        stop: new AbortController(),
    };
    const done = sendAll({
        chunks,
        putRecords,
        account: run.account,
        surroundings: time.surroundings(seededRandom(1)),
        abort: run.abort.signal,
        stopSource: () => run.stop.abort(),
        onRefused: (refusal) => run.refusals.push(refusal),
        onTrouble: (trouble) => run.troubles.push(trouble),
        onRequest: (report) => run.requests.push(report),
        traffic: run.traffic,
        ...options,
    });
    return { ...run, done };
}

export async function failureOf(promise: Promise<unknown>): Promise<Error> {
    try {
        await promise;
    } catch (error) {
        return error as Error;
    }
    throw new Error("It did not fail.");
}
