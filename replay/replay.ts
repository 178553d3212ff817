import { Failure } from "../commandline/failure";
import { INTERRUPTED } from "../commandline/interrupt";
import { formatAmount } from "../commandline/numbers";
import { printable } from "../commandline/text";
import { replayOf } from "../consumer/version";
import { RECORD_BYTES_MAX } from "../producer/batching";
import { sendAll } from "../producer/sender";
import type { PutRecords } from "../producer/put-records";
import type { Surroundings } from "../producer/surroundings";
import { expiredLine, Unreadable, type Bundle, type FailedRecord, type Loaded } from "./failed-record";
import { groupSame, ReplayedRecord, type Entry, type Progress } from "./entry";
import type { Fix, Fixed } from "./fix";
import type { Surveyed } from "./inventory";
import { markReplay } from "./mark";
import { Marker } from "./marker";
import { mergeInOrder } from "./merge";
import { ReadAhead } from "./read-ahead";
import type { ReplayAccount } from "./replay-account";

/** Objects held at a time because their records interleave: those of ten batches of 6 MB, and room. */
const OPEN_BYTES_MAX = 128 * 1024 * 1024;
/** Records handed to the sender at a time. */
const CHUNK_RECORDS = 500;
const ALIVE_MS = 60_000;

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
 * Why the table ends with the latest version of a post, whatever was sent when: an item has the place in the stream that its post
 * had at first. A replayed record carries that (`markReplay`, also when it fails once more), and the function puts it on the
 * condition that the table has no later version. Posts that were never replayed need no condition: Lambda delivers those of
 * one partition key in the order of their sequence numbers, and what is replayed has a lower number than what comes after
 * it. So for each key the latest version that was ever stored stays: the order in which a replay sends, and what was sent before
 * a crash, change nothing in the end. A replay sends in order all the same, for those who read the stream beside the
 * function. What a fix gives another partition key has left that order: it can come before a post that Lambda still retries,
 * and that post is then put over it.
 *
 * Why it ends: what is replayed was there when the run began. A record that fails again comes back as another object, which
 * the next run finds.
 */
export async function replayAll(replaying: Replaying): Promise<void> {
    await new Replay(replaying).run();
}

class Replay {
    private readonly inOrder: readonly Surveyed[];
    private readonly readAhead: ReadAhead;
    private readonly marker: Marker;

    constructor(private readonly replaying: Replaying) {
        const { surveyed, account, onLeft } = replaying;
        this.inOrder = surveyed.toSorted((a, b) => comparePositions(a.first, b.first));
        this.readAhead = new ReadAhead(this.inOrder);
        this.marker = new Marker({ onMarked: () => (account.replayedObjects += 1), onLeft });
    }

