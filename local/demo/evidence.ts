import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { Cloud } from "../cloud";
import type { StoredObject } from "../s3/object-store";
import type { StoredItem } from "./account";

/** Reads the whole table back, over HTTP, as the administrator. */
export async function* readTable(
    { endpointUrl, region, administrator }: Cloud,
    tableName: string,
): AsyncGenerator<StoredItem> {
    const client = new DynamoDBClient({ endpoint: endpointUrl, region, credentials: administrator });
    try {
        for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
            for (const { Username, Id, Timestamp, Message, Source } of Items) {
                yield {
                    Username: Username?.S ?? "",
                    Id: Id?.S ?? "",
                    Timestamp: Timestamp?.S ?? "",
                    Message: Message?.S ?? "",
                    Source: Source?.S ?? "",
                };
            }
        }
    } finally {
        client.destroy();
    }
}

interface QuarantinedRecord {
    data: string;
}

interface FailedBatch {
    payload: string;
}

interface KinesisEvent {
    Records: { kinesis: { data: string } }[];
}

/** The payload of every record in the failed-events bucket: those that the function put there, and those of Lambda. */
export async function* readFailedPayloads({ s3 }: Cloud, bucket: string): AsyncGenerator<Uint8Array> {
    for await (const { key, body } of objectsOf(s3, bucket)) {
        const text = body.toString("utf8");
        if (key.startsWith("quarantine/")) {
            for (const line of text.split("\n").filter((each) => each !== "")) {
                yield Buffer.from((JSON.parse(line) as QuarantinedRecord).data, "base64");
            }
        } else {
            const event = JSON.parse((JSON.parse(text) as FailedBatch).payload) as KinesisEvent;
            for (const { kinesis } of event.Records) yield Buffer.from(kinesis.data, "base64");
        }
    }
}

async function* objectsOf(s3: Cloud["s3"], bucket: string): AsyncGenerator<StoredObject> {
    let startAfter: string | undefined = "";
    while (startAfter !== undefined) {
        const { objects, next } = await s3.listObjects(bucket, { startAfter });
        yield* objects;
        startAfter = next;
    }
}
