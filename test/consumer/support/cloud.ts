import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Item } from "../../../consumer/item";
import { FaultProxy } from "./fault-proxy";

const load = createRequire(__filename);
/** The package has no types. */
const dynalite = load("dynalite") as (options: { createTableMs: number }) => Server;
/** The types of the package are for ES modules only. */
const { importFauxqs } = load("./fauxqs.cjs") as { importFauxqs: () => Promise<Fauxqs> };

interface Fauxqs {
    buildApp: (options: { logger: boolean; host: string; defaultRegion: string }) => PromiseLike<{
        listen: (options: { port: number; host: string }) => Promise<string>;
        close: () => Promise<void>;
    }>;
}

export const TABLE = "test-EventData";
export const TABLE_OF_ANOTHER_SCHEMA = "test-OtherSchema";
export const BUCKET = "test-failed-events";

const credentials = {
    accessKeyId: "AKIATESTTESTTESTTEST",
    secretAccessKey: "a secret that must not be in the archive",
};

/** dynalite and fauxqs, each behind a proxy that can misbehave, with a table and a bucket. */
export class Cloud {
    private constructor(
        readonly dynamoDb: FaultProxy,
        readonly s3: FaultProxy,
        private readonly tables: DynamoDBDocumentClient,
        private readonly buckets: S3Client,
        private readonly stop: () => Promise<void>,
    ) {}

    static async start(): Promise<Cloud> {
        const dynamoDbServer = dynalite({ createTableMs: 0 });
        // As the proxies: no connection ends because it was not used for a while.
        dynamoDbServer.keepAliveTimeout = 0;
        await new Promise<void>((resolve) => dynamoDbServer.listen(0, "127.0.0.1", resolve));
        const { buildApp } = await importFauxqs();
        const s3Server = await buildApp({ logger: false, host: "localhost", defaultRegion: "eu-west-1" });
        const s3Url = await s3Server.listen({ port: 0, host: "127.0.0.1" });

        const dynamoDbUrl = `http://127.0.0.1:${(dynamoDbServer.address() as AddressInfo).port}`;
        const dynamoDb = await FaultProxy.start(dynamoDbUrl);
        const s3 = await FaultProxy.start(s3Url);
        const shared = { region: "eu-west-1", credentials };
        const tables = DynamoDBDocumentClient.from(new DynamoDBClient({ ...shared, endpoint: dynamoDbUrl }));
        const buckets = new S3Client({ ...shared, endpoint: s3Url, forcePathStyle: true });
        await createTable(tables, TABLE, ["Username", "Id"]);
        await createTable(tables, TABLE_OF_ANOTHER_SCHEMA, ["Name", "Id"]);
        await buckets.send(new CreateBucketCommand({ Bucket: BUCKET }));

        return new Cloud(dynamoDb, s3, tables, buckets, async () => {
            tables.destroy();
            buckets.destroy();
            await Promise.all([dynamoDb.close(), s3.close(), s3Server.close()]);
            await new Promise((resolve) => {
                dynamoDbServer.close(resolve);
                dynamoDbServer.closeAllConnections();
            });
        });
    }

    /** The environment that Lambda would give to the function. */
    environment(): Record<string, string> {
        return {
            AWS_REGION: "eu-west-1",
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            AWS_SESSION_TOKEN: "token",
            AWS_ENDPOINT_URL_DYNAMODB: this.dynamoDb.url,
            // By name: for an address in numbers the SDK would put the bucket into the path in any case.
            AWS_ENDPOINT_URL_S3: this.s3.url.replace("127.0.0.1", "localhost"),
            EVENT_DATA_TABLE: TABLE,
            FAILED_EVENTS_BUCKET: BUCKET,
        };
    }

    /** All items with the given hash key, by range key. */
    async items(username: string): Promise<Item[]> {
        const items: Item[] = [];
        let ExclusiveStartKey: Record<string, unknown> | undefined;
        do {
            const page = await this.tables.send(
                new QueryCommand({
                    TableName: TABLE,
                    KeyConditionExpression: "Username = :username",
                    ExpressionAttributeValues: { ":username": username },
                    ConsistentRead: true,
                    ExclusiveStartKey,
                }),
            );
            items.push(...((page.Items ?? []) as Item[]));
            ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey !== undefined);
        return items;
    }

    /** All objects of the bucket under a prefix. */
    async objects(prefix: string): Promise<Map<string, string>> {
        const { Contents = [] } = await this.buckets.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
        const objects = new Map<string, string>();
        for (const { Key = "" } of Contents) {
            const { Body } = await this.buckets.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
            objects.set(Key, (await Body?.transformToString()) ?? "");
        }
        return objects;
    }

    async close(): Promise<void> {
        await this.stop();
    }
}

async function createTable(
    client: DynamoDBDocumentClient,
    TableName: string,
    [hash, range]: [string, string],
): Promise<void> {
    await client.send(
        new CreateTableCommand({
            TableName,
            BillingMode: "PAY_PER_REQUEST",
            KeySchema: [
                { AttributeName: hash, KeyType: "HASH" },
                { AttributeName: range, KeyType: "RANGE" },
            ],
            AttributeDefinitions: [hash, range].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        }),
    );
    for (let status: string | undefined; status !== "ACTIVE";) {
        const { Table } = await client.send(new DescribeTableCommand({ TableName }));
        status = Table?.TableStatus;
    }
}
