import type { AwsError } from "../aws-error";

/** Asked before things happen, so that tests and the demo can make them fail. What it returns is what the client sees. */
export interface KinesisFaults {
    /** An operation that is about to run, its input already checked; `streamName` as the request names it. */
    beforeOperation?(operation: string, streamName: string | undefined): AwsError | undefined;
    /** A record of PutRecord or PutRecords that its shard is about to take. */
    rejectRecord?(streamName: string, shardId: string): AwsError | undefined;
}
