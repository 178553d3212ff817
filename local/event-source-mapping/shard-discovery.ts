import { AwsError } from "../aws-error";
import { streamProblem, type ProcessingResult } from "./processing-result";
import type { MappingSettings } from "./settings";
import type { StartPosition, StreamReader, StreamShard } from "./stream-reader";
import { backoffMs, type Waits } from "./waiting";

export interface ShardDiscoveryOptions {
    readonly settings: MappingSettings;
    readonly reader: StreamReader;
    readonly waits: Waits;
    readonly random: () => number;
    readonly result: ProcessingResult;
    readonly startShard: (shardId: string, start: StartPosition) => void;
}

/**
 * Which shards are to be consumed, and from where: those that there are at the beginning from the mapping's starting
 * position, those that come from resharding from their first record, and each only after its parents are finished.
 */
export class ShardDiscovery {
    private readonly finished = new Set<string>();
    private readonly started = new Set<string>();
    private initial: ReadonlySet<string> | undefined;
    private waiting = 0;
    private state: "none" | "running" | "again" = "none";
    private retention = Infinity;

    constructor(private readonly options: ShardDiscoveryOptions) {}

    /** True if every shard that there was at the last look is started or finished, and no look is due. */
    get isSettled(): boolean {
        return this.state === "none" && this.waiting === 0;
    }

    /** How long the stream keeps records, as last seen. */
    get retentionMs(): number {
        return this.retention;
    }

    /** Notes that a shard is consumed to its end; call `run` after it. */
    setFinished(shardId: string): void {
        this.started.delete(shardId);
        this.finished.add(shardId);
    }

    /** Lists the shards and starts those that can be. Resolves when that is done, or the mapping stops. */
    async run(): Promise<void> {
        if (this.state !== "none") {
            this.state = "again";
            return;
        }
        do {
            this.state = "running";
            const listed = await this.listShards();
            if (listed === undefined) {
                return;
            }
            this.startShards(listed);
        } while (this.isDueAgain());
        this.state = "none";
    }

    /** Asks the stream; the last known value if it does not say. */
    async refreshRetention(): Promise<number> {
        this.retention = (await orUndefined(() => this.options.reader.retentionMs())) ?? this.retention;
        return this.retention;
    }

    /** False only if the stream says that it has no such shard. */
    async shardExists(shardId: string): Promise<boolean> {
        const listed = await orUndefined(() => this.options.reader.listShards());
        return listed?.some((shard) => shard.shardId === shardId) ?? true;
    }

    private isDueAgain(): boolean {
        return this.state === "again" && !this.options.waits.isStopped();
    }

    /** Tries until it succeeds; undefined when the mapping stops. */
    private async listShards(): Promise<readonly StreamShard[] | undefined> {
        const { reader, settings, waits, random, result } = this.options;
        for (let failures = 0; !waits.isStopped(); failures += 1) {
            try {
                const [listed, retentionMs] = await Promise.all([reader.listShards(), reader.retentionMs()]);
                this.retention = retentionMs;
                result.clearProblem("shards");
                return waits.isStopped() ? undefined : listed;
            } catch (error) {
                if (!(error instanceof AwsError)) {
                    throw error;
                }
                result.setProblem("shards", streamProblem(error, settings.eventSourceArn));
                await waits.sleep(backoffMs(failures, random));
            }
        }
        return undefined;
    }

    private startShards(listed: readonly StreamShard[]): void {
        const { settings, startShard } = this.options;
        const ids = new Set(listed.map(({ shardId }) => shardId));
        const initial = (this.initial ??= this.beginWith(listed, ids));
        for (const shardId of this.finished) {
            if (!ids.has(shardId)) {
                this.finished.delete(shardId);
            }
        }
        const unstarted = listed.filter(({ shardId }) => !this.finished.has(shardId) && !this.started.has(shardId));
        const ready = unstarted.filter(({ parentShardIds }) =>
            parentShardIds.every((parent) => !ids.has(parent) || this.finished.has(parent)),
        );
        this.waiting = unstarted.length - ready.length;
        for (const { shardId } of ready) {
            this.started.add(shardId);
            startShard(shardId, initial.has(shardId) ? settings.startingPosition : { type: "TRIM_HORIZON" });
        }
    }

    private beginWith(listed: readonly StreamShard[], ids: ReadonlySet<string>): ReadonlySet<string> {
        if (this.options.settings.startingPosition.type === "LATEST") {
            // A shard that is closed has nothing later than now; its children are not to wait for it.
            listed.filter(({ closed }) => closed).forEach(({ shardId }) => this.finished.add(shardId));
        }
        return ids;
    }
}

async function orUndefined<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
        return await call();
    } catch (error) {
        if (error instanceof AwsError) {
            return undefined;
        }
        throw error;
    }
}
