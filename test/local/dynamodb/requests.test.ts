import { expect } from "chai";
import { rejection } from "../front-door/cloud";
import { item, puts, TABLE, useDynamoDb } from "./fixture";

describe("requests to DynamoDB", () => {
    const dynamodb = useDynamoDb();

    it("does not know transactions, and says so", async () => {
        const error = await rejection(dynamodb.client().transactWriteItems({ TransactItems: [] }));
        expect(error.message).to.equal("The embedded cloud does not know the operation TransactWriteItems.");
    });

    it("refuses what it would have to ignore", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const refused: [string, () => Promise<unknown>][] = [
            [
                "returnValuesOnConditionCheckFailure",
                () =>
                    db.putItem({
                        TableName: TABLE.TableName,
                        Item: item("1"),
                        ReturnValuesOnConditionCheckFailure: "SOME" as "NONE",
                    }),
            ],
            [
                "OnDemandThroughput",
                () => db.createTable({ ...TABLE, TableName: "other", OnDemandThroughput: { MaxReadRequestUnits: 1 } }),
            ],
            [
                "Streams",
                () => db.createTable({ ...TABLE, TableName: "other", StreamSpecification: { StreamEnabled: true } }),
            ],
            [
                "STANDARD",
                () => db.createTable({ ...TABLE, TableName: "other", TableClass: "STANDARD_INFREQUENT_ACCESS" }),
            ],
            [
                "index",
                () =>
                    db.updateTable({
                        TableName: TABLE.TableName,
                        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-x" } }],
                    }),
            ],
        ];
        for (const [word, call] of refused) {
            const error = await rejection(call());
            expect(error.name).to.equal("ValidationException");
            expect(error.message).to.contain(word);
        }
        expect((await db.listTables({})).TableNames).to.deep.equal([TABLE.TableName]);
    });

    it("answers malformed requests as AWS does", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const cases: [() => Promise<unknown>, string, RegExp][] = [
            [
                () => db.putItem({ TableName: TABLE.TableName, Item: { Username: { S: "ann" } } }),
                "ValidationException",
                /Missing the key Id in the item/,
            ],
            [
                () => db.batchWriteItem({ RequestItems: { [TABLE.TableName]: puts("1", "1") } }),
                "ValidationException",
                /duplicates/,
            ],
            [
                () =>
                    db.batchWriteItem({
                        RequestItems: { [TABLE.TableName]: puts(...Array.from({ length: 26 }, String)) },
                    }),
                "ValidationException",
                /25/,
            ],
            [
                () =>
                    db.putItem({
                        TableName: TABLE.TableName,
                        Item: item("1", { Message: { S: "x".repeat(400 * 1024) } }),
                    }),
                "ValidationException",
                /Item size has exceeded/,
            ],
            [() => db.putItem({ TableName: "others", Item: item("1") }), "ResourceNotFoundException", /not found/],
        ];
        for (const [call, name, message] of cases) {
            const error = await rejection(call());
            expect(error.name).to.equal(name);
            expect(error.message).to.match(message);
        }
        expect(dynamodb.service.itemCount(TABLE.TableName)).to.equal(0);
    });
});
