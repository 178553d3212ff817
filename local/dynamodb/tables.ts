import { setTimeout as delay } from "node:timers/promises";
import { AwsError } from "../aws-error";
import { isDynaliteOperation, type JsonObject, knownMembers, runDynalite } from "./dynalite";
import { DynaliteStore, type StoredTable } from "./dynalite-store";
import { Expiry } from "./expiry";
import { isObject, tableOfArn, tablesOf } from "./table-names";
import {
    applySettings,
    describeContinuousBackups,
    describeSettings,
    describeTimeToLive,
    newSettings,
    refuseUnknownMembers,
    SETTINGS_MEMBERS,
    type TableSettings,
    updateContinuousBackups,
    updateTimeToLive,
    validationError,
    withTags,
} from "./table-settings";
import { TableStates } from "./table-states";

/** @param changeMs how long a change of a table takes */
type Operation = (input: JsonObject, changeMs: number) => Promise<JsonObject>;

/** dynalite changes the state of a table in a timer of this length, its shortest. */
const STATE_CHANGE_MS = 1;

/** The tables with their settings: the operations that dynalite does not have, or only in part. */
export class Tables {
    readonly store: DynaliteStore;
    private readonly settings = new Map<string, TableSettings>();
    private readonly expiries = new Map<string, Expiry>();
    private readonly states: TableStates;
    private readonly operations: ReadonlyMap<string, Operation>;

    constructor(
        private readonly region: string,
        private readonly clock: () => number,
    ) {
        this.store = new DynaliteStore(region);
        this.states = new TableStates(clock);
        this.operations = new Map<string, Operation>([
            ["CreateTable", (...call) => this.createTable(...call)],
            ["UpdateTable", (...call) => this.updateTable(...call)],
            ["DeleteTable", (...call) => this.deleteTable(...call)],
            ["DescribeTable", (input) => this.describeTable(input)],
            ["UpdateTimeToLive", async (input) => this.updateTimeToLive(input)],
            ["DescribeTimeToLive", async (input) => describeTimeToLive(this.settingsOf(input.TableName))],
            ["UpdateContinuousBackups", async (input) => this.updateContinuousBackups(input)],
            ["DescribeContinuousBackups", async (input) => this.describeContinuousBackups(input)],
            ["TagResource", async (input) => this.tag(input)],
            ["UntagResource", async (input) => this.untag(input)],
            ["ListTagsOfResource", async (input) => this.listTags(input)],
        ]);
    }

    operation(name: string): Operation | undefined {
        return this.operations.get(name);
    }

    itemCount(tableName: string): number | undefined {
        return this.settings.has(tableName) ? this.store.getItemDb(tableName).contents.size : undefined;
    }

    /** Brings the tables to where their changes have come by now; to be called before anything looks at them. */
    async completeChanges(): Promise<void> {
        if (this.states.isChanging) {
            await this.states.completeChanges();
        }
    }

    /** @throws AwsError ResourceNotFoundException if a table of an operation takes and gives no items now */
    requireItems(input: JsonObject): void {
        if (this.states.isChanging) {
            this.states.requireItems(tablesOf(input));
        }
    }

    /** Deletes items whose time to live is over from the tables of an operation. */
    async deleteExpired(input: JsonObject): Promise<void> {
        if (this.expiries.size === 0) {
            return;
        }
        for (const tableName of tablesOf(input)) {
            const table = this.store.findTable(tableName);
            for (const { item } of (table && this.expiries.get(tableName)?.due(this.clock())) ?? []) {
                const names = table?.KeySchema.map(({ AttributeName: name }) => name) ?? [];
                const key = Object.fromEntries(names.map((name) => [name, item[name]]));
                await runDynalite(this.store, "DeleteItem", { TableName: tableName, Key: key });
            }
        }
    }

