import { Failure } from "../commandline/failure";
import { printable } from "../commandline/text";
import type { Outgoing } from "../producer/outgoing";
import { sendAll } from "../producer/sender";
import type { PutRecords } from "../producer/put-records";
import type { Surroundings } from "../producer/surroundings";
import { Unreadable, type Bundle, type FailedRecord } from "./failed-record";
import type { Fix, Fixed } from "./fix";
import type { Surveyed } from "./inventory";
import { markReplay } from "./mark";
import { mergeInOrder } from "./merge";
import type { ReplayAccount } from "./replay-account";

/** Objects held at a time because their records interleave: those of ten batches of 6 MB, and room. */
const OPEN_BYTES_MAX = 128 * 1024 * 1024;
/** Records handed to the sender at a time. */
const CHUNK_RECORDS = 500;
/** Objects that are being marked at a time; each takes two requests. */
const MARKS_IN_FLIGHT_MAX = 8;

export interface Replaying {
    readonly surveyed: readonly Surveyed[];
    readonly fix: Fix;
    readonly account: ReplayAccount;
    /** Undefined for a dry run: everything is read and fixed, and nothing sent or marked. */
    readonly putRecords: PutRecords | undefined;
    readonly surroundings: Surroundings;
    /** Aborted to begin with no further record. */
    readonly stop: AbortController;
    /** Aborted to give up at once, also on what is in flight. */
    readonly abort: AbortSignal;
    /** An object that was left, or a record that was refused, in a line. */
    readonly onLeft: (line: string) => void;
    /** A fault that may pass, as a sentence for people. */
    readonly onTrouble: (trouble: string) => void;
}

/** How far a bundle is. */
interface Progress {
    readonly bundle: Bundle;
    /** Records of it that are neither accepted by the stream nor dropped. */
    remaining: number;
}

interface Entry {
    readonly position: bigint;
    readonly record: FailedRecord;
    readonly fixed: Fixed | null;
    readonly progress: Progress;
}

/**
 * Sends the records of all bundles to the stream, in the order in which the stream had them, under their original partition
 * keys, and marks each bundle once the stream has accepted every record of it. Throws the `Failure` of the sender.
 *
 * Why nothing is lost: a bundle is marked after the stream has said of each of its records that it has it. A run that ends
 * before (a crash, a lost connection, Ctrl-C) leaves the bundle where it is, and the next run sends all of it again. An object is
 * marked by a copy and a deletion, in this order, so that it is always in one place at least.
 *
 * Why nothing is in the table twice, however often a record is sent: its item has the post's own key.
 *
 * Why the table ends with the latest version of a post, whatever was sent when: an item has the sequence number under which its post
 * was first in the stream. A replayed post carries that number (`markReplay`), and the function puts it on the condition that
 * the table has none with a greater one. Posts that were never replayed need no condition: Lambda delivers those of one
 * partition key in the order of their sequence numbers, and what is replayed has a lower number than what comes
 * after it. So for each key the greatest number that was ever stored stays: the order in which a replay sends, and
 * what was sent before a crash, change nothing in the end. A replay sends in order all the same, for those
 * who read the stream beside the function.
 *
 * Why it ends: what is replayed was there when the run began. A record that fails again comes back as another object, which
 * the next run finds.
 */
export async function replayAll(replaying: Replaying): Promise<void> {
    await new Replay(replaying).run();
}

/** A record on its way to the stream; several bundles may have it. */
class ReplayedRecord implements Outgoing {
    constructor(
        readonly partitionKey: string,
        readonly data: Uint8Array,
        private readonly record: FailedRecord,
        readonly owners: readonly Progress[],
    ) {}

    get label(): string {
        return `record ${this.record.sequenceNumber} of ${printable(this.partitionKey, 60)}`;
    }
}

class Replay {
    private readonly marking = new Set<Promise<void>>();
    /** Bundles whose records are all accepted, and that wait for being marked. */
    private readonly completed: Bundle[] = [];

    constructor(private readonly replaying: Replaying) {}

    async run(): Promise<void> {
        const { putRecords, account, surroundings, abort, stop, onLeft, onTrouble } = this.replaying;
        try {
            if (putRecords === undefined) {
                await this.rehearse();
                return;
            }
            await sendAll({
                chunks: this.chunks(),
                putRecords,
                account: account.sending,
                surroundings,
                abort,
                stopSource: () => stop.abort(),
                onAccepted: (record) => {
                    if (record instanceof ReplayedRecord) this.settle(record.owners);
                },
                onRefused: ({ detail }) => onLeft(`Refused ${detail}.`),
                onTrouble,
            });
        } finally {
            // What was accepted is marked also when the rest was not: the next run has less to do.
            while (this.marking.size > 0) await Promise.all(this.marking);
        }
    }

