import { expect } from "chai";
import { rejection } from "../front-door/cloud";
import { ARN, item, KEYS, puts, TABLE, useDynamoDb } from "./fixture";

describe("items of DynamoDB", () => {
    const dynamodb = useDynamoDb();

    it("reads back what was written, item by item, by query and by scan in pages", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const text = { S: "日本🔥 \u202eעברית" };
        await db.putItem({ TableName: TABLE.TableName, Item: item("text", { Message: text }) });
        const ids = Array.from({ length: 60 }, (_, index) => String(index).padStart(2, "0"));
        for (let at = 0; at < ids.length; at += 25) {
            const output = await db.batchWriteItem({
                RequestItems: { [TABLE.TableName]: puts(...ids.slice(at, at + 25)) },
            });
            expect(output.UnprocessedItems).to.deep.equal({});
        }
        const got = await db.getItem({ TableName: TABLE.TableName, Key: item("text") });
        expect(got.Item?.Message).to.deep.equal(text);
        const queried = await db.query({
            TableName: TABLE.TableName,
            KeyConditionExpression: "Username = :u AND Id BETWEEN :from AND :to",
            ExpressionAttributeValues: { ":u": { S: "ann" }, ":from": { S: "10" }, ":to": { S: "12" } },
            ScanIndexForward: false,
        });
        expect(queried.Items?.map(({ Id: id }) => id?.S)).to.deep.equal(["12", "11", "10"]);
        const scanned: (string | undefined)[] = [];
        let from: Record<string, { S: string }> | undefined;
        do {
            const page = await db.scan({ TableName: TABLE.TableName, Limit: 7, ExclusiveStartKey: from });
            scanned.push(...(page.Items ?? []).map(({ Id: id }) => id?.S));
            from = page.LastEvaluatedKey as typeof from;
        } while (from);
        expect(scanned.sort()).to.deep.equal([...ids, "text"]);
    });

    it("writes under conditions, updates and deletes, and counts items as it goes", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const once = { TableName: TABLE.TableName, Item: item("1"), ConditionExpression: "attribute_not_exists(Id)" };
        await db.putItem(once);
        expect(await rejection(db.putItem(once))).to.include({ name: "ConditionalCheckFailedException" });
        await db.putItem({ TableName: TABLE.TableName, Item: item("1") });
        expect(dynamodb.service.itemCount(TABLE.TableName)).to.equal(1);
        const count = {
            TableName: TABLE.TableName,
            UpdateExpression: "ADD Posts :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
        };
        await Promise.all(Array.from({ length: 20 }, () => db.updateItem({ ...count, Key: item("2") })));
        expect((await db.getItem({ TableName: TABLE.TableName, Key: item("2") })).Item?.Posts).to.deep.equal({
            N: "20",
        });
        expect(dynamodb.service.itemCount(TABLE.TableName)).to.equal(2);
        await db.deleteItem({ TableName: TABLE.TableName, Key: item("2") });
        await db.deleteItem({ TableName: TABLE.TableName, Key: item("2") });
        expect(dynamodb.service.itemCount(TABLE.TableName)).to.equal(1);
        expect(dynamodb.service.itemCount("others")).to.equal(undefined);
    });

    it("gives the item back that does not meet a condition, if it is asked for", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const old = item("1", { Message: { S: "old" } });
        await db.putItem({ TableName: TABLE.TableName, Item: old });
        const ReturnValuesOnConditionCheckFailure = "ALL_OLD";
        const isNew = { TableName: TABLE.TableName, ConditionExpression: "attribute_not_exists(Id)" };
        const Key = item("1");
        for (const call of [
            db.putItem({ ...isNew, Item: Key, ReturnValuesOnConditionCheckFailure }),
            db.deleteItem({ ...isNew, Key, ReturnValuesOnConditionCheckFailure }),
            db.updateItem({ ...isNew, Key, ReturnValuesOnConditionCheckFailure }),
        ]) {
            const error = await rejection(call);
            expect(error).to.include({
                name: "ConditionalCheckFailedException",
                message: "The conditional request failed",
            });
            expect(error.Item).to.deep.equal(old);
        }
        const ConditionExpression = "attribute_exists(Id)";
        for (const [Item, wanted] of [
            [item("none"), "ALL_OLD"],
            [Key, "NONE"],
        ] as const) {
            const call = { ...isNew, Item, ReturnValuesOnConditionCheckFailure: wanted };
            const error = await rejection(db.putItem(wanted === "NONE" ? call : { ...call, ConditionExpression }));
            expect(error.name).to.equal("ConditionalCheckFailedException");
            expect(error.Item).to.equal(undefined);
        }
        await db.putItem({ ...isNew, Item: item("2"), ReturnValuesOnConditionCheckFailure });
        expect((await db.scan({ TableName: TABLE.TableName })).Count).to.equal(2);
    });

    it("counts the items of an index, and keeps it up", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable({
            ...TABLE,
            AttributeDefinitions: [...KEYS, { AttributeName: "Source", AttributeType: "S" }],
            GlobalSecondaryIndexes: [
                {
                    IndexName: "by-source",
                    KeySchema: [{ AttributeName: "Source", KeyType: "HASH" }],
                    Projection: { ProjectionType: "ALL" },
                },
            ],
        });
        await db.putItem({ TableName: TABLE.TableName, Item: item("1", { Source: { S: "x" } }) });
        await db.putItem({ TableName: TABLE.TableName, Item: item("2") });
        const { Table: table } = await db.describeTable({ TableName: TABLE.TableName });
        expect(table?.GlobalSecondaryIndexes?.[0]).to.include({ ItemCount: 1, IndexArn: `${ARN}/index/by-source` });
        const found = await db.query({
            TableName: TABLE.TableName,
            IndexName: "by-source",
            KeyConditionExpression: "#s = :s",
            ExpressionAttributeNames: { "#s": "Source" },
            ExpressionAttributeValues: { ":s": { S: "x" } },
        });
        expect(found.Items).to.have.lengthOf(1);
    });

    it("takes a table's ARN for its name", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        await db.putItem({ TableName: ARN, Item: item("1") });
        await db.batchWriteItem({ RequestItems: { [ARN]: puts("2") } });
        expect((await db.scan({ TableName: ARN })).Count).to.equal(2);
        const other = ARN.replace("us-east-1", "eu-west-1");
        expect(await rejection(db.scan({ TableName: other }))).to.include({ name: "ResourceNotFoundException" });
    });
});
