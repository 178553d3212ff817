import { type CreateTableCommandInput, DynamoDB } from "@aws-sdk/client-dynamodb";
import { DynamoDbService } from "../../../local/dynamodb/service";
import { TABLE_CHANGE_MS } from "../../../local/dynamodb/table-states";
import { startTestCloud, type TestCloud } from "../front-door/cloud";

export const ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/dev-EventData";
export const TABLE: CreateTableCommandInput & { TableName: string } = {
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
export const KEYS = TABLE.AttributeDefinitions ?? [];

export function item(id: string, more: object = {}): Record<string, { S: string }> {
    return { Username: { S: "ann" }, Id: { S: id }, ...more };
}

export function puts(...ids: string[]): { PutRequest: { Item: Record<string, { S: string }> } }[] {
    return ids.map((id) => ({ PutRequest: { Item: item(id) } }));
}

export interface DynamoDbUnderTest {
    readonly service: DynamoDbService;
    readonly cloud: TestCloud;
    /** A client of the AWS SDK, the administrator's unless given another's settings. */
    client(settings?: TestCloud["administrator"]): DynamoDB;
    /** Lets the time pass that a change of a table takes. */
    settle(): void;
    /** Makes a table that can be used. */
    createTable(table?: CreateTableCommandInput): Promise<void>;
}

/** DynamoDB behind a front door, new for each test of the `describe` in which it is called. */
export function useDynamoDb(): DynamoDbUnderTest {
    let nowMs: number;
    let service: DynamoDbService;
    let cloud: TestCloud;
    let clients: DynamoDB[];

    beforeEach(async () => {
        nowMs = Date.now();
        service = new DynamoDbService({ region: "us-east-1", clock: () => nowMs });
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
    const settle = (): void => {
        nowMs += TABLE_CHANGE_MS;
    };
    return {
        get service() {
            return service;
        },
        get cloud() {
            return cloud;
        },
        client,
        settle,
        async createTable(table = TABLE) {
            await client().createTable(table);
            settle();
        },
    };
}
