export interface Settings {
    tableName: string;
    bucketName: string;
}

/**
 * Reads the environment of the function.
 * @throws Error that names everything that is missing: the function does not start.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
    const tableName = environment.EVENT_DATA_TABLE ?? "";
    const bucketName = environment.FAILED_EVENTS_BUCKET ?? "";
    const problems: string[] = [];
    if (tableName === "") problems.push("Expected EVENT_DATA_TABLE to be the name of the table for the posts");
    if (bucketName === "")
        problems.push("Expected FAILED_EVENTS_BUCKET to be the name of the bucket for failed events");
    if (problems.length > 0)
        throw new Error(`${problems.join("; ")}, but the environment of the function has no such variable`);
    return { tableName, bucketName };
}
