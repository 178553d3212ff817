import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { allow, rejection } from "../front-door/cloud";
import { ARN, item, puts, TABLE, useDynamoDb } from "./fixture";

describe("permissions of DynamoDB", () => {
    const dynamodb = useDynamoDb();

    const denied: [operation: string, resource: string, call: (db: DynamoDB) => Promise<unknown>][] = [
        ["PutItem", ARN, (db) => db.putItem({ TableName: TABLE.TableName, Item: item("1") })],
        ["Scan", ARN, (db) => db.scan({ TableName: TABLE.TableName })],
        ["Query", `${ARN}/index/by-source`, (db) => db.query({ TableName: TABLE.TableName, IndexName: "by-source" })],
        ["BatchGetItem", ARN, (db) => db.batchGetItem({ RequestItems: { [TABLE.TableName]: { Keys: [item("1")] } } })],
        [
            "BatchWriteItem",
            ARN.replace("dev", "prod"),
            (db) => db.batchWriteItem({ RequestItems: { [TABLE.TableName]: puts("1"), "prod-EventData": puts("1") } }),
        ],
        ["ListTables", "arn:aws:dynamodb:us-east-1:000000000000:table/*", (db) => db.listTables({})],
        ["TagResource", ARN, (db) => db.tagResource({ ResourceArn: ARN, Tags: [] })],
        ["TransactWriteItems", "*", (db) => db.transactWriteItems({ TransactItems: [] })],
    ];
    for (const [operation, resource, call] of denied) {
        it(`asks for dynamodb:${operation} on ${resource}`, async () => {
            const error = await rejection(
                call(dynamodb.client(dynamodb.cloud.clientOf("u", allow("dynamodb:BatchWriteItem", ARN)))),
            );
            expect(error.name).to.equal("AccessDeniedException");
            expect(error.message).to.contain(`perform: dynamodb:${operation} on resource: ${resource} because`);
        });
    }
});
