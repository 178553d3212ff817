import { Failure } from "../commandline/failure";
import { formatAmount } from "../commandline/numbers";
import { printable } from "../commandline/text";
import type { WireRecord } from "../wire-record";
import type { Account } from "./account";
import { backoffMs } from "./backoff";
import { Outbox, RECORD_BYTES_MAX, outgoingRecord, type OutgoingRecord } from "./batching";
import { Bell } from "./bell";
import type { Refusal } from "./sources/source";
import { StreamFault, type PutRecords } from "./stream-fault";

/**
 * Requests under way at a time: 20,000 posts/s at a round trip of 100 ms, more than the processor manages at one of 10 ms.
 * Twice as many were slower by a quarter against a server on the same two cores.
 */
export const REQUESTS_IN_FLIGHT_MAX = 4;
/** Posts held in memory: the source is asked for no more until there is room. One chunk of the source can come on top. */
const HELD_RECORDS_MAX = 10_000;
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** With more records than this to be sent again, the stream has enough to do: nothing new is sent. */
const RETRYING_RECORDS_MAX = 500;
/** A record that was not accepted for so long after it was first sent ends the run. */
export const RETRY_MS_MAX = 120_000;

const TOO_LARGE = "too large for the stream";

/** Time and chance, passed in so that tests rule them. */
export interface Surroundings {
    /** In milliseconds, from any start. */
    now: () => number;
    /** Calls back after that time, unless the returned function is called before. */
    after: (milliseconds: number, callback: () => void) => () => void;
    /** Lets the event loop handle what has arrived. */
    nextTurn: () => Promise<void>;
    /** From 0 (included) to 1 (excluded). */
    random: () => number;
}

export interface Sending {
    chunks: AsyncIterable<readonly WireRecord[]>;
    putRecords: PutRecords;
    account: Account;
    surroundings: Surroundings;
    /** Aborted to give up at once, also on what is in flight. */
    abort: AbortSignal;
    /** Makes the source end. */
    stopSource: () => void;
    /** Told of each post that the account counts as refused here. */
    onRefused: (refusal: Refusal) => void;
    /** A fault that may pass, as a sentence for people. */
    onTrouble: (trouble: string) => void;
}

/**
 * Sends every post of the source to the stream and counts what becomes of each in the account. Resolves when the source has
 * ended and the stream has accepted everything. Throws a `Failure` that says why when posts were not sent: the stream
 * refuses requests for good, or did not accept a record within `RETRY_MS_MAX`, or `abort` was aborted; or what the
 * source throws, after sending what it gave before. When it settles, nothing is under way.
 *
 * Each post is sent until the stream says that it has it. If the connection breaks after the stream has accepted a request
 * and before it has said so, the retry makes the stream hold those posts twice: at least once is what Kinesis offers. The
 * table's key, author and identifier, makes one item of them again.
 */
export async function sendAll(sending: Sending): Promise<void> {
    await new Sender(sending).run();
}

class Sender {
    private readonly outbox = new Outbox();
    /** Rung whenever there may be something to do: records arrived, a response came, a wait is over. */
    private readonly bell = new Bell();
    /** Rung when records have left the outbox. */
    private readonly room = new Bell();
    private readonly cancelRetries = new Set<() => void>();
    private inFlight = 0;
    /** Fewer while the stream does not accept all, as in TCP: half of it after each such response, one more after others. */
    private inFlightMax = REQUESTS_IN_FLIGHT_MAX;
    private sourceEnded = false;
    private sourceError: Error | undefined;
    private failure: Error | undefined;

    constructor(private readonly sending: Sending) {}

    async run(): Promise<void> {
        const onAbort = () => this.fail(new Failure("Aborted.", 130));
        this.sending.abort.addEventListener("abort", onAbort);
        const reading = this.read();
        await this.sendUntilDone();
        await reading;
        this.sending.abort.removeEventListener("abort", onAbort);
        if (this.failure !== undefined) throw this.failure;
        if (this.sourceError !== undefined) throw this.sourceError;
    }

    private async read(): Promise<void> {
        const { chunks, surroundings } = this.sending;
        try {
            for await (const posts of chunks) {
                const now = surroundings.now();
                for (const post of posts) this.receive(post, now);
                this.bell.ring();
                await surroundings.nextTurn();
                while (this.isFull() && this.failure === undefined) await this.room.rung();
                if (this.failure !== undefined) break;
            }
        } catch (error) {
            this.sourceError = asError(error);
        }
        this.sourceEnded = true;
        this.bell.ring();
    }