    private async rehearse(): Promise<void> {
        const { sending } = this.replaying.account;
        for await (const records of this.chunks()) {
            sending.received += records.length;
            sending.sent += records.length;
        }
    }

    private async *chunks(): AsyncGenerator<ReplayedRecord[], void, undefined> {
        const { surveyed, stop } = this.replaying;
        const sources = surveyed.map(({ bundle, first, bytes }) => ({ first, bytes, open: () => this.open(bundle) }));
        let chunk: ReplayedRecord[] = [];
        for await (const entries of mergeInOrder(sources, OPEN_BYTES_MAX)) {
            if (stop.signal.aborted) break;
            chunk.push(...this.distinct(entries));
            if (chunk.length < CHUNK_RECORDS) continue;
            yield chunk;
            chunk = [];
        }
        if (chunk.length > 0) yield chunk;
    }

    /** Reads a bundle and fixes its records. One that cannot be sent whole is not sent at all, and told. */
    private async open(bundle: Bundle): Promise<Entry[]> {
        const { fix, stop } = this.replaying;
        if (stop.signal.aborted) return [];
        try {
            const { records } = await bundle.load();
            const progress = { bundle, remaining: records.length };
            const entries: Entry[] = [];
            for (const record of records) {
                const fixed = await this.unlessAborted(fix(record, bundle.name));
                entries.push({ position: record.position, record, fixed, progress });
            }
            return entries.sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
        } catch (error) {
            if (!(error instanceof Unreadable)) throw error;
            this.replaying.onLeft(`Left ${printable(bundle.name)}: ${error.message}.`);
            return [];
        }
    }

    /** A script of the user may never answer. */
    private async unlessAborted<T>(work: Promise<T>): Promise<T> {
        const { abort } = this.replaying;
        const aborted = new AbortController();
        try {
            return await Promise.race([
                work,
                new Promise<never>((_resolve, reject) => {
                    const give = () => reject(new Failure("Aborted.", 130));
                    if (abort.aborted) give();
                    else abort.addEventListener("abort", give, { signal: aborted.signal });
                }),
            ]);
        } finally {
            aborted.abort();
        }
    }

    /**
     * The records at one position: a batch that was given up, or delivered in part, can have what is in the quarantine as
     * well. The same record is sent once, for all that have it.
     */
    private distinct(entries: readonly Entry[]): ReplayedRecord[] {
        const { account } = this.replaying;
        const groups = new Map<Entry, Progress[]>();
        for (const entry of entries) {
            const first = Array.from(groups.keys()).find(({ record }) => isSame(record, entry.record));
            if (first === undefined) groups.set(entry, [entry.progress]);
            else groups.get(first)?.push(entry.progress);
        }
        return Array.from(groups).flatMap(([{ fixed, record }, owners]) => {
            account.duplicates += owners.length - 1;
            if (fixed === null) {
                account.dropped += 1;
                this.settle(owners);
                return [];
            }
            const data = markReplay(fixed.data, record.sequenceNumber);
            return [new ReplayedRecord(fixed.partitionKey, data, record, owners)];
        });
    }

    private settle(owners: readonly Progress[]): void {
        for (const progress of owners) {
            progress.remaining -= 1;
            if (progress.remaining > 0) continue;
            if (this.replaying.putRecords === undefined) continue;
            this.completed.push(progress.bundle);
            if (this.marking.size < MARKS_IN_FLIGHT_MAX) this.startMarking();
        }
    }

    private startMarking(): void {
        const marking = this.mark().finally(() => {
            this.marking.delete(marking);
            // One that was completed when all markers had just found nothing to do.
            if (this.completed.length > 0) this.startMarking();
        });
        this.marking.add(marking);
    }

    /** Never rejects: an object that cannot be marked is told, and sent again by the next run. */
    private async mark(): Promise<void> {
        const { account, onLeft } = this.replaying;
        for (let bundle = this.completed.shift(); bundle !== undefined; bundle = this.completed.shift()) {
            try {
                await bundle.markReplayed();
                account.replayedObjects += 1;
            } catch (error) {
                const said = error instanceof Failure ? error.message : String(error);
                onLeft(`Sent, and not marked as replayed, ${printable(bundle.name)}: ${said}`);
            }
        }
    }
}

function isSame(a: FailedRecord, b: FailedRecord): boolean {
    return a.partitionKey === b.partitionKey && Buffer.compare(a.data, b.data) === 0;
}
