import { createRequire } from "node:module";
import { AwsError } from "../aws-error";
import { type DynaliteStore, ITEM_BYTES_MAX } from "./dynalite-store";
import { itemBytes } from "./item-size";

export type JsonObject = Record<string, unknown>;
/** An item or a key as DynamoDB's JSON writes it: `{"Id": {"S": "1"}}`. */
export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An error of dynalite that is an answer: AWS's status and body. */
interface DynaliteError extends Error {
    readonly statusCode?: number;
    readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

interface Validations {
    checkTypes(input: JsonObject, types: JsonObject): JsonObject;
    checkValidations(input: JsonObject, types: JsonObject, custom: unknown, store: DynaliteStore): void;
}

interface OperationValidation {
    readonly types: JsonObject;
    readonly custom: unknown;
}

type Action = (
    store: DynaliteStore,
    input: JsonObject,
    done: (error: DynaliteError | null, output?: JsonObject | "") => void,
) => void;

/** The operations of dynalite; the service has its own time to live, backups and tags. */
const OPERATIONS = [
    "BatchGetItem",
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeTable",
    "GetItem",
    "ListTables",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
    "UpdateTable",
] as const;

export type DynaliteOperation = (typeof OPERATIONS)[number];

/** dynalite's parts are used one by one, because as a whole it is an HTTP server. */
const load = createRequire(__filename);
const validations = load("dynalite/validations") as Validations;
const operations = new Map<string, { validation: OperationValidation; action: Action }>(
    OPERATIONS.map((name) => {
        const file = name.charAt(0).toLowerCase() + name.slice(1);
        const validation = load(`dynalite/validations/${file}`) as OperationValidation;
        return [name, { validation, action: load(`dynalite/actions/${file}`) as Action }];
    }),
);

export function isDynaliteOperation(name: string): name is DynaliteOperation {
    return operations.has(name);
}

/** Members that dynalite drops although they are honoured: every read of one process's memory is consistent. */
const HONOURED_MEMBERS: Partial<Record<DynaliteOperation, readonly string[]>> = { Scan: ["ConsistentRead"] };

/** The members of an operation's input that are honoured; dynalite drops all others without a word. */
export function knownMembers(name: DynaliteOperation): ReadonlySet<string> {
    return new Set([...Object.keys(operations.get(name)?.validation.types ?? {}), ...(HONOURED_MEMBERS[name] ?? [])]);
}

/**
 * Validates and runs an operation.
 * @param input is consumed: dynalite changes it
 * @throws AwsError (as a rejection) AWS's answer; any other error is a fault of dynalite
 */
export function runDynalite(store: DynaliteStore, name: DynaliteOperation, input: JsonObject): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
        const operation = operations.get(name);
        if (!operation) {
            throw new TypeError(`dynalite has no operation ${name}`);
        }
        const { action } = operation;
        try {
            const checked = check(store, operation.validation, input);
            refuseLargeItems(checked);
            action(store, checked, (error, output) => {
                if (error) {
                    reject(toAwsError(error));
                } else {
                    resolve(output === undefined || output === "" ? {} : output);
                }
            });
        } catch (error) {
            reject(error instanceof AwsError ? error : toAwsError(error as DynaliteError));
        }
    });
}

/** dynalite's own checks expect no null inside of a structure; AWS does not take one either. */
function check(store: DynaliteStore, { types, custom }: OperationValidation, input: JsonObject): JsonObject {
    try {
        const checked = validations.checkTypes(input, types);
        validations.checkValidations(checked, types, custom, store);
        return checked;
    } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw new AwsError("SerializationException", "Start of structure or map expected where null was found.");
    }
}

/** dynalite counts characters; AWS counts bytes. The items are those of PutItem and BatchWriteItem. */
function refuseLargeItems({ Item: one, RequestItems: batches = {} }: JsonObject): void {
    const requests = Object.values(batches as Record<string, readonly { PutRequest?: { Item: Item } }[]>).flat();
    for (const item of [one as Item | undefined, ...requests.map((request) => request.PutRequest?.Item)]) {
        if (item !== undefined && itemBytes(item) > ITEM_BYTES_MAX) {
            throw new AwsError("ValidationException", "Item size has exceeded the maximum allowed size");
        }
    }
}

function toAwsError(error: DynaliteError): Error {
    const { statusCode, body } = error;
    if (statusCode === undefined || body === undefined) {
        return error;
    }
    return new AwsError(body.__type.replace(/^.*#/, ""), body.message ?? body.Message ?? "", statusCode);
}
