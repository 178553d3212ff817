import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createServer } from "dynamodb-admin";
import type { RequestListener } from "node:http";
import type { Cloud } from "../cloud";

/** Where dynamodb-admin is mounted; its links, forms and cookies know this path. */
export const ADMIN_PATH = "/admin";

export interface Admin {
    readonly handle: RequestListener;
    close(): void;
}

/** What is used of the Express application that dynamodb-admin is; Express's own types are no dependency. */
interface Application extends RequestListener {
    disable(setting: string): void;
    set(setting: string, value: unknown): void;
}

/** The tables in dynamodb-admin, with the administrator's keys: it may change and delete everything. */
export function openAdmin({ endpointUrl, region, administrator }: Cloud): Admin {
    const client = new DynamoDBClient({ endpoint: endpointUrl, region, credentials: administrator });
    const app = createServer({ dynamoDbClient: client, basePath: ADMIN_PATH }) as unknown as Application;
    app.disable("x-powered-by");
    // An error is then answered without its stack.
    app.set("env", "production");
    return { handle: app, close: () => client.destroy() };
}
