import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { rejection } from "../front-door/cloud";
import { ARN, item, puts, TABLE, useDynamoDb } from "./fixture";

describe("tables of DynamoDB", () => {
    const dynamodb = useDynamoDb();

    it("creates, describes, lists and deletes a table", async () => {
        const db = dynamodb.client();
        const { TableDescription: created } = await db.createTable(TABLE);
        expect(created).to.include({ TableStatus: "CREATING", TableArn: ARN });
        dynamodb.settle();
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
        const { TableDescription: deleted } = await db.deleteTable({ TableName: TABLE.TableName });
        expect(deleted).to.include({ TableStatus: "DELETING", ItemCount: 1 });
        dynamodb.settle();
        expect(await rejection(db.describeTable({ TableName: TABLE.TableName }))).to.include({
            name: "ResourceNotFoundException",
            message: `Requested resource not found: Table: ${TABLE.TableName} not found`,
        });
        await dynamodb.createTable();
        expect((await db.scan({ TableName: TABLE.TableName })).Count).to.equal(0);
    });

    const inUse = (what: string) => ({
        name: "ResourceInUseException",
        message: `Attempt to change a resource which is still in use: Table is being ${what}: ${TABLE.TableName}`,
    });
    const changes = (db: DynamoDB): Promise<unknown>[] => [
        db.updateTable({ TableName: TABLE.TableName, DeletionProtectionEnabled: true }),
        db.deleteTable({ TableName: TABLE.TableName }),
        db.updateTimeToLive({
            TableName: TABLE.TableName,
            TimeToLiveSpecification: { Enabled: true, AttributeName: "t" },
        }),
        db.tagResource({ ResourceArn: ARN, Tags: [{ Key: "a", Value: "b" }] }),
        db.untagResource({ ResourceArn: ARN, TagKeys: ["a"] }),
    ];
    const uses = (db: DynamoDB): Promise<unknown>[] => [
        db.putItem({ TableName: TABLE.TableName, Item: item("1") }),
        db.batchWriteItem({ RequestItems: { [TABLE.TableName]: puts("1") } }),
        db.scan({ TableName: TABLE.TableName }),
    ];
    const statusOf = async (db: DynamoDB) =>
        (await db.describeTable({ TableName: TABLE.TableName })).Table?.TableStatus;
    const enableRecovery = (db: DynamoDB) =>
        db.updateContinuousBackups({
            TableName: TABLE.TableName,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        });

    it("is CREATING at first: it is there, and takes neither items nor changes", async () => {
        const db = dynamodb.client();
        await db.createTable(TABLE);
        expect(await statusOf(db)).to.equal("CREATING");
        for (const change of changes(db)) expect(await rejection(change)).to.include(inUse("created"));
        for (const use of uses(db)) {
            expect(await rejection(use)).to.include({ name: "ResourceNotFoundException" });
        }
        expect(await rejection(enableRecovery(db))).to.include({ name: "ContinuousBackupsUnavailableException" });
        dynamodb.settle();
        expect(await statusOf(db)).to.equal("ACTIVE");
        await Promise.all(uses(db));
        await enableRecovery(db);
    });

    it("is UPDATING after a change: it takes items, and no other change", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const update = { TableName: TABLE.TableName, DeletionProtectionEnabled: false };
        const { TableDescription: table } = await db.updateTable(update);
        expect(table).to.include({ TableStatus: "UPDATING" });
        for (const change of changes(db)) expect(await rejection(change)).to.include(inUse("updated"));
        await Promise.all(uses(db));
        dynamodb.settle();
        await db.updateTable(update);
    });

    it("is DELETING before it is gone: its name is taken, and nothing of it is left to the next", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        await Promise.all(uses(db));
        await db.deleteTable({ TableName: TABLE.TableName });
        expect(await statusOf(db)).to.equal("DELETING");
        for (const change of changes(db)) expect(await rejection(change)).to.include(inUse("deleted"));
        for (const use of uses(db)) {
            expect(await rejection(use)).to.include({ name: "ResourceNotFoundException" });
        }
        expect(await rejection(enableRecovery(db))).to.include({ name: "TableNotFoundException" });
        expect(await rejection(db.createTable(TABLE))).to.include({ name: "ResourceInUseException" });
        dynamodb.settle();
        expect((await db.listTables({})).TableNames).to.deep.equal([]);
        await dynamodb.createTable();
        expect((await db.scan({ TableName: TABLE.TableName })).Count).to.equal(0);
    });

    it("is ACTIVE at once where it is made in the same process, as by a deployment", async () => {
        const { service } = dynamodb;
        await service.call("CreateTable", { ...TABLE });
        await service.call("UpdateTable", { TableName: TABLE.TableName, DeletionProtectionEnabled: false });
        expect(await statusOf(dynamodb.client())).to.equal("ACTIVE");
        await service.call("DeleteTable", { TableName: TABLE.TableName });
        expect(service.itemCount(TABLE.TableName)).to.equal(undefined);
    });

    it("remembers tags, encryption, deletion protection and point-in-time recovery", async () => {
        const db = dynamodb.client();
        const tags = [{ Key: "project", Value: "posts" }];
        await dynamodb.createTable({
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
        dynamodb.settle();
        await db.deleteTable({ TableName: TABLE.TableName });
    });

    it("changes the billing mode", async () => {
        const db = dynamodb.client();
        await dynamodb.createTable();
        const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 6 };
        const { TableDescription: table } = await db.updateTable({
            TableName: TABLE.TableName,
            BillingMode: "PROVISIONED",
            ProvisionedThroughput: throughput,
        });
        expect(table?.BillingModeSummary?.BillingMode).to.equal("PROVISIONED");
        expect(table?.ProvisionedThroughput).to.include(throughput);
    });
});
