export interface Settings {
    tableName: string;
    bucketName: string;
    /** How long after its arrival a post is kept in the table; 0 for ever. */
    ttlDays: number;
}

/**
 * Reads the environment of the function.
 * @throws Error that names everything that is missing or wrong: the function does not start.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
    const tableName = environment.EVENT_DATA_TABLE ?? "";
    const bucketName = environment.FAILED_EVENTS_BUCKET ?? "";
    const problems: string[] = [];
    if (tableName === "") problems.push("Expected EVENT_DATA_TABLE to be the name of the table for the posts");
    if (bucketName === "")
        problems.push("Expected FAILED_EVENTS_BUCKET to be the name of the bucket for failed events");
    const days = environment.TTL_DAYS ?? "0";
    if (!/^\d{1,5}$/.test(days)) {
        problems.push(`Expected TTL_DAYS to be the whole number of days that a post is kept, 0 for ever, got ${days}`);
    }
    if (problems.length > 0) throw new Error(`${problems.join("; ")}, in the environment of the function`);
    return { tableName, bucketName, ttlDays: Number(days) };
}
