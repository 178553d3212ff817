const SHARD_INDEX_MAX = 2_147_483_647;

export function formatShardId(index: number): string {
    return `shardId-${String(index).padStart(12, "0")}`;
}

/** Reads `shardId-000000000005`, and as AWS does also `shardId-5` or `5`; undefined for a text that names no shard. */
export function parseShardId(text: string): number | undefined {
    const digits = /^(?:.*-)?(\d+)$/.exec(text)?.[1];
    const index = Number(digits);
    return digits !== undefined && index <= SHARD_INDEX_MAX ? index : undefined;
}
