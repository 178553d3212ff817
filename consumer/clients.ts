/* eslint-disable @typescript-eslint/no-require-imports --
   Pulumi serializes an imported package by the path of its file. A require() inside a function stays as it is written, so that
   the function takes the SDK of the Lambda runtime by its public name, and takes the S3 client only when it needs it. */
import { versionOf } from "./item";
import type { Item } from "./item";
import type { Bucket } from "./quarantine";
import type { Table } from "./table-writer";

const CONNECTION_TIMEOUT_MS = 2_000;

/**
 * The SDK makes one attempt and the retries are the function's own, because only they know how much time is left and which
 * items of a request are still to be stored.
 */
const CLIENT_ATTEMPTS = 1;

/** Connections are kept open between invocations; there are more of them than requests in flight. */
const CONNECTIONS_MAX = 32;

/**
 * Sequence numbers are longer than DynamoDB's numbers of 38 digits, so they are strings; of two decimal numbers the longer one
 * is greater, and of two equally long ones the one that is greater as text. An item that was stored without a version gives way.
 * AND binds more tightly than OR ("Precedence in conditions" in the developer guide).
 */
const NOT_LATER =
    "attribute_not_exists(SequenceNumber) OR size(SequenceNumber) < :digits " +
    "OR size(SequenceNumber) = :digits AND SequenceNumber < :number " +
    "OR SequenceNumber = :number AND attribute_not_exists(SubSequenceNumber) " +
    "OR SequenceNumber = :number AND SubSequenceNumber <= :place";

/** The table `tableName`, through one client for the life of the execution environment. */
export function createTable(tableName: string): Table {
    const { DynamoDBClient } = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
    const { BatchWriteCommand, DynamoDBDocumentClient, PutCommand } =
        require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
    const client = DynamoDBDocumentClient.from(
        new DynamoDBClient({ maxAttempts: CLIENT_ATTEMPTS, requestHandler: requestHandlerOptions() }),
    );

    return {
        put: async (items, timeoutMs) => {
            const RequestItems = { [tableName]: items.map((Item) => ({ PutRequest: { Item } })) };
            const { UnprocessedItems } = await within(timeoutMs, (abortSignal) =>
                client.send(new BatchWriteCommand({ RequestItems }), { abortSignal }),
            );
            return (UnprocessedItems?.[tableName] ?? []).map(({ PutRequest }) => PutRequest?.Item as Item);
        },
        putUnlessLater: async (item, timeoutMs) => {
            const { sequenceNumber, subSequenceNumber } = versionOf(item);
            const command = new PutCommand({
                TableName: tableName,
                Item: item,
                ConditionExpression: NOT_LATER,
                ExpressionAttributeValues: {
                    ":number": sequenceNumber,
                    ":digits": sequenceNumber.length,
                    ":place": subSequenceNumber,
                },
            });
            try {
                await within(timeoutMs, (abortSignal) => client.send(command, { abortSignal }));
            } catch (error) {
                if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
            }
        },
    };
}

/**
 * The bucket `bucketName`. Loading the S3 client takes 27 ms on top of the 80 ms of the DynamoDB client (Node 20, a whole
 * processor), and most functions never see a malformed record, so it is loaded with the first one.
 */
export function createBucket(bucketName: string): Bucket {
    let connection: ReturnType<typeof connectToS3> | undefined;

    return {
        put: async (key, body, timeoutMs) => {
            connection ??= connectToS3();
            const { client, PutObjectCommand } = connection;
            const command = new PutObjectCommand({
                Bucket: bucketName,
                Key: key,
                Body: body,
                ContentType: "application/x-ndjson",
            });
            await within(timeoutMs, (abortSignal) => client.send(command, { abortSignal }));
        },
    };
}

function connectToS3() {
    const { PutObjectCommand, S3Client } = require("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
    const client = new S3Client({
        maxAttempts: CLIENT_ATTEMPTS,
        // AWS takes both styles; an endpoint that is not a host name of AWS has no name for each bucket.
        forcePathStyle: true,
        requestHandler: requestHandlerOptions(),
    });
    return { client, PutObjectCommand };
}

function requestHandlerOptions() {
    const agent = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
    return { connectionTimeout: CONNECTION_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent };
}

/**
 * Gives up a request after the given time, wherever it hangs. What the SDK's own `requestTimeout` does has changed between its
 * versions, and the version is the runtime's.
 */
async function within<T>(timeoutMs: number, request: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
            const error = new Error(`no answer within ${Math.round(timeoutMs)} ms`);
            error.name = "TimeoutError";
            reject(error);
            abort.abort();
        }, timeoutMs);
    });
    try {
        return await Promise.race([request(abort.signal), timeout]);
    } finally {
        clearTimeout(timer);
    }
}