    clear(): void {
        this.expiries.forEach((expiry) => expiry.stop());
        this.expiries.clear();
        for (const tableName of this.settings.keys()) {
            this.store.getItemDb(tableName).clear();
            this.store.tableDb.contents.delete(tableName);
        }
        this.settings.clear();
        this.states.clear();
    }

    private async createTable(input: JsonObject, changeMs: number): Promise<JsonObject> {
        const settings = newSettings();
        const own = this.takeSettings("CreateTable", input, settings);
        const { TableDescription: table } = structuredClone(await runDynalite(this.store, "CreateTable", own));
        const tableName = String(input.TableName);
        this.settings.set(tableName, settings);
        await delay(STATE_CHANGE_MS);
        await this.states.start(tableName, "CREATING", changeMs);
        return { TableDescription: { ...(table as JsonObject), ...describeSettings(settings) } };
    }

    /** What it changes is changed at once; the table is UPDATING for its time. */
    private async updateTable(input: JsonObject, changeMs: number): Promise<JsonObject> {
        const settings = this.settingsOf(input.TableName);
        const changed = { ...settings };
        const own = this.takeSettings("UpdateTable", input, changed);
        this.states.requireActive(String(input.TableName));
        const updates = Array.isArray(input.GlobalSecondaryIndexUpdates)
            ? (input.GlobalSecondaryIndexUpdates as unknown[])
            : [];
        if (updates.some((update) => isObject(update) && update.Update === undefined)) {
            throw validationError("The embedded cloud cannot create or delete an index of an existing table.");
        }
        if (Object.keys(own).some((name) => !["TableName", "AttributeDefinitions"].includes(name))) {
            await runDynalite(this.store, "UpdateTable", own);
            await delay(STATE_CHANGE_MS);
        }
        Object.assign(settings, changed);
        await this.states.start(String(input.TableName), "UPDATING", changeMs);
        const { Table: table } = await this.describeTable({ TableName: input.TableName });
        return { TableDescription: table };
    }

    private async deleteTable(input: JsonObject, changeMs: number): Promise<JsonObject> {
        refuseUnknownMembers(input, knownMembers("DeleteTable"));
        const { Table: table } = await this.describeTable(input);
        const tableName = String(input.TableName);
        this.states.requireActive(tableName);
        if (this.settings.get(tableName)?.deletionProtection) {
            throw validationError(
                "Resource cannot be deleted as it is currently protected against deletion. " +
                    "Disable deletion protection first.",
            );
        }
        await this.states.start(tableName, "DELETING", changeMs, () => this.removeTable(tableName));
        return { TableDescription: { ...(table as JsonObject), TableStatus: "DELETING" } };
    }

    private async removeTable(tableName: string): Promise<void> {
        await runDynalite(this.store, "DeleteTable", { TableName: tableName });
        this.expiries.get(tableName)?.stop();
        this.expiries.delete(tableName);
        this.settings.delete(tableName);
        await delay(STATE_CHANGE_MS);
    }

    private async describeTable(input: JsonObject): Promise<JsonObject> {
        refuseUnknownMembers(input, knownMembers("DescribeTable"));
        await this.deleteExpired(input);
        const { Table: described } = await runDynalite(this.store, "DescribeTable", { ...input });
        const table = described as StoredTable;
        const { TableName: tableName } = table;
        const counted = (kind: string, indexes: StoredTable["GlobalSecondaryIndexes"] = []): JsonObject[] =>
            indexes.map((index) => {
                const { contents, bytes } = this.store.getIndexDb(kind, tableName, index.IndexName);
                return { ...index, ItemCount: contents.size, IndexSizeBytes: bytes };
            });
        const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = table;
        const { contents, bytes } = this.store.getItemDb(tableName);
        return {
            Table: {
                ...table,
                TableStatus: this.states.statusOf(tableName),
                ItemCount: contents.size,
                TableSizeBytes: bytes,
                ...(local ? { LocalSecondaryIndexes: counted("local", local) } : {}),
                ...(global ? { GlobalSecondaryIndexes: counted("global", global) } : {}),
                ...describeSettings(this.settingsOf(tableName)),
            },
        };
    }

