import { AwsError } from "../../../local/aws-error";
import type {
    RecordsRead,
    StartPosition,
    StreamReader,
    StreamRecord,
    StreamShard,
} from "../../../local/event-source-mapping/stream-reader";
import type { Clock } from "../../../local/event-source-mapping/waiting";

interface FakeShard {
    readonly shardId: string;
    readonly parentShardIds: readonly string[];
    readonly records: StreamRecord[];
    closed: boolean;
}

type Operation = "listShards" | "getShardIterator" | "getRecords" | "retentionMs";

export interface Call {
    readonly operation: Operation;
    readonly shardId?: string;
    readonly position?: StartPosition;
    readonly atMs: number;
}

/** A stream of the test: shards in memory, and errors where the test wants them. */
export class FakeStream implements StreamReader {
    readonly calls: Call[] = [];
    retention = 24 * 60 * 60 * 1000;
    /** Records per GetRecords at most. */
    pageSize = Infinity;
    private readonly shards = new Map<string, FakeShard>();
    private readonly listeners = new Set<() => void>();
    private readonly errors: { operation: Operation; error: Error; left: number }[] = [];
    private sequence = 0;

    constructor(
        private readonly clock: Clock,
        shardIds: readonly string[] = ["shardId-000000000000"],
    ) {
        shardIds.forEach((shardId) => this.addShard(shardId, []));
    }

    get listenerCount(): number {
        return this.listeners.size;
    }

    addShard(shardId: string, parentShardIds: readonly string[]): void {
        for (const parent of parentShardIds) {
            this.shard(parent).closed = true;
        }
        this.shards.set(shardId, { shardId, parentShardIds, records: [], closed: false });
    }

    removeShard(shardId: string): void {
        this.shards.delete(shardId);
    }

    /** Returns the sequence number. */
    put(shardId: string, partitionKey: string, data = "", ageMs = 0): string {
        this.sequence += 1;
        // As long as a real one, and ordered as text too.
        const SequenceNumber = `4959${String(this.sequence).padStart(52, "0")}`;
        this.shard(shardId).records.push({
            SequenceNumber,
            PartitionKey: partitionKey,
            Data: Buffer.from(data).toString("base64"),
            ApproximateArrivalTimestamp: (this.clock.now() - ageMs) / 1000,
        });
        this.listeners.forEach((listener) => listener());
        return SequenceNumber;
    }

    failNext(operation: Operation, error: Error, times = 1): void {
        this.errors.push({ operation, error, left: times });
    }

    callsOf(operation: Operation): Call[] {
        return this.calls.filter((call) => call.operation === operation);
    }

    async listShards(): Promise<StreamShard[]> {
        this.enter({ operation: "listShards" });
        return Array.from(this.shards.values(), ({ shardId, parentShardIds, closed }) => ({
            shardId,
            parentShardIds,
            closed,
        }));
    }

    async retentionMs(): Promise<number> {
        this.enter({ operation: "retentionMs" });
        return this.retention;
    }

    async getShardIterator(shardId: string, position: StartPosition): Promise<string> {
        this.enter({ operation: "getShardIterator", shardId, position });
        return `${shardId}/${this.indexOf(this.shard(shardId), position)}`;
    }

    async getRecords(iterator: string, limit: number): Promise<RecordsRead> {
        const [shardId = "", index = ""] = iterator.split("/");
        this.enter({ operation: "getRecords", shardId });
        const { records, closed } = this.shard(shardId);
        const end = Math.min(records.length, Number(index) + Math.min(limit, this.pageSize));
        const atEnd = end === records.length;
        return {
            records: records.slice(Number(index), end),
            nextIterator: closed && atEnd ? undefined : `${shardId}/${end}`,
            millisBehindLatest: atEnd ? 0 : 1000,
        };
    }

    onRecords(listener: () => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    private enter(call: Omit<Call, "atMs">): void {
        this.calls.push({ ...call, atMs: this.clock.now() });
        const failure = this.errors.find(({ operation, left }) => operation === call.operation && left > 0);
        if (failure !== undefined) {
            failure.left -= 1;
            throw failure.error;
        }
    }

    private shard(shardId: string): FakeShard {
        const shard = this.shards.get(shardId);
        if (shard === undefined) {
            throw new AwsError("ResourceNotFoundException", `Shard ${shardId} in stream posts does not exist`);
        }
        return shard;
    }

    private indexOf({ records }: FakeShard, position: StartPosition): number {
        const found = records.findIndex((record) => {
            switch (position.type) {
                case "TRIM_HORIZON":
                    return true;
                case "LATEST":
                    return false;
                case "AT_TIMESTAMP":
                    return record.ApproximateArrivalTimestamp >= position.timestampSeconds;
                case "AFTER_SEQUENCE_NUMBER":
                    return record.SequenceNumber > position.sequenceNumber;
            }
        });
        return found === -1 ? records.length : found;
    }
}
