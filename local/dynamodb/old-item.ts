import { AwsError } from "../aws-error";
import { type Item, type JsonObject, runDynalite } from "./dynalite";
import type { DynaliteStore } from "./dynalite-store";
import { validationError } from "./table-settings";

const MEMBER = "ReturnValuesOnConditionCheckFailure";
const OF_ONE_ITEM = new Set(["PutItem", "UpdateItem", "DeleteItem"]);

/**
 * Takes `ReturnValuesOnConditionCheckFailure`, which dynalite does not know, out of an input.
 * @returns `wanted`: the item that does not meet the condition is to be given back with the error
 * @throws AwsError ValidationException
 */
export function withoutOldItemWanted(operation: string, input: JsonObject): { input: JsonObject; wanted: boolean } {
    if (!OF_ONE_ITEM.has(operation) || !Object.hasOwn(input, MEMBER)) {
        return { input, wanted: false };
    }
    const { [MEMBER]: value, ...rest } = input;
    if (value !== null && value !== "ALL_OLD" && value !== "NONE") {
        throw validationError(
            `1 validation error detected: Value '${typeof value === "string" ? value : JSON.stringify(value)}' at 'returnValuesOnConditionCheckFailure' failed to ` +
                "satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]",
        );
    }
    return { input: rest, wanted: value === "ALL_OLD" };
}

/**
 * Goes on failing with the error of an operation on one item, with the item if it is wanted and there is one.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */
export async function failWithOldItem(
    store: DynaliteStore,
    input: JsonObject,
    wanted: boolean,
    error: unknown,
): Promise<never> {
    if (!wanted || !(error instanceof AwsError) || error.code !== "ConditionalCheckFailedException") {
        throw error;
    }
    const tableName = String(input.TableName);
    const names = store.findTable(tableName)?.KeySchema.map(({ AttributeName: name }) => name) ?? [];
    const source = (input.Key ?? input.Item) as Item;
    const key = Object.fromEntries(names.map((name) => [name, source[name]]));
    const { Item: item } = await runDynalite(store, "GetItem", { TableName: tableName, Key: key });
    throw new AwsError(error.code, error.message, error.status, item === undefined ? {} : { Item: item });
}
