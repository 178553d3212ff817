import { type CreateTableCommandInput, DynamoDB } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import {
    type DynamoDbFaults,
    DynamoDbService,
    type JsonObject,
    type TableWrite,
} from "../../../local/dynamodb/service";
import { allow, rejection, startTestCloud, type TestCloud } from "../front-door/cloud";

const ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/dev-EventData";
const TABLE: CreateTableCommandInput & { TableName: string } = {
    TableName: "dev-EventData",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
        { AttributeName: "Username", AttributeType: "S" },
        { AttributeName: "Id", AttributeType: "S" },
    ],
    KeySchema: [
        { AttributeName: "Username", KeyType: "HASH" },
        { AttributeName: "Id", KeyType: "RANGE" },
    ],
};
const KEYS = TABLE.AttributeDefinitions ?? [];

const item = (id: string, more: object = {}): Record<string, { S: string }> => ({
    Username: { S: "ann" },
    Id: { S: id },
    ...more,
});
const puts = (...ids: string[]): { PutRequest: { Item: Record<string, { S: string }> } }[] =>
    ids.map((id) => ({ PutRequest: { Item: item(id) } }));

describe("DynamoDB over the front door", () => {
    let service: DynamoDbService;
    let cloud: TestCloud;
    let clients: DynamoDB[];

    beforeEach(async () => {
        service = new DynamoDbService({ region: "us-east-1" });
        cloud = await startTestCloud({ services: [service] });
        clients = [];
    });
    afterEach(async () => {
        clients.forEach((client) => client.destroy());
        await cloud.frontDoor.close();
        await service.close();
    });
    const client = (settings = cloud.administrator): DynamoDB => {
        const made = new DynamoDB(settings);
        clients.push(made);
        return made;
    };

    it("creates, describes, lists and deletes a table, usable at once", async () => {
        const db = client();
        const { TableDescription: created } = await db.createTable(TABLE);
        expect(created).to.include({ TableStatus: "CREATING", TableArn: ARN });
        await db.putItem({ TableName: TABLE.TableName, Item: item("1") });
        const { Table: table } = await db.describeTable({ TableName: TABLE.TableName });
        expect(table).to.deep.include({
            TableStatus: "ACTIVE",
            ItemCount: 1,
            DeletionProtectionEnabled: false,
            KeySchema: TABLE.KeySchema,
        });
        expect(table?.BillingModeSummary?.BillingMode).to.equal("PAY_PER_REQUEST");
        expect((await db.listTables({})).TableNames).to.deep.equal([TABLE.TableName]);
        expect(await rejection(db.createTable(TABLE))).to.include({ name: "ResourceInUseException" });
        await db.deleteTable({ TableName: TABLE.TableName });
        expect(await rejection(db.describeTable({ TableName: TABLE.TableName }))).to.include({
            name: "ResourceNotFoundException",
            message: `Requested resource not found: Table: ${TABLE.TableName} not found`,
        });
        await db.createTable(TABLE);
        expect((await db.scan({ TableName: TABLE.TableName })).Count).to.equal(0);
    });

    it("reads back what was written, item by item, by query and by scan in pages", async () => {
        const db = client();
        await db.createTable(TABLE);
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
        const db = client();
        await db.createTable(TABLE);
        const once = { TableName: TABLE.TableName, Item: item("1"), ConditionExpression: "attribute_not_exists(Id)" };
        await db.putItem(once);
        expect(await rejection(db.putItem(once))).to.include({ name: "ConditionalCheckFailedException" });
        await db.putItem({ TableName: TABLE.TableName, Item: item("1") });
        expect(service.itemCount(TABLE.TableName)).to.equal(1);
        const count = {
            TableName: TABLE.TableName,
            UpdateExpression: "ADD Posts :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
        };
        await Promise.all(Array.from({ length: 20 }, () => db.updateItem({ ...count, Key: item("2") })));
        expect((await db.getItem({ TableName: TABLE.TableName, Key: item("2") })).Item?.Posts).to.deep.equal({
            N: "20",
        });
        expect(service.itemCount(TABLE.TableName)).to.equal(2);
        await db.deleteItem({ TableName: TABLE.TableName, Key: item("2") });
        await db.deleteItem({ TableName: TABLE.TableName, Key: item("2") });
        expect(service.itemCount(TABLE.TableName)).to.equal(1);
        expect(service.itemCount("others")).to.equal(undefined);
    });

    it("counts the items of an index, and keeps it up", async () => {
        const db = client();
        await db.createTable({
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
        const db = client();
        await db.createTable(TABLE);
        await db.putItem({ TableName: ARN, Item: item("1") });
        await db.batchWriteItem({ RequestItems: { [ARN]: puts("2") } });
        expect((await db.scan({ TableName: ARN })).Count).to.equal(2);
        const other = ARN.replace("us-east-1", "eu-west-1");
        expect(await rejection(db.scan({ TableName: other }))).to.include({ name: "ResourceNotFoundException" });
    });

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
            const error = await rejection(call(client(cloud.clientOf("u", allow("dynamodb:BatchWriteItem", ARN)))));
            expect(error.name).to.equal("AccessDeniedException");
            expect(error.message).to.contain(`perform: dynamodb:${operation} on resource: ${resource} because`);
        });
    }

    it("does not know transactions, and says so", async () => {
        const error = await rejection(client().transactWriteItems({ TransactItems: [] }));
        expect(error.message).to.equal("The embedded cloud does not know the operation TransactWriteItems.");
    });

    it("refuses what it would have to ignore", async () => {
        const db = client();
        await db.createTable(TABLE);
        const refused: [string, () => Promise<unknown>][] = [
            [
                "ReturnValuesOnConditionCheckFailure",
                () =>
                    db.putItem({
                        TableName: TABLE.TableName,
                        Item: item("1"),
                        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
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

    it("remembers tags, encryption, deletion protection and point-in-time recovery", async () => {
        const db = client();
        const tags = [{ Key: "project", Value: "posts" }];
        await db.createTable({
            ...TABLE,
            Tags: tags,
            SSESpecification: { Enabled: true },
            DeletionProtectionEnabled: true,
        });
        const { Table: table } = await db.describeTable({ TableName: TABLE.TableName });
        expect(table?.SSEDescription).to.include({ Status: "ENABLED", SSEType: "KMS" });
        await db.tagResource({ ResourceArn: ARN, Tags: [{ Key: "stage", Value: "dev" }] });
        await db.untagResource({ ResourceArn: ARN, TagKeys: ["project"] });
        expect((await db.listTagsOfResource({ ResourceArn: ARN })).Tags).to.deep.equal([
            { Key: "stage", Value: "dev" },
        ]);

        const recovery = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 };
        await db.updateContinuousBackups({ TableName: TABLE.TableName, PointInTimeRecoverySpecification: recovery });
        const backups = await db.describeContinuousBackups({ TableName: TABLE.TableName });
        const description = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
        expect(description).to.include({ PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: 7 });
        expect(description?.EarliestRestorableDateTime).to.be.instanceOf(Date);
        expect(await rejection(db.describeContinuousBackups({ TableName: "others" }))).to.include({
            name: "TableNotFoundException",
        });

        const error = await rejection(db.deleteTable({ TableName: TABLE.TableName }));
        expect(error.message).to.contain("protected against deletion");
        await db.updateTable({ TableName: TABLE.TableName, DeletionProtectionEnabled: false });
        await db.deleteTable({ TableName: TABLE.TableName });
    });

    it("changes the billing mode", async () => {
        const db = client();
        await db.createTable(TABLE);
        const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 6 };
        const { TableDescription: table } = await db.updateTable({
            TableName: TABLE.TableName,
            BillingMode: "PROVISIONED",
            ProvisionedThroughput: throughput,
        });
        expect(table?.BillingModeSummary?.BillingMode).to.equal("PROVISIONED");
        expect(table?.ProvisionedThroughput).to.include(throughput);
    });

    it("answers malformed requests as AWS does", async () => {
        const db = client();
        await db.createTable(TABLE);
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
        expect(service.itemCount(TABLE.TableName)).to.equal(0);
    });
});

describe("DynamoDB in the same process", () => {
    it("tells listeners what was written, and when", async () => {
        const service = new DynamoDbService({ region: "us-east-1", clock: () => 1_234 });
        await service.call("CreateTable", { ...TABLE });
        const writes: TableWrite[] = [];
        const stop = service.onWrite((write) => writes.push(write));
        const { TableName: TableName } = TABLE;
        await service.call("PutItem", { TableName, Item: item("1") });
        await service.call("UpdateItem", {
            TableName,
            Key: item("1"),
            UpdateExpression: "SET A = :a",
            ExpressionAttributeValues: { ":a": { S: "b" } },
        });
        await service.call("BatchWriteItem", {
            RequestItems: { [TableName]: [...puts("2", "3"), { DeleteRequest: { Key: item("1") } }] },
        });
        await service.call("GetItem", { TableName, Key: item("2") });
        await rejection(service.call("PutItem", { TableName, Item: { Id: { S: "1" } } }));
        await service.call("DeleteItem", { TableName, Key: item("2") });
        stop();
        await service.call("DeleteItem", { TableName, Key: item("3") });
        const at = { tableName: TableName, timeMs: 1_234 };
        expect(writes).to.deep.equal([
            { ...at, put: [item("1")], updated: [], deleted: [] },
            { ...at, put: [], updated: [item("1")], deleted: [] },
            { ...at, put: [item("2"), item("3")], updated: [], deleted: [item("1")] },
            { ...at, put: [], updated: [], deleted: [item("2")] },
        ]);
        await service.close();
    });

    describe("with faults", () => {
        let fault: ReturnType<DynamoDbFaults["consult"]>;
        let service: DynamoDbService;
        beforeEach(async () => {
            fault = undefined;
            service = new DynamoDbService({ region: "us-east-1", faults: { consult: () => fault } });
            await service.call("CreateTable", { ...TABLE });
        });
        afterEach(() => service.close());
        const batch = (...ids: string[]): Promise<JsonObject> =>
            service.call("BatchWriteItem", { RequestItems: { [TABLE.TableName]: puts(...ids) } });

        it("hands requests back unprocessed, and does not write or tell them", async () => {
            const told: TableWrite[] = [];
            service.onWrite((write) => told.push(write));
            fault = { unprocessed: [0, 2] };
            expect(await batch("a", "b", "c", "d")).to.deep.equal({
                UnprocessedItems: { [TABLE.TableName]: puts("a", "c") },
            });
            expect(service.itemCount(TABLE.TableName)).to.equal(2);
            expect(told.map(({ put }) => put)).to.deep.equal([[item("b"), item("d")]]);
        });

        it("throttles a batch of which nothing is left", async () => {
            fault = { unprocessed: [0, 1] };
            expect(await rejection(batch("a", "b"))).to.include({ code: "ProvisionedThroughputExceededException" });
            expect(service.itemCount(TABLE.TableName)).to.equal(0);
        });

        it("answers with an error instead of writing", async () => {
            fault = new AwsError("InternalServerError", "injected", 500);
            expect(await rejection(batch("a"))).to.equal(fault);
            expect(service.itemCount(TABLE.TableName)).to.equal(0);
        });
    });

    it("fails after close", async () => {
        const service = new DynamoDbService({ region: "us-east-1" });
        await service.close();
        expect((await rejection(service.call("ListTables", {}))).message).to.equal("DynamoDB is closed");
    });
});

describe("time to live", () => {
    const NOW = 1_800_000_000;
    let nowSeconds: number;
    let service: DynamoDbService;
    const TableName = TABLE.TableName;
    const setTimeToLive = (Enabled: boolean): Promise<JsonObject> =>
        service.call("UpdateTimeToLive", { TableName, TimeToLiveSpecification: { Enabled, AttributeName: "Expires" } });
    const put = (id: string, expires: object): Promise<JsonObject> =>
        service.call("PutItem", { TableName, Item: { ...item(id), Expires: expires } });
    const idsLeft = async (): Promise<unknown> => {
        const { Items: items } = await service.call("Scan", { TableName });
        return (items as { Id: { S: string } }[]).map(({ Id: id }) => id.S).sort();
    };

    beforeEach(async () => {
        nowSeconds = NOW;
        service = new DynamoDbService({ region: "us-east-1", clock: () => nowSeconds * 1000 });
        await service.call("CreateTable", { ...TABLE });
    });
    afterEach(() => service.close());

    it("deletes items once their time is over, written before or after it was enabled", async () => {
        await put("before", { N: String(NOW + 10) });
        await setTimeToLive(true);
        expect(await service.call("DescribeTimeToLive", { TableName })).to.deep.equal({
            TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "Expires" },
        });
        await put("after", { N: String(NOW + 20) });
        await put("text", { S: String(NOW + 10) });
        await put("long ago", { N: String(NOW - 6 * 365 * 86_400) });
        await put("prolonged", { N: String(NOW + 10) });
        await put("prolonged", { N: String(NOW + 100) });
        nowSeconds += 11;
        expect(await idsLeft()).to.deep.equal(["after", "long ago", "prolonged", "text"]);
        expect(service.itemCount(TableName)).to.equal(4);
        nowSeconds += 10;
        expect(await idsLeft()).to.deep.equal(["long ago", "prolonged", "text"]);
    });

    it("deletes more than one sweep takes, a sweep at each use", async () => {
        await setTimeToLive(true);
        for (let at = 0; at < 2_500; at++) {
            await put(String(at), { N: String(NOW + 10) });
        }
        nowSeconds += 11;
        const left: (number | undefined)[] = [];
        for (let use = 0; use < 3; use++) {
            await service.call("DescribeTable", { TableName });
            left.push(service.itemCount(TableName));
        }
        expect(left).to.deep.equal([1_500, 500, 0]);
    });

    it("stops when it is disabled", async () => {
        await setTimeToLive(true);
        await put("1", { N: String(NOW + 10) });
        await setTimeToLive(false);
        nowSeconds += 100;
        expect(await idsLeft()).to.deep.equal(["1"]);
        expect(await rejection(setTimeToLive(false))).to.include({ message: "TimeToLive is already disabled" });
    });

    it("leaves a new table of the same name alone", async () => {
        await setTimeToLive(true);
        await service.call("DeleteTable", { TableName });
        await service.call("CreateTable", { ...TABLE });
        await put("1", { N: String(NOW - 10) });
        nowSeconds += 100;
        expect(await idsLeft()).to.deep.equal(["1"]);
    });
});
