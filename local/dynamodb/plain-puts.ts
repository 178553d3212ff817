import { hash } from "node:crypto";
import type { Item, JsonObject } from "./dynalite";
import { type DynaliteStore, ITEM_BYTES_MAX, type ItemDatabase, type StoredTable } from "./dynalite-store";
import { itemBytes } from "./item-size";
import { isObject } from "./table-names";

/** The largest batch; larger ones are dynalite's to refuse. */
const REQUESTS_MAX = 25;
/** Above these lengths of a key, dynalite says what is wrong. */
const HASH_KEY_BYTES_MAX = 2_048;
const RANGE_KEY_BYTES_MAX = 1_024;

interface PlainPut {
    readonly database: ItemDatabase;
    readonly key: string;
    readonly item: Item;
    readonly bytes: number;
}

/**
 * Does what BatchWriteItem does, where it only puts items of strings, correct ones, into tables without indexes; leaves
 * everything else, and every mistake, to dynalite. It is what functions write most, and takes a fifth of dynalite's time:
 * measured with 25 items of 600 bytes, 11 µs of CPU time per item, against 59 µs.
 * @returns whether it was such a batch, and is stored
 */
export function putPlainItems(store: DynaliteStore, input: JsonObject): boolean {
    const puts = plainPuts(store, input);
    puts?.forEach(({ database, key, item, bytes }) => database.set(key, item, bytes));
    return puts !== undefined;
}

function plainPuts(store: DynaliteStore, { RequestItems: batches, ...others }: JsonObject): PlainPut[] | undefined {
    if (!isObject(batches) || Object.keys(others).length > 0) {
        return undefined;
    }
    const puts: PlainPut[] = [];
    for (const [tableName, requests] of Object.entries(batches)) {
        const table = store.usableTable(tableName);
        if (!Array.isArray(requests) || table === undefined || hasIndexes(table)) {
            return undefined;
        }
        const database = store.getItemDb(tableName);
        const keys = new Set<string>();
        for (const request of requests as unknown[]) {
            const put = plainPut(table, request, database);
            if (put === undefined) {
                return undefined;
            }
            puts.push(put);
            keys.add(put.key);
        }
        if (keys.size < requests.length || requests.length === 0) {
            return undefined;
        }
    }
    return puts.length > 0 && puts.length <= REQUESTS_MAX ? puts : undefined;
}

function hasIndexes({ LocalSecondaryIndexes: local = [], GlobalSecondaryIndexes: global = [] }: StoredTable): boolean {
    return local.length + global.length > 0;
}

function plainPut(table: StoredTable, request: unknown, database: ItemDatabase): PlainPut | undefined {
    if (!isObject(request) || !isObject(request.PutRequest) || Object.keys(request).length > 1) {
        return undefined;
    }
    const { Item: item, ...others } = request.PutRequest;
    if (!isObject(item) || Object.keys(others).length > 0 || !hasStringsOnly(item)) {
        return undefined;
    }
    const key = keyOf(table, item);
    const bytes = itemBytes(item);
    return key === undefined || bytes > ITEM_BYTES_MAX ? undefined : { database, key, item, bytes };
}

function hasStringsOnly(item: JsonObject): item is Record<string, { S: string }> {
    for (const name in item) {
        const value = item[name];
        if (!isObject(value) || typeof value.S !== "string") {
            return false;
        }
        // One type for a value; counted without a list of the names.
        for (const type in value) {
            if (type !== "S") {
                return false;
            }
        }
    }
    return true;
}

/** The key in dynalite's form, or undefined where an attribute of it is not there or no string of a correct length. */
function keyOf({ KeySchema: schema, AttributeDefinitions: types }: StoredTable, item: Item): string | undefined {
    let key = "";
    for (const [position, { AttributeName: name }] of schema.entries()) {
        const type = types.find(({ AttributeName: other }) => other === name)?.AttributeType;
        const text = item[name]?.S;
        if (type !== "S" || typeof text !== "string" || text === "") {
            return undefined;
        }
        const bytes = Buffer.from(text);
        if (bytes.length > (position === 0 ? HASH_KEY_BYTES_MAX : RANGE_KEY_BYTES_MAX)) {
            return undefined;
        }
        // As `createKey` of dynalite/db writes it.
        key += position === 0 ? `${hash("md5", `Outliers${text}`).slice(0, 6)}/` : "";
        key += `${bytes.toString("hex")}/`;
    }
    return key;
}
