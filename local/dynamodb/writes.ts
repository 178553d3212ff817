import { AwsError } from "../aws-error";
import type { Item, JsonObject } from "./dynalite";
import { isObject } from "./table-names";

/** What one request has written to one table. */
export interface TableWrite {
    readonly tableName: string;
    /** When it was written, milliseconds since the epoch. */
    readonly timeMs: number;
    /** Whole items, as in the request, in DynamoDB's JSON. */
    readonly put: readonly Item[];
    /** The keys of items that were updated. */
    readonly updated: readonly Item[];
    /** The keys of items that were deleted. */
    readonly deleted: readonly Item[];
}

type WriteRequest = Readonly<{ PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }>;

/** What an operation with this input writes; it must have passed the operation's checks. */
export function writesOf(operation: string, input: JsonObject, timeMs: number): TableWrite[] {
    const tableName = String(input.TableName);
    const nothing = { tableName, timeMs, put: [], updated: [], deleted: [] };
    switch (operation) {
        case "PutItem":
            return [{ ...nothing, put: [input.Item as Item] }];
        case "UpdateItem":
            return [{ ...nothing, updated: [input.Key as Item] }];
        case "DeleteItem":
            return [{ ...nothing, deleted: [input.Key as Item] }];
        case "BatchWriteItem":
            return Object.entries(input.RequestItems as Record<string, WriteRequest[]>).map(([name, requests]) => ({
                ...nothing,
                tableName: name,
                put: requests.flatMap(({ PutRequest: request }) => (request ? [request.Item] : [])),
                deleted: requests.flatMap(({ DeleteRequest: request }) => (request ? [request.Key] : [])),
            }));
        default:
            return [];
    }
}

/** A BatchWriteItem without some of its requests, and those. */
export interface SplitBatch {
    readonly input: JsonObject;
    readonly unprocessed: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * Takes requests out of a BatchWriteItem, as if the table had no capacity left for them.
 * @param indexes positions among all requests, table by table in the order of the input
 * @throws AwsError ProvisionedThroughputExceededException where nothing is left, as AWS does
 */
export function withoutRequests(input: JsonObject, indexes: readonly number[]): SplitBatch {
    const unlucky = new Set(indexes);
    const [processed, unprocessed]: [Record<string, unknown[]>, Record<string, unknown[]>] = [{}, {}];
    let position = 0;
    for (const [tableName, requests] of Object.entries(isObject(input.RequestItems) ? input.RequestItems : {})) {
        for (const request of Array.isArray(requests) ? (requests as unknown[]) : []) {
            const side = unlucky.has(position++) ? unprocessed : processed;
            (side[tableName] ??= []).push(request);
        }
    }
    if (Object.keys(processed).length === 0 && position > 0) {
        const message =
            "The level of configured provisioned throughput for the table was exceeded. " +
            "Consider increasing your provisioning level with the UpdateTable API.";
        throw new AwsError("ProvisionedThroughputExceededException", message);
    }
    return { input: { ...input, RequestItems: processed }, unprocessed };
}
