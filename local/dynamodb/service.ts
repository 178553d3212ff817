import { crc32 } from "node:zlib";
import { AwsError } from "../aws-error";
import type { Authorization, Service, ServiceRequest, ServiceResponse } from "../service";
import { type DynaliteOperation, isDynaliteOperation, type JsonObject, knownMembers, runDynalite } from "./dynalite";
import { putPlainItems } from "./plain-puts";
import { Tables } from "./tables";
import { authorizationsOf, isObject, withTableNames } from "./table-names";
import { failWithOldItem, withoutOldItemWanted } from "./old-item";
import { refuseUnknownMembers } from "./table-settings";
import { TABLE_CHANGE_MS } from "./table-states";
import { type TableWrite, withoutRequests, writesOf } from "./writes";

export type { Item, JsonObject } from "./dynalite";
export type { TableWrite } from "./writes";

/** Faults for tests of what clients do about them; asked before each operation. */
export interface DynamoDbFaults {
    /**
     * @returns an error to answer instead; for BatchWriteItem also the positions of requests to hand back as
     * UnprocessedItems, counted over all tables in the order of the input
     */
    consult(
        operation: string,
        input: Readonly<JsonObject>,
    ): AwsError | { readonly unprocessed: readonly number[] } | undefined;
}

export interface DynamoDbOptions {
    readonly region: string;
    /** Milliseconds since the epoch. */
    readonly clock?: () => number;
    readonly faults?: DynamoDbFaults;
}

/**
 * DynamoDB in memory: dynalite's operations on a store of ours, and what dynalite lacks (time to live, point-in-time
 * recovery, tags, deletion protection, a live item count).
 */
export class DynamoDbService implements Service {
    readonly name = "dynamodb";
    readonly protocol = "json";
    private readonly tables: Tables;
    private readonly clock: () => number;
    private readonly faults: DynamoDbFaults | undefined;
    private readonly listeners = new Set<(write: TableWrite) => void>();
    /** Parsed once for the permissions and the operation. */
    private readonly inputs = new WeakMap<ServiceRequest, JsonObject>();
    private isClosed = false;

    constructor(private readonly options: DynamoDbOptions) {
        this.clock = options.clock ?? Date.now;
        this.faults = options.faults;
        this.tables = new Tables(options.region, this.clock);
    }

    /**
     * Calls `listener` after each PutItem, UpdateItem, DeleteItem and BatchWriteItem that has written something, once
     * per table, before the writer gets its answer. What time to live deletes is not told.
     * @returns what ends it
     */
    onWrite(listener: (write: TableWrite) => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    /** The number of items in a table now; undefined if there is no such table. It costs nothing. */
    itemCount(tableName: string): number | undefined {
        return this.tables.itemCount(tableName);
    }

    authorizations(request: ServiceRequest): Authorization[] {
        return authorizationsOf(this.options.region, request.operation, this.inputOf(request));
    }

    async handle(request: ServiceRequest): Promise<ServiceResponse> {
        const output = await this.run(request.operation, this.inputOf(request), TABLE_CHANGE_MS);
        const body = Buffer.from(JSON.stringify(output));
        const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-crc32": String(crc32(body)) };
        return { status: 200, headers, body };
    }

    /**
     * Runs an operation as a request over HTTP would, but what it changes of a table takes no time: as for a deployment,
     * which waits until a table is ACTIVE, without the wait.
     * @param input in DynamoDB's JSON: binary values in base64, times in seconds
     * @throws AwsError (as a rejection) what the client would get
     */
    async call(operation: string, input: JsonObject): Promise<JsonObject> {
        return this.run(operation, withTableNames(this.options.region, operation, structuredClone(input)), 0);
    }

    /** Lets go of all tables and listeners; nothing else is open. */
    async close(): Promise<void> {
        this.isClosed = true;
        this.listeners.clear();
        this.tables.clear();
    }

    private inputOf(request: ServiceRequest): JsonObject {
        let input = this.inputs.get(request);
        if (!input) {
            input = withTableNames(this.options.region, request.operation, parse(request.body));
            this.inputs.set(request, input);
        }
        return input;
    }

    private async run(operation: string, input: JsonObject, changeMs: number): Promise<JsonObject> {
        if (this.isClosed) {
            throw new Error("DynamoDB is closed");
        }
        const fault = this.faults?.consult(operation, input);
        if (fault instanceof AwsError) {
            throw fault;
        }
        await this.tables.completeChanges();
        const own = this.tables.operation(operation);
        if (own) {
            return own(input, changeMs);
        }
        if (!isDynaliteOperation(operation)) {
            throw new AwsError(
                "UnknownOperationException",
                `The embedded cloud does not know the operation ${operation}.`,
            );
        }
        return this.runItems(operation, input, fault?.unprocessed ?? []);
    }

    /** An operation on items: dynalite's, with faults on the way in and listeners on the way out. */
    private async runItems(
        operation: DynaliteOperation,
        wire: JsonObject,
        unlucky: readonly number[],
    ): Promise<JsonObject> {
        const { input, wanted } = withoutOldItemWanted(operation, wire);
        refuseUnknownMembers(input, knownMembers(operation));
        this.tables.requireItems(input);
        await this.tables.deleteExpired(input);
        const isSplit = operation === "BatchWriteItem" && unlucky.length > 0;
        const batch = isSplit ? withoutRequests(input, unlucky) : { input, unprocessed: {} };
        const { store } = this.tables;
        const isStored = operation === "BatchWriteItem" && putPlainItems(store, batch.input);
        const output = isStored
            ? { UnprocessedItems: {} }
            : await runDynalite(store, operation, batch.input).catch((error: unknown) =>
                  failWithOldItem(store, input, wanted, error),
              );
        if (this.listeners.size > 0) {
            for (const write of writesOf(operation, batch.input, this.clock())) {
                this.listeners.forEach((listener) => listener(write));
            }
        }
        return isSplit ? { ...output, UnprocessedItems: batch.unprocessed } : output;
    }
}

function parse(body: Buffer): JsonObject {
    let input: unknown;
    try {
        input = JSON.parse(body.toString("utf8"));
    } catch {
        throw new AwsError("SerializationException", "Could not parse request body into json");
    }
    if (!isObject(input)) {
        throw new AwsError("SerializationException", "Start of structure or map expected");
    }
    return input;
}
