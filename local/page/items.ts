import { AwsError } from "../aws-error";
import type { DynamoDbService, Item } from "../dynamodb/service";
import type { JsonObject } from "../dynamodb/service";

/** One item as the page shows it: text alone. */
export interface ShownItem {
    readonly username: string;
    readonly id: string;
    readonly timestamp: string;
    readonly message: string;
    readonly source: string;
    /** True if there is more of the message than is shown. */
    readonly cut: boolean;
}

export interface ItemQuery {
    /** "" for any; at least one of the two is given. */
    readonly username: string;
    readonly id: string;
}

export interface FoundItems {
    readonly items: readonly ShownItem[];
    /** How many items were looked at. */
    readonly searched: number;
    /** False if there may be more to be found: the search found enough, or took too long. */
    readonly complete: boolean;
}

export const ITEMS_FOUND_MAX = 50;
/** Of a message in the list of the newest, and of one that was searched for. */
export const NEWEST_CHARACTERS_MAX = 500;
export const FOUND_CHARACTERS_MAX = 20_000;
/** The table has no index by identifier: a search for one alone reads on until then. */
export const SEARCH_MS_MAX = 10_000;
/** Small enough that the posts which arrive meanwhile hardly wait. */
const SCAN_ITEMS = 500;
const ATTEMPTS_MAX = 8;

export function showItem(item: Item, charactersMax: number): ShownItem {
    const text = (name: string): string => {
        const value = item[name]?.S ?? "";
        return typeof value === "string" ? value : JSON.stringify(value);
    };
    const message = text("Message");
    return {
        username: text("Username"),
        id: text("Id"),
        timestamp: text("Timestamp"),
        message: cutText(message, charactersMax),
        source: text("Source"),
        cut: message.length > charactersMax,
    };
}

/** The first characters, never half of one that takes two units. */
export function cutText(text: string, charactersMax: number): string {
    if (text.length <= charactersMax) return text;
    return text.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, "");
}

/**
 * Finds items by the username, which is the table's hash key, by the identifier, or by both. By the identifier alone, the whole
 * table is read, in small parts.
 */
export async function searchItems(
    dynamodb: DynamoDbService,
    tableName: string,
    query: ItemQuery,
    signal: AbortSignal,
    now: () => number = Date.now,
): Promise<FoundItems> {
    const { operation, input } = requestFor(tableName, query);
    const startedAt = now();
    const found: Item[] = [];
    let searched = 0;
    let startKey: unknown;
    do {
        const page = await unthrottled(() =>
            dynamodb.call(operation, { ...input, ...(startKey !== undefined && { ExclusiveStartKey: startKey }) }),
        );
        found.push(...(page.Items as Item[]));
        searched += page.ScannedCount as number;
        startKey = page.LastEvaluatedKey;
        await new Promise((resolve) => setImmediate(resolve));
    } while (
        startKey !== undefined &&
        found.length < ITEMS_FOUND_MAX &&
        now() - startedAt < SEARCH_MS_MAX &&
        !signal.aborted
    );
    return {
        items: found.slice(0, ITEMS_FOUND_MAX).map((item) => showItem(item, FOUND_CHARACTERS_MAX)),
        searched,
        complete: startKey === undefined && found.length <= ITEMS_FOUND_MAX,
    };
}

function requestFor(tableName: string, { username, id }: ItemQuery): { operation: string; input: JsonObject } {
    const values = {
        ...(username !== "" && { ":username": { S: username } }),
        ...(id !== "" && { ":id": { S: id } }),
    };
    const input = { TableName: tableName, ExpressionAttributeValues: values };
    if (username === "") {
        return { operation: "Scan", input: { ...input, FilterExpression: "Id = :id", Limit: SCAN_ITEMS } };
    }
    const KeyConditionExpression = `Username = :username${id === "" ? "" : " AND Id = :id"}`;
    // The newest first: identifiers of one source grow.
    const order = { ScanIndexForward: false, Limit: ITEMS_FOUND_MAX };
    return { operation: "Query", input: { ...input, KeyConditionExpression, ...order } };
}

/** A table may be throttled, by faults that are injected for one. */
async function unthrottled(request: () => Promise<JsonObject>): Promise<JsonObject> {
    for (let attempt = 1; ; attempt += 1) {
        try {
            return await request();
        } catch (error) {
            const mayPass = error instanceof AwsError && error.code === "ProvisionedThroughputExceededException";
            if (!mayPass || attempt === ATTEMPTS_MAX) throw error;
        }
    }
}
