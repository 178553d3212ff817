/**
 * The limits of Kinesis Data Streams, as the pages "Quotas and limits" of the developer guide and the API reference of
 * each operation name them. Where those say MB, the service counts in binary units.
 */
const MIB = 1024 * 1024;

export const RECORDS_PER_PUT_MAX = 500;
/** All data and partition keys of one PutRecords together. */
export const PUT_REQUEST_BYTES_MAX = 10 * MIB;
/** A stream's own limit of one record, data and partition key together: 1 MiB unless it was raised. */
export const RECORD_KIB_DEFAULT = 1024;
export const RECORD_KIB_MAX = 10_240;
export const PARTITION_KEY_CHARACTERS_MAX = 256;

export const SHARD_WRITE_RECORDS_PER_SECOND = 1000;
export const SHARD_WRITE_BYTES_PER_SECOND = MIB;
export const SHARD_READ_BYTES_PER_SECOND = 2 * MIB;
/** Of GetRecords and of GetShardIterator, each. */
export const SHARD_READ_CALLS_PER_SECOND = 5;

export const GET_RECORDS_MAX = 10_000;
export const GET_RECORDS_BYTES_MAX = 10 * MIB;
/** A shard iterator, and the NextToken of ListShards, can be used for five minutes. */
export const TOKEN_AGE_MS_MAX = 300_000;

export const RETENTION_HOURS_DEFAULT = 24;
export const RETENTION_HOURS_MAX = 8760;

const LARGER_REGIONS: readonly string[] = ["us-east-1", "us-west-2", "eu-west-1"];

/** The default quota of an account; elsewhere "1,000 or 6,000", which is not told by region. */
export function shardsPerAccountMax(region: string): number {
    return LARGER_REGIONS.includes(region) ? 20_000 : 1_000;
}

export const ON_DEMAND_STREAMS_MAX = 50;
/** What a new on-demand stream starts with: 4 MB/s and 4,000 records/s in. */
export const ON_DEMAND_SHARDS = 4;
export const UPDATE_SHARD_COUNT_PER_DAY_MAX = 10;
export const UPDATE_STREAM_MODE_PER_DAY_MAX = 2;
/** Of StartStreamEncryption and of StopStreamEncryption, each. */
export const STREAM_ENCRYPTION_PER_DAY_MAX = 25;

export const TAGS_PER_STREAM_MAX = 50;

export const DESCRIBE_SHARDS_DEFAULT = 100;
export const LIST_SHARDS_DEFAULT = 1000;
export const LIST_STREAMS_DEFAULT = 100;
export const LIST_MAX = 10_000;

/** "More than five streams in the CREATING state at any point in time": API_CreateStream; the service counts DELETING as well. */
export const CREATING_STREAMS_MAX = 5;

/** Not AWS's, where it takes up to a minute: how long a stream is CREATING, UPDATING or DELETING. */
export const STATE_CHANGE_MS = 500;

/** Not a limit of AWS: what one stream may hold in memory before its oldest records go, retention or not. */
export const RETAINED_BYTES_MAX_DEFAULT = 512 * MIB;