    private receive(post: WireRecord, now: number): void {
        const { account, onRefused } = this.sending;
        account.received += 1;
        const record = outgoingRecord(post, now);
        if (record.bytes <= RECORD_BYTES_MAX) {
            this.outbox.add(record);
            return;
        }
        const name = `post ${printable(post.id, 60)} of ${printable(post.username, 60)}`;
        const sizes = `${formatAmount(record.bytes, "byte")}, and the stream takes ${formatAmount(RECORD_BYTES_MAX, "byte")}`;
        account.refuse(TOO_LARGE);
        onRefused({ reason: TOO_LARGE, detail: `${name}: ${sizes}` });
    }

    private isFull(): boolean {
        return this.outbox.records >= HELD_RECORDS_MAX || this.outbox.bytes >= HELD_BYTES_MAX;
    }

    /** Returns when everything is accepted, or, after a failure, when nothing is in flight any more. */
    private async sendUntilDone(): Promise<void> {
        const requests = new Set<Promise<void>>();
        while (!this.isDone()) {
            const dueAt = this.nextDueAt();
            const wait = dueAt === undefined ? undefined : dueAt - this.sending.surroundings.now();
            if (wait !== undefined && wait <= 0) {
                this.inFlight += 1;
                const request = this.request(this.outbox.take(this.isThrottled())).finally(() =>
                    requests.delete(request),
                );
                requests.add(request);
            } else {
                await this.ringOr(wait);
            }
        }
        await Promise.all(requests);
    }

    private isDone(): boolean {
        if (this.failure !== undefined) return true;
        return this.sourceEnded && this.outbox.records === 0;
    }

    /** When the next request may be made; undefined if that depends on something that rings the bell. */
    private nextDueAt(): number | undefined {
        if (this.inFlight >= this.inFlightMax) return undefined;
        const isIdle = this.inFlight === 0;
        const noMore = this.sourceEnded || (isIdle && this.isFull());
        return this.outbox.dueAtMs({ isIdle, noMore, retriesOnly: this.isThrottled() });
    }

    private isThrottled(): boolean {
        return this.outbox.retrying >= RETRYING_RECORDS_MAX;
    }

    private async ringOr(milliseconds: number | undefined): Promise<void> {
        if (milliseconds === undefined) return this.bell.rung();
        const cancel = this.sending.surroundings.after(milliseconds, () => this.bell.ring());
        await this.bell.rung();
        cancel();
    }

    private async request(batch: readonly OutgoingRecord[]): Promise<void> {
        const { putRecords, account, surroundings, abort } = this.sending;
        const sentAt = surroundings.now();
        for (const record of batch) {
            if (record.attempts === 0) record.firstSentAtMs = sentAt;
            else account.retried += 1;
        }
        try {
            const errorCodes = await putRecords(batch, abort);
            this.settle(batch, errorCodes);
        } catch (error) {
            if (error instanceof StreamFault && error.mayPass) this.retry(batch, error.message);
            else this.fail(error instanceof StreamFault ? new Failure(error.message) : asError(error));
        }
        this.inFlight -= 1;
        this.bell.ring();
    }

    private settle(batch: readonly OutgoingRecord[], errorCodes: readonly (string | undefined)[]): void {
        const now = this.sending.surroundings.now();
        const failed: OutgoingRecord[] = [];
        let errorCode = "";
        for (const [index, record] of batch.entries()) {
            const code = errorCodes[index];
            if (code === undefined) {
                this.outbox.accepted(record, now);
            } else {
                failed.push(record);
                errorCode = code;
            }
        }
        this.sending.account.sent += batch.length - failed.length;
        const { inFlightMax } = this;
        this.inFlightMax =
            failed.length > 0 ? Math.ceil(inFlightMax / 2) : Math.min(inFlightMax + 1, REQUESTS_IN_FLIGHT_MAX);
        if (failed.length > 0) this.retry(failed, `the stream did not accept all records (${errorCode})`);
        this.room.ring();
    }

    /** All records of one request that were not accepted wait together, so that they also go together. */
    private retry(records: readonly OutgoingRecord[], reason: string): void {
        if (this.failure !== undefined) return;
        const { surroundings, onTrouble } = this.sending;
        for (const record of records) this.outbox.failed(record);
        const waitingSince = Math.min(...records.map(({ firstSentAtMs }) => firstSentAtMs));
        if (surroundings.now() - waitingSince >= RETRY_MS_MAX) {
            this.fail(new Failure(`Gave up after ${RETRY_MS_MAX / 1000} s of retries: ${reason}.`));
            return;
        }
        onTrouble(reason);
        const attempts = Math.max(...records.map((record) => record.attempts));
        const cancel = surroundings.after(backoffMs(attempts, surroundings.random), () => {
            this.cancelRetries.delete(cancel);
            for (const record of records) this.outbox.resume(record);
            this.bell.ring();
        });
        this.cancelRetries.add(cancel);
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
}

function asError(thrown: unknown): Error {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
}
