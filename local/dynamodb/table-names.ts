import { ACCOUNT_ID, PARTITION } from "../account";
import { AwsError } from "../aws-error";
import type { Authorization } from "../service";
import type { JsonObject } from "./dynalite";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
const OF_MANY_TABLES = new Set(["BatchGetItem", "BatchWriteItem"]);
const OF_RESOURCE_ARN = new Set(["TagResource", "UntagResource", "ListTagsOfResource"]);
const OF_INDEX = new Set(["Query", "Scan"]);

export function tableArn(region: string, tableName: string): string {
    return `arn:${PARTITION}:dynamodb:${region}:${ACCOUNT_ID}:table/${tableName}`;
}

/** The table of an ARN in this account and region, or undefined. */
export function tableOfArn(region: string, arn: string): string | undefined {
    const prefix = tableArn(region, "");
    return arn.startsWith(prefix) ? arn.slice(prefix.length).split("/")[0] : undefined;
}

/**
 * The input with every table by its name: AWS takes a table's ARN wherever it takes a name.
 * @throws AwsError ResourceNotFoundException for an ARN of another account or region
 */
export function withTableNames(region: string, operation: string, input: JsonObject): JsonObject {
    const nameOf = (text: string): string => {
        if (!text.startsWith("arn:")) {
            return text;
        }
        const name = tableOfArn(region, text);
        if (name === undefined) {
            throw new AwsError("ResourceNotFoundException", `Requested resource not found: Table: ${text} not found`);
        }
        return name;
    };
    const { TableName: tableName, RequestItems: requests } = input;
    if (OF_MANY_TABLES.has(operation) && isObject(requests)) {
        if (!Object.keys(requests).some((name) => name.startsWith("arn:"))) {
            return input;
        }
        const named = Object.entries(requests).map(([name, request]) => [nameOf(name), request]);
        return { ...input, RequestItems: Object.fromEntries(named) as JsonObject };
    }
    return typeof tableName === "string" && tableName.startsWith("arn:")
        ? { ...input, TableName: nameOf(tableName) }
        : input;
}

/** The names of the tables that an operation on items is about. */
export function tablesOf({ TableName: one, RequestItems: many }: JsonObject): string[] {
    return isObject(many) ? Object.keys(many) : [String(one)];
}

/** What a request needs to be allowed. */
export function authorizationsOf(region: string, operation: string, input: JsonObject): Authorization[] {
    const action = `dynamodb:${operation}`;
    if (OF_RESOURCE_ARN.has(operation)) {
        return [{ action, resource: text(input.ResourceArn) }];
    }
    const { RequestItems: requests, TableName: tableName, IndexName: indexName, Tags: tags } = input;
    if (OF_MANY_TABLES.has(operation)) {
        const names = isObject(requests) ? Object.keys(requests) : [];
        return names.map((name) => ({ action, resource: tableArn(region, name) }));
    }
    if (operation === "ListTables") {
        // As its refusals say: https://github.com/AntonShuvaev/intellij-dynamodb/issues/20
        return [{ action, resource: tableArn(region, "*") }];
    }
    if (typeof tableName !== "string") {
        return [{ action, resource: "*" }];
    }
    const table = tableArn(region, tableName);
    const resource = OF_INDEX.has(operation) && typeof indexName === "string" ? `${table}/index/${indexName}` : table;
    const tagging = operation === "CreateTable" && Array.isArray(tags) && tags.length > 0;
    return [{ action, resource }, ...(tagging ? [{ action: "dynamodb:TagResource", resource }] : [])];
}

export function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}
