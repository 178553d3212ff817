import { printable } from "../commandline/text";
import type { Outgoing } from "../producer/outgoing";
import type { Bundle, FailedRecord } from "./failed-record";
import type { Fixed } from "./fix";

/** How far a bundle is. */
export interface Progress {
    readonly bundle: Bundle;
    /** Records of it that are neither accepted by the stream nor dropped. */
    remaining: number;
}

/** A record of a bundle, and what is sent in its place. */
export interface Entry {
    readonly position: bigint;
    readonly record: FailedRecord;
    /** Null for nothing. */
    readonly fixed: Fixed | null;
    readonly progress: Progress;
}

/** A record on its way to the stream; several bundles may have it. */
export class ReplayedRecord implements Outgoing {
    readonly partitionKey: string;
    readonly data: Uint8Array;

    constructor(
        fixed: Fixed,
        private readonly record: FailedRecord,
        readonly owners: readonly Progress[],
    ) {
        this.partitionKey = fixed.partitionKey;
        this.data = fixed.data;
    }

    get label(): string {
        return `record ${this.record.sequenceNumber} of ${printable(this.partitionKey, 60)}`;
    }
}

/**
 * Of entries at one position, the first of those that are the same record, with all bundles that have it; in the order in which the
 * Kinesis Producer Library has packed the records. One for which a fix answers null, as it goes by the reason, gives way.
 */
export function groupSame(entries: readonly Entry[]): [Entry, Progress[]][] {
    const groups = new Map<string, [Entry, Progress[]]>();
    for (const entry of entries) {
        const key = entries.length === 1 ? "" : identityOf(entry.record);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [entry, [entry.progress]]);
        else {
            group[0] = group[0].fixed === null ? entry : group[0];
            group[1].push(entry.progress);
        }
    }
    return Array.from(groups.values()).sort(
        ([{ record: a }], [{ record: b }]) => a.subSequenceNumber - b.subSequenceNumber,
    );
}

/** One text for each record at a position. */
function identityOf({ subSequenceNumber, partitionKey, data }: FailedRecord): string {
    return JSON.stringify([subSequenceNumber, partitionKey, Buffer.from(data).toString("base64")]);
}
