import { expect } from "chai";
import fc from "fast-check";
import { DynamoDbService, type JsonObject } from "../../../local/dynamodb/service";
import { rejection } from "../front-door/cloud";

const TableName = "dev-EventData";
type Batch = Record<string, { S: string }>[];

async function withTable(): Promise<DynamoDbService> {
    const service = new DynamoDbService({ region: "us-east-1" });
    await service.call("CreateTable", {
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["Username", "Id"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
            { AttributeName: "Username", KeyType: "HASH" },
            { AttributeName: "Id", KeyType: "RANGE" },
        ],
    });
    return service;
}

const put = (service: DynamoDbService, items: Batch, more: JsonObject = {}) =>
    service.call("BatchWriteItem", {
        RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
        ...more,
    });
/** dynalite does it, because it is asked for the capacity. */
const putByDynalite = (service: DynamoDbService, items: Batch) =>
    put(service, items, { ReturnConsumedCapacity: "TOTAL" });

const everything = async (service: DynamoDbService) => (await service.call("Scan", { TableName })).Items;
const tableSize = async (service: DynamoDbService) =>
    ((await service.call("DescribeTable", { TableName })).Table as JsonObject).TableSizeBytes;

describe("BatchWriteItem of items of strings", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 30 });
    const key = fc.oneof(text, fc.string({ unit: "binary", maxLength: 5 }), fc.constantFrom("ann", "bob"));
    const item = fc.record({
        Username: key.map((S) => ({ S })),
        Id: key.map((S) => ({ S })),
        Message: text.map((S) => ({ S })),
    });

    it("leaves the table, or answers, as dynalite does, whatever the items are", async () => {
        await fc.assert(
            fc.asyncProperty(fc.array(fc.array(item, { maxLength: 27 }), { maxLength: 4 }), async (batches) => {
                const [plain, byDynalite] = [await withTable(), await withTable()];
                for (const batch of batches) {
                    const answers = [
                        () => put(plain, batch).then(({ UnprocessedItems }) => UnprocessedItems),
                        () => putByDynalite(byDynalite, batch).then(({ UnprocessedItems }) => UnprocessedItems),
                    ].map((call) => call().catch((error: unknown) => String(error)));
                    const [answer, expected] = await Promise.all(answers);
                    expect(answer).to.deep.equal(expected);
                }
                expect(await everything(plain)).to.deep.equal(await everything(byDynalite));
                expect(await tableSize(plain)).to.equal(await tableSize(byDynalite));
            }),
            { numRuns: 60 },
        );
    });

    it("replaces an item, which is found by its key", async () => {
        const service = await withTable();
        const keys = { Username: { S: "日本🔥" }, Id: { S: "é" } };
        await put(service, [{ ...keys, Message: { S: "first" } }]);
        await put(service, [{ ...keys, Message: { S: "second" } }]);
        const { Item: found } = await service.call("GetItem", { TableName, Key: keys });
        expect(found).to.deep.equal({ ...keys, Message: { S: "second" } });
        expect(service.itemCount(TableName)).to.equal(1);
        // 8 + 10, 2 + 2 and 7 + 6 bytes of names and texts.
        expect(await tableSize(service)).to.equal(35);
        await service.call("DeleteItem", { TableName, Key: keys });
        expect(await tableSize(service)).to.equal(0);
    });

    it("stores nothing of a batch with an item that is larger than 400 KB in UTF-8", async () => {
        const service = await withTable();
        const large = { Username: { S: "ann" }, Id: { S: "2" }, Message: { S: "日".repeat(140_000) } };
        const error = await rejection(put(service, [{ Username: { S: "ann" }, Id: { S: "1" } }, large]));
        expect(error.name).to.equal("ValidationException");
        expect(error.message).to.match(/Item size has exceeded/);
        expect(service.itemCount(TableName)).to.equal(0);
    });

    it("keeps the indexes of a table that has some", async () => {
        const service = new DynamoDbService({ region: "us-east-1" });
        await service.call("CreateTable", {
            TableName,
            BillingMode: "PAY_PER_REQUEST",
            AttributeDefinitions: ["Username", "Id", "Source"].map((AttributeName) => ({
                AttributeName,
                AttributeType: "S",
            })),
            KeySchema: [
                { AttributeName: "Username", KeyType: "HASH" },
                { AttributeName: "Id", KeyType: "RANGE" },
            ],
            GlobalSecondaryIndexes: [
                {
                    IndexName: "by-source",
                    KeySchema: [{ AttributeName: "Source", KeyType: "HASH" }],
                    Projection: { ProjectionType: "ALL" },
                },
            ],
        });
        await put(service, [{ Username: { S: "ann" }, Id: { S: "1" }, Source: { S: "x" } }]);
        const { Count: count } = await service.call("Query", {
            TableName,
            IndexName: "by-source",
            KeyConditionExpression: "#source = :source",
            ExpressionAttributeNames: { "#source": "Source" },
            ExpressionAttributeValues: { ":source": { S: "x" } },
        });
        expect(count).to.equal(1);
    });
});
