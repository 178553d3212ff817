import { Failure } from "../commandline/failure";
import { INTERRUPTED } from "../commandline/interrupt";
import { formatAmount } from "../commandline/numbers";
import { EXPIRED, QUEUE_FULL, TOO_LARGE, type Account } from "./account";
import { backoffMs } from "./backoff";
import { Outbox, RECORD_BYTES_MAX } from "./batching";
import { Bell } from "./bell";
import { heldRecord, type HeldRecord } from "./lane";
import type { Outgoing } from "./outgoing";
import type { PutRecords, Rejections } from "./put-records";
import type { Refusal } from "./sources/source";
import { StreamFault } from "./stream-fault";
import type { Surroundings } from "./surroundings";

/**
 * Requests under way at a time: 20,000 posts/s at a round trip of 100 ms, more than the processor manages at one of 10 ms.
 * Twice as many were slower by a quarter against a server on the same two cores.
 */
export const REQUESTS_IN_FLIGHT_MAX = 4;
/** Records held in memory: the source is asked for no more until there is room. One chunk of the source can come on top. */
export const HELD_RECORDS_MAX = 10_000;
/** Of a source that cannot wait: what is over it is dropped. Nearly two minutes of what one shard takes. */
export const LIVE_HELD_RECORDS_MAX = 100_000;
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** With more records than this to be sent again, the stream has enough to do: nothing new is sent. */
const RETRYING_RECORDS_MAX = 500;
/** A record that was not accepted for so long after it was first sent ends the run, unless it has to outlast outages ... */
export const RETRY_MS_MAX = 120_000;
/** ... and was sent so often: what a machine has slept through does not count. */
const RETRY_ATTEMPTS_MIN = 5;

/** What is under way, for people to see. */
export interface Traffic {
    /** Requests. */
    inFlight: number;
    /** Records that have arrived and are not accepted. */
    held: number;
    /** Shards that lately took no more. */
    throttledShards: number;
    /** How long the record that was accepted last had been here. */
    lagMs: number;
    /** Since when records are held and none was accepted, if any is held. */
    waitingSinceMs?: number | undefined;
}

/** One request that has come to its end. */
export interface RequestReport {
    records: number;
    bytes: number;
    milliseconds: number;
    accepted: number;
    /** Why the others were not accepted. */
    reason: string | undefined;
}

export interface Sending {
    /** What to send, in chunks that bound the memory. */
    chunks: AsyncIterable<readonly Outgoing[]>;
    putRecords: PutRecords;
    account: Account;
    surroundings: Surroundings;
    /** Aborted to give up at once, also on what is in flight. */
    abort: AbortSignal;
    /** Makes the source end. */
    stopSource: () => void;
    /** The source cannot wait: it is always asked for more, and what there is no room for is dropped. */
    isLive?: boolean;
    /** A record that has not been sent so long after it arrived is dropped. Default: each is sent, however late. */
    recordTtlMs?: number | undefined;
    /**
     * While the source goes on, what the stream does not take is sent again for as long as that needs. Default: for
     * `RETRY_MS_MAX`, then the run fails.
     */
    outlastsOutages?: boolean;
    /** Told of each record once the stream has accepted it. */
    onAccepted?: (record: Outgoing) => void;
    /** Told of each record that the account counts as refused here. */
    onRefused: (refusal: Refusal) => void;
    /** A fault that may pass, as a sentence for people. */
    onTrouble: (trouble: string) => void;
    onRequest?: (report: RequestReport) => void;
    /** Kept up to date while it runs. */
    traffic?: Traffic;
}

/**
 * Sends every record of the source to the stream and counts what becomes of each in the account. Resolves when the source
 * has ended and the stream has accepted everything that was not refused or dropped. Throws a `Failure` that says why when
 * records were not sent: the stream refuses requests for good, or did not accept a record within `RETRY_MS_MAX`, or `abort`
 * was aborted; or what the source throws, after sending what it gave before. When it settles, nothing is under way.
 *
 * Each record is sent until the stream says that it has it. If the connection breaks after the stream has accepted a request
 * and before it has said so, the retry makes the stream hold those records twice: at least once is what Kinesis offers. The
 * table's key, author and identifier, makes one item of them again.
 */
export async function sendAll(sending: Sending): Promise<void> {
    await new Sender(sending).run();
}

class Sender {
    private readonly outbox: Outbox;
    /** Rung whenever there may be something to do: records arrived, a response came, a wait is over. */
    private readonly bell = new Bell();
    /** Rung when records have left the outbox. */
    private readonly room = new Bell();
    private readonly cancelRetries = new Set<() => void>();
    private readonly requests = new Set<Promise<void>>();
    /** Fewer while the stream fails, as in TCP: half of it after each such response, one more after others. */
    private inFlightMax = REQUESTS_IN_FLIGHT_MAX;
    private sourceEnded = false;
    private sourceError: Error | undefined;
    private failure: Error | undefined;

