import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import {
    type DynamoDbFaults,
    DynamoDbService,
    type JsonObject,
    type TableWrite,
} from "../../../local/dynamodb/service";
import { rejection } from "../front-door/cloud";
import { item, puts, TABLE } from "./fixture";

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
