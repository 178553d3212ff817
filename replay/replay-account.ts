import { formatCount, perSecond } from "../commandline/numbers";
import { formatTable } from "../commandline/table";
import { Account } from "../producer/account";

/** What became of the records and objects of a replay; of a dry run, what would have. */
export class ReplayAccount {
    /** Of the distinct records that were given to the stream. */
    readonly sending = new Account();
    /** Records that were in several objects, beyond the first. */
    duplicates = 0;
    /** Records for which the fix answered null. */
    dropped = 0;
    /** Objects all of whose records were accepted, and that are marked. */
    replayedObjects = 0;
    /** Objects that were listed, and were not there any more when their records were due. */
    goneObjects = 0;

    /**
     * @param objects what there is in the bucket, or batches in the file
     * @param records in those that can be read
     * @param expired records that are gone for good
     */
    constructor(
        private readonly objects: number,
        private foundRecords: number,
        private expiredRecords: number,
    ) {}

    get records(): number {
        return this.foundRecords;
    }

    get expired(): number {
        return this.expiredRecords;
    }

    /**
     * Corrects what is known of a bundle that was read again.
     * @param now undefined when it is not there any more
     * @returns how many more of its records have expired
     */
    correct(before: Found, now: Found | undefined): number {
        if (now === undefined) this.goneObjects += 1;
        const expired = (now?.expired ?? before.expired) - before.expired;
        this.foundRecords += (now?.records ?? 0) - before.records;
        this.expiredRecords += expired;
        return expired;
    }

    /** Objects that are where they were: to be replayed another time. */
    get leftObjects(): number {
        return this.objects - this.replayedObjects - this.goneObjects;
    }

    get sent(): number {
        return this.sending.sent;
    }

    /** Records that are where they were: to be replayed another time. */
    get left(): number {
        return Math.max(0, this.records - this.sent - this.duplicates - this.dropped);
    }

    toNote(): string {
        const facts = [this.sending.toNote()];
        if (this.dropped > 0) facts.push(`${formatCount(this.dropped)} dropped`);
        facts.push(`${formatCount(this.replayedObjects)}/${formatCount(this.objects)} objects replayed`);
        return facts.filter((fact) => fact !== "").join(", ");
    }

    toJson(seconds: number) {
        return {
            sent: this.sent,
            retried: this.sending.retried,
            duplicates: this.duplicates,
            dropped: this.dropped,
            left: this.left,
            expired: this.expired,
            replayedObjects: this.replayedObjects,
            leftObjects: this.leftObjects,
            goneObjects: this.goneObjects,
            seconds: Math.round(seconds * 1000) / 1000,
            recordsPerSecond: perSecond(this.sent, seconds),
        };
    }

    /** For people. */
    toTable(seconds: number, isDryRun: boolean): string {
        const would = isDryRun ? "would be " : "";
        const rows: [string, number][] = [
            ["records found", this.records],
            [`${would}sent`, this.sent],
            ["in several objects", this.duplicates],
            ["dropped by the fix", this.dropped],
            [`${would}left`, this.left],
        ];
        if (this.expired > 0) rows.push(["expired", this.expired]);
        if (!isDryRun) rows.push(["retried", this.sending.retried]);
        rows.push([`objects ${would}replayed`, this.replayedObjects], [`objects ${would}left`, this.leftObjects]);
        if (this.goneObjects > 0) rows.push(["objects gone meanwhile", this.goneObjects]);
        if (!isDryRun) {
            rows.push(
                ["seconds", Math.round(seconds * 1000) / 1000],
                ["records per second", perSecond(this.sent, seconds)],
            );
        }
        return formatTable({ rows });
    }
}

/** Records of a bundle that are there, and that are gone for good. */
interface Found {
    readonly records: number;
    readonly expired: number;
}