    constructor(private readonly sending: Sending) {
        const { surroundings, recordTtlMs, account } = sending;
        const onExpired = () => account.drop(EXPIRED);
        this.outbox = new Outbox({ random: surroundings.random, recordTtlMs, onExpired });
    }

    async run(): Promise<void> {
        const onAbort = () => this.fail(new Failure("Aborted.", INTERRUPTED));
        this.sending.abort.addEventListener("abort", onAbort);
        const reading = this.read();
        await this.sendUntilDone();
        await reading;
        this.sending.abort.removeEventListener("abort", onAbort);
        this.showTraffic();
        if (this.failure !== undefined) throw this.failure;
        if (this.sourceError !== undefined) throw this.sourceError;
    }

    private async read(): Promise<void> {
        const { chunks, surroundings, isLive } = this.sending;
        try {
            for await (const records of chunks) {
                const now = surroundings.now();
                for (const record of records) this.receive(record, now);
                this.showTraffic();
                this.bell.ring();
                // The next request goes before more is read: there is more than enough to send, and the stream waits.
                await surroundings.nextTurn();
                while (isLive !== true && this.isFull() && this.failure === undefined) {
                    await this.room.rung();
                    await surroundings.nextTurn();
                }
                if (this.failure !== undefined) break;
            }
        } catch (error) {
            this.sourceError = asError(error);
        }
        this.sourceEnded = true;
        this.bell.ring();
    }

    private receive(outgoing: Outgoing, now: number): void {
        const { account, onRefused, isLive } = this.sending;
        account.received += 1;
        const record = heldRecord(outgoing, now);
        if (record.bytes > RECORD_BYTES_MAX) {
            const sizes = `${formatAmount(record.bytes, "byte")}, and the stream takes ${formatAmount(RECORD_BYTES_MAX, "byte")}`;
            account.refuse(TOO_LARGE);
            onRefused({ reason: TOO_LARGE, detail: `${outgoing.label}: ${sizes}` });
        } else if (isLive === true && this.isFull()) {
            account.drop(QUEUE_FULL);
        } else {
            this.outbox.add(record);
            const { traffic } = this.sending;
            if (traffic !== undefined) traffic.waitingSinceMs ??= now;
        }
    }

    private isFull(): boolean {
        const recordsMax = this.sending.isLive === true ? LIVE_HELD_RECORDS_MAX : HELD_RECORDS_MAX;
        return this.outbox.records >= recordsMax || this.outbox.bytes >= HELD_BYTES_MAX;
    }

    /** Returns when nothing is held any more, or, after a failure, when nothing is in flight any more. */
    private async sendUntilDone(): Promise<void> {
        const { surroundings } = this.sending;
        while (!this.isDone()) {
            const now = surroundings.now();
            const dueAt = this.nextDueAt();
            if (dueAt === undefined || dueAt > now) {
                await this.ringOr(dueAt === undefined ? undefined : dueAt - now);
                continue;
            }
            const held = this.outbox.records;
            const batch = this.outbox.take(this.isRetryingOnly(), now);
            if (this.outbox.records < held) this.room.ring();
            if (batch.length === 0) {
                this.showTraffic();
                continue;
            }
            const request = this.request(batch).finally(() => {
                this.requests.delete(request);
                this.bell.ring();
            });
            this.requests.add(request);
            this.showTraffic();
        }
        await Promise.all(this.requests);
    }

    private isDone(): boolean {
        if (this.failure !== undefined) return true;
        return this.sourceEnded && this.outbox.records === 0;
    }

    /** When the next request may be made; undefined if that depends on something that rings the bell. */
    private nextDueAt(): number | undefined {
        if (this.requests.size >= this.inFlightMax) return undefined;
        const isIdle = this.requests.size === 0;
        const noMore = this.sourceEnded || (isIdle && this.isFull());
        return this.outbox.dueAtMs({ isIdle, noMore, retriesOnly: this.isRetryingOnly() });
    }

    private isRetryingOnly(): boolean {
        return this.outbox.retrying >= RETRYING_RECORDS_MAX;
    }

    private async ringOr(milliseconds: number | undefined): Promise<void> {
        if (milliseconds === undefined) return this.bell.rung();
        const cancel = this.sending.surroundings.after(milliseconds, () => this.bell.ring());
        await this.bell.rung();
        cancel();
    }

