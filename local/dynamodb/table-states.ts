import { AwsError } from "../aws-error";

export type TableChangeStatus = "CREATING" | "UPDATING" | "DELETING";

/** Not AWS's, where it takes some seconds: how long a table is CREATING, UPDATING or DELETING. */
export const TABLE_CHANGE_MS = 500;

interface Change {
    readonly status: TableChangeStatus;
    readonly startedAt: number;
    readonly endsAt: number;
    readonly complete: () => Promise<void>;
}

/**
 * The tables that are not ACTIVE, so that a script that does not wait for that fails as on AWS. Nothing runs by itself: what
 * is over is completed before anything looks at a table.
 */
export class TableStates {
    private readonly changes = new Map<string, Change>();

    constructor(private readonly clock: () => number) {}

    get isChanging(): boolean {
        return this.changes.size > 0;
    }

    /** @param complete runs at the end */
    async start(
        tableName: string,
        status: TableChangeStatus,
        changeMs: number,
        complete: () => Promise<void> = async () => undefined,
    ): Promise<void> {
        if (changeMs === 0) {
            await complete();
            return;
        }
        const startedAt = this.clock();
        this.changes.set(tableName, { status, startedAt, endsAt: startedAt + changeMs, complete });
    }

    async completeChanges(): Promise<void> {
        const now = this.clock();
        for (const [tableName, { startedAt, endsAt, complete }] of this.changes) {
            // Also where the clock was set back.
            if (now >= endsAt || now < startedAt) {
                this.changes.delete(tableName);
                await complete();
            }
        }
    }

    statusOf(tableName: string): TableChangeStatus | "ACTIVE" {
        return this.changes.get(tableName)?.status ?? "ACTIVE";
    }

    /** @throws AwsError ResourceInUseException */
    requireActive(tableName: string): void {
        const status = this.statusOf(tableName);
        if (status !== "ACTIVE") {
            const what = { CREATING: "created", UPDATING: "updated", DELETING: "deleted" }[status];
            const message = `Attempt to change a resource which is still in use: Table is being ${what}: ${tableName}`;
            throw new AwsError("ResourceInUseException", message);
        }
    }

    /**
     * A table takes and gives items while it is UPDATING, too.
     * @throws AwsError ResourceNotFoundException
     */
    requireItems(tableNames: Iterable<string>): void {
        for (const tableName of tableNames) {
            if (["CREATING", "DELETING"].includes(this.statusOf(tableName))) {
                throw new AwsError("ResourceNotFoundException", "Requested resource not found");
            }
        }
    }

    clear(): void {
        this.changes.clear();
    }
}