    private updateTimeToLive(input: JsonObject): JsonObject {
        refuseUnknownMembers(input, new Set(["TableName", "TimeToLiveSpecification"]));
        const settings = this.settingsOf(input.TableName);
        const tableName = String(input.TableName);
        this.states.requireActive(tableName);
        const output = updateTimeToLive(settings, input);
        this.expiries.get(tableName)?.stop();
        this.expiries.delete(tableName);
        if (settings.timeToLiveAttribute !== undefined) {
            const items = this.store.getItemDb(tableName);
            this.expiries.set(tableName, new Expiry(items, settings.timeToLiveAttribute));
        }
        return output;
    }

    private updateContinuousBackups(input: JsonObject): JsonObject {
        refuseUnknownMembers(input, new Set(["TableName", "PointInTimeRecoverySpecification"]));
        const settings = this.backupSettingsOf(input.TableName);
        if (this.states.statusOf(String(input.TableName)) === "CREATING") {
            const message = `Backups are being enabled for the table: ${String(input.TableName)}. Please retry later`;
            throw new AwsError("ContinuousBackupsUnavailableException", message);
        }
        return updateContinuousBackups(settings, input, this.clock());
    }

    private describeContinuousBackups(input: JsonObject): JsonObject {
        return describeContinuousBackups(this.backupSettingsOf(input.TableName), this.clock());
    }

    private tag(input: JsonObject): JsonObject {
        const settings = this.settingsToTag(input.ResourceArn);
        settings.tags = withTags(settings.tags, input.Tags);
        return {};
    }

    private untag(input: JsonObject): JsonObject {
        const settings = this.settingsToTag(input.ResourceArn);
        const keys = new Set(Array.isArray(input.TagKeys) ? (input.TagKeys as unknown[]) : []);
        settings.tags = new Map(Array.from(settings.tags).filter(([key]) => !keys.has(key)));
        return {};
    }

    private listTags(input: JsonObject): JsonObject {
        const { tags } = this.settingsOfArn(input.ResourceArn);
        return { Tags: Array.from(tags, ([key, value]) => ({ Key: key, Value: value })) };
    }

    /** Moves the settings from an input to where they are kept; what remains is for dynalite. */
    private takeSettings(operation: string, input: JsonObject, settings: TableSettings): JsonObject {
        const known = isDynaliteOperation(operation) ? knownMembers(operation) : [];
        refuseUnknownMembers(input, new Set([...known, ...SETTINGS_MEMBERS]));
        applySettings(settings, input, this.region);
        return Object.fromEntries(Object.entries(input).filter(([name]) => !SETTINGS_MEMBERS.has(name)));
    }

    private settingsOf(tableName: unknown): TableSettings {
        const settings = this.settings.get(String(tableName));
        if (!settings) {
            const message = `Requested resource not found: Table: ${String(tableName)} not found`;
            throw new AwsError("ResourceNotFoundException", message);
        }
        return settings;
    }

    private settingsOfArn(arn: unknown): TableSettings {
        const settings = this.settings.get(tableOfArn(this.region, String(arn)) ?? "");
        if (!settings) {
            const message = `Requested resource not found: ResourcArn: ${String(arn)} not found`;
            throw new AwsError("ResourceNotFoundException", message);
        }
        return settings;
    }

    private settingsToTag(arn: unknown): TableSettings {
        const settings = this.settingsOfArn(arn);
        this.states.requireActive(tableOfArn(this.region, String(arn)) ?? "");
        return settings;
    }

    /** These operations have an error of their own for a table that is not there. */
    private backupSettingsOf(tableName: unknown): TableSettings {
        const settings = this.settings.get(String(tableName));
        if (!settings || this.states.statusOf(String(tableName)) === "DELETING") {
            throw new AwsError("TableNotFoundException", `Table not found: ${String(tableName)}`);
        }
        return settings;
    }
}