    private async request(batch: readonly HeldRecord[]): Promise<void> {
        const { putRecords, account, surroundings, abort } = this.sending;
        const sentAt = surroundings.now();
        const records: Outgoing[] = [];
        for (const record of batch) {
            if (record.attempts === 0) record.firstSentAtMs = sentAt;
            else account.retried += 1;
            records.push(record.outgoing);
        }
        try {
            const rejections = await putRecords(records, abort);
            this.report(batch, sentAt, batch.length - rejections.size, rejections.values().next().value?.code);
            this.settle(batch, rejections);
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            this.report(batch, sentAt, 0, reason);
            if (error instanceof StreamFault && error.mayPass) this.retry(batch, reason);
            else this.fail(error instanceof StreamFault ? new Failure(reason) : asError(error));
        }
        this.showTraffic();
    }

    private settle(batch: readonly HeldRecord[], rejections: Rejections): void {
        const { account, surroundings, onTrouble, onAccepted, traffic } = this.sending;
        const now = surroundings.now();
        account.sent += batch.length - rejections.size;
        const failed: HeldRecord[] = [];
        let reason = "";
        for (const [index, record] of batch.entries()) {
            const rejection = rejections.size === 0 ? undefined : rejections.get(index);
            if (rejection === undefined) {
                this.outbox.accepted(record, now);
                onAccepted?.(record.outgoing);
                if (traffic !== undefined) traffic.lagMs = now - record.arrivedAtMs;
                continue;
            }
            reason = `the stream did not accept all records (${rejection.code})`;
            if (rejection.shardId === undefined) failed.push(record);
            else if (!this.hasFailedForTooLong([record], reason)) this.outbox.throttled(record, rejection.shardId, now);
        }
        if (rejections.size > 0) onTrouble(reason);
        if (traffic !== undefined && rejections.size < batch.length) traffic.waitingSinceMs = now;
        const { inFlightMax } = this;
        this.inFlightMax =
            failed.length > 0 ? Math.ceil(inFlightMax / 2) : Math.min(inFlightMax + 1, REQUESTS_IN_FLIGHT_MAX);
        if (failed.length > 0) this.retry(failed, reason);
        this.room.ring();
    }

    /** All records of one request that were not accepted wait together, so that they also go together. */
    private retry(records: readonly HeldRecord[], reason: string): void {
        if (this.failure !== undefined || this.hasFailedForTooLong(records, reason)) return;
        const { surroundings, onTrouble } = this.sending;
        for (const record of records) this.outbox.failed(record);
        onTrouble(reason);
        const attempts = Math.max(...records.map((record) => record.attempts));
        const cancel = surroundings.after(backoffMs(attempts, surroundings.random), () => {
            this.cancelRetries.delete(cancel);
            for (const record of records) this.outbox.resume(record);
            this.bell.ring();
        });
        this.cancelRetries.add(cancel);
    }

    private hasFailedForTooLong(records: readonly HeldRecord[], reason: string): boolean {
        const { surroundings, outlastsOutages } = this.sending;
        // Who asks for the end of it does not wait for the end of an outage.
        if (outlastsOutages === true && !this.sourceEnded) return false;
        const sentSince = surroundings.now() - RETRY_MS_MAX;
        const isLate = (record: HeldRecord) =>
            record.firstSentAtMs <= sentSince && record.attempts + 1 >= RETRY_ATTEMPTS_MIN;
        if (!records.some(isLate)) return false;
        this.fail(new Failure(`Gave up after ${RETRY_MS_MAX / 1000} s of retries: ${reason}.`));
        return true;
    }

    /** The first failure is told; what is in flight is still waited for, as it may be accepted. */
    private fail(failure: Error): void {
        this.failure ??= failure;
        for (const cancel of this.cancelRetries) cancel();
        this.cancelRetries.clear();
        this.sending.stopSource();
        this.bell.ring();
        this.room.ring();
    }

    private report(batch: readonly HeldRecord[], sentAt: number, accepted: number, reason: string | undefined): void {
        const { onRequest, surroundings } = this.sending;
        if (onRequest === undefined) return;
        const bytes = batch.reduce((sum, record) => sum + record.bytes, 0);
        onRequest({ records: batch.length, bytes, milliseconds: surroundings.now() - sentAt, accepted, reason });
    }

    private showTraffic(): void {
        const { traffic } = this.sending;
        if (traffic === undefined) return;
        traffic.inFlight = this.requests.size;
        traffic.held = this.outbox.records;
        if (traffic.held === 0) traffic.waitingSinceMs = undefined;
        traffic.throttledShards = this.outbox.throttledShards;
    }
}

function asError(thrown: unknown): Error {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
}
