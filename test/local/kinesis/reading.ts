import type { Shard, _Record } from "@aws-sdk/client-kinesis";
import { emulator, type KinesisUnderTest } from "./endpoint";

/** Between two reads of one shard: it allows five calls a second. */
const READ_INTERVAL_MS = 250;

/** GetRecords that waits where the shard's limits ask for it. */
export async function read(kinesis: KinesisUnderTest, ShardIterator: string, Limit?: number) {
    for (;;) {
        await kinesis.pause(emulator?.throttles === false ? 0 : READ_INTERVAL_MS);
        try {
            return await kinesis.client.getRecords({ ShardIterator, Limit });
        } catch (error) {
            if ((error as Error).name !== "ProvisionedThroughputExceededException") throw error;
        }
    }
}

/** All records of a shard, from its trim horizon to its tip or end. */
export async function readShard(kinesis: KinesisUnderTest, StreamName: string, ShardId: string): Promise<_Record[]> {
    const start = await kinesis.client.getShardIterator({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" });
    const records: _Record[] = [];
    let iterator = start.ShardIterator;
    while (iterator !== undefined) {
        const answer = await read(kinesis, iterator);
        records.push(...answer.Records!);
        if (answer.MillisBehindLatest === 0 && answer.Records!.length === 0) break;
        iterator = answer.NextShardIterator;
    }
    return records;
}

export async function shardsOf(kinesis: KinesisUnderTest, StreamName: string): Promise<Shard[]> {
    return (await kinesis.client.listShards({ StreamName })).Shards!;
}

export function isOpen(shard: Shard): boolean {
    return shard.SequenceNumberRange?.EndingSequenceNumber === undefined;
}

export function text(record: _Record): string {
    return Buffer.from(record.Data!).toString("utf8");
}

export function entries(count: number, partitionKey = "key", bytes = 1) {
    return Array.from({ length: count }, () => ({ PartitionKey: partitionKey, Data: Buffer.alloc(bytes, "x") }));
}
