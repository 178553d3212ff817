import type { StreamBatch } from "./batches-file";
import { Unreadable, type Bundle, type FailedRecord, type Loaded } from "./failed-record";
import { unpacked } from "./objects";

/**
 * A batch has at most 10,000 records, but its range can hold those of nine others as well: with a parallelization factor above
 * 1, the batches of a shard interleave.
 */
const RANGE_RECORDS_MAX = 100_000;

export interface StreamRecord {
    readonly sequenceNumber: string;
    readonly partitionKey: string;
    readonly data: Uint8Array;
    readonly arrivalMs: number;
}

/** A shard, as it is read again. */
export interface ShardReader {
    /**
     * Records from the given one on, or from the oldest that is still there.
     * @returns undefined when the shard is gone, as retention is over for all of it
     */
    readonly startAt: (shardId: string, sequenceNumber: string) => Promise<string | undefined>;
    readonly read: (iterator: string) => Promise<{ records: readonly StreamRecord[]; next: string | undefined }>;
}

/** A batch of which only the place in the stream is known, as a bundle. There is nothing to mark: it is in the user's file. */
export function streamBundle(batch: StreamBatch, streamName: string, reader: ShardReader): Bundle {
    const name = `${batch.shardId} from ${batch.firstSequenceNumber}`;
    return {
        name,
        origin: "stream",
        load: async () => {
            if (batch.stream === streamName) return reread(batch, reader);
            throw new Unreadable(`it is a batch of the stream ${batch.stream}, and this stack has ${streamName}`);
        },
        markReplayed: async () => undefined,
    };
}

/**
 * Everything between the first and the last record of the batch. That can be more than was in the batch: what the function has
 * stored is then stored again as it is. When the first record is gone, retention is over for a part of the batch at least.
 */
async function reread(batch: StreamBatch, reader: ShardReader): Promise<Loaded> {
    const found: FailedRecord[] = [];
    let isStartThere = false;
    let count = 0;
    let bytes = 0;
    let iterator = await reader.startAt(batch.shardId, batch.firstSequenceNumber);
    while (iterator !== undefined) {
        const { records, next } = await reader.read(iterator);
        iterator = next;
        for (const record of records) {
            const position = BigInt(record.sequenceNumber);
            if (position === batch.first) isStartThere = true;
            if (position >= batch.last) iterator = undefined;
            if (position > batch.last) break;
            count += 1;
            bytes += record.data.length;
            const parts = unpacked({ ...record, subSequenceNumber: 0, position, reason: batch.reason });
            for (const part of parts) found.push(part);
        }
        if (count > RANGE_RECORDS_MAX) throw new Unreadable(`it spans more than ${RANGE_RECORDS_MAX} records`);
    }
    return { records: found, expired: isStartThere ? 0 : Math.max(1, batch.records - count), bytes };
}