    async run(): Promise<void> {
        const { putRecords, account, surroundings, abort, stop, onLeft, onTrouble } = this.replaying;
        // While a fix never answers, nothing else would keep the process from ending, as if all were done.
        const alive = setInterval(() => undefined, ALIVE_MS);
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
            await Promise.all([this.marker.settled(), this.readAhead.settled()]);
            clearInterval(alive);
        }
    }

    private async rehearse(): Promise<void> {
        const { sending } = this.replaying.account;
        for await (const records of this.chunks()) {
            sending.received += records.length;
            sending.sent += records.length;
            for (const { owners } of records) this.settle(owners);
        }
    }

    private async *chunks(): AsyncGenerator<ReplayedRecord[], void, undefined> {
        const { stop } = this.replaying;
        const sources = this.inOrder.map((surveyed) => ({
            first: surveyed.first,
            bytes: surveyed.bytes,
            open: () => this.open(surveyed),
        }));
        let chunk: ReplayedRecord[] = [];
        for await (const entries of mergeInOrder(sources, OPEN_BYTES_MAX)) {
            if (stop.signal.aborted) break;
            // Packed records can be more than a call has arguments.
            for (const record of this.distinct(entries)) chunk.push(record);
            if (chunk.length < CHUNK_RECORDS) continue;
            yield chunk;
            chunk = [];
        }
        if (chunk.length > 0) yield chunk;
    }

    /** Reads a bundle and fixes its records. One that cannot be sent whole is not sent at all, and told. */
    private async open(surveyed: Surveyed): Promise<Entry[]> {
        const { stop, onLeft } = this.replaying;
        const { bundle } = surveyed;
        if (stop.signal.aborted) return [];
        try {
            const loaded = await this.readAhead.take(surveyed);
            this.correct(surveyed, loaded);
            const records = loaded?.records ?? [];
            const progress = { bundle, remaining: records.length };
            const entries: Entry[] = [];
            for (const record of records) {
                const fixed = await this.prepare(record, bundle);
                entries.push({ position: record.position, record, fixed, progress });
            }
            return entries.sort((a, b) => comparePositions(a.position, b.position));
        } catch (error) {
            if (!(error instanceof Unreadable)) throw error;
            onLeft(`Left ${printable(bundle.name)}: ${error.message}.`);
            return [];
        }
    }

    private correct(surveyed: Surveyed, loaded: Loaded | undefined): void {
        const { account, onLeft } = this.replaying;
        const now = loaded && { records: loaded.records.length, expired: loaded.expired };
        const expired = account.correct(surveyed, now);
        if (expired > 0) onLeft(expiredLine(surveyed.bundle, expired));
    }

    /** What is sent for a record: fixed, and with the number that it had at first; null for nothing. */
    private async prepare(record: FailedRecord, { name }: Bundle): Promise<Fixed | null> {
        const { fix, abort } = this.replaying;
        const fixed = await unlessAborted(fix(record, name), abort);
        if (fixed === null) return null;
        const { partitionKey } = fixed;
        // A fix may have left the mark of an earlier replay out.
        const data = markReplay(fixed.data, replayOf(record.data) ?? record);
        const bytes = data.length + Buffer.byteLength(partitionKey, "utf8");
        if (bytes > RECORD_BYTES_MAX) {
            const sizes = `${formatAmount(bytes, "byte")}, and the stream takes ${formatAmount(RECORD_BYTES_MAX, "byte")}`;
            throw new Unreadable(`record ${record.sequenceNumber} has ${sizes}; a fix can shorten it`);
        }
        return { partitionKey, data };
    }

    /**
     * The records at one position: a batch that was given up, or delivered in part, can have what is in the quarantine as
     * well. The same record is sent once, for all that have it.
     */
    private distinct(entries: readonly Entry[]): ReplayedRecord[] {
        const { account } = this.replaying;
        return groupSame(entries).flatMap(([{ fixed, record }, owners]) => {
            account.duplicates += owners.length - 1;
            if (fixed !== null) return [new ReplayedRecord(fixed, record, owners)];
            account.dropped += 1;
            this.settle(owners);
            return [];
        });
    }

    private settle(owners: readonly Progress[]): void {
        const { account, putRecords } = this.replaying;
        for (const progress of owners) {
            progress.remaining -= 1;
            if (progress.remaining > 0) continue;
            if (putRecords === undefined) account.replayedObjects += 1;
            else this.marker.add(progress.bundle);
        }
    }
}

/** A script of the user may never answer. */
async function unlessAborted<T>(work: Promise<T>, abort: AbortSignal): Promise<T> {
    const settled = new AbortController();
    try {
        return await Promise.race([
            work,
            new Promise<never>((_resolve, reject) => {
                const give = () => reject(new Failure("Aborted.", INTERRUPTED));
                if (abort.aborted) give();
                else abort.addEventListener("abort", give, { signal: settled.signal });
            }),
        ]);
    } finally {
        settled.abort();
    }
}

function comparePositions(a: bigint, b: bigint): number {
    if (a === b) return 0;
    return a < b ? -1 : 1;
}
