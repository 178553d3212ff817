import { formatTable } from "../commandline/table";
import { formatCount, perSecond } from "../commandline/numbers";

/** Reasons to refuse or drop a post. */
export const TOO_LARGE = "too large for the stream";
export const QUEUE_FULL = "the queue was full";
export const EXPIRED = "not sent within --record-ttl";
export const DUPLICATE = "given twice by the source";

/**
 * What became of the posts of a run. At its end, `received` is `sent + refused + dropped + notSent`.
 */
export class Account {
    /** Posts (and lines that should have been posts) that the source gave. */
    received = 0;
    /** Posts that the stream has accepted. */
    sent = 0;
    /** How many times a post was sent again after the stream had not accepted it. */
    retried = 0;
    private readonly refusedByReason = new Map<string, number>();
    private readonly droppedByReason = new Map<string, number>();

    /** Not to be sent, ever: the reason says why. */
    refuse(reason: string): void {
        this.refusedByReason.set(reason, (this.refusedByReason.get(reason) ?? 0) + 1);
    }

    /** Left out on purpose, or for want of room or time: the reason says why. */
    drop(reason: string, count = 1): void {
        this.droppedByReason.set(reason, (this.droppedByReason.get(reason) ?? 0) + count);
    }

    get refused(): number {
        return sumOf(this.refusedByReason);
    }

    get dropped(): number {
        return sumOf(this.droppedByReason);
    }

    /** Posts that were wanted and are not in the stream. */
    get lost(): number {
        const dropped = (this.droppedByReason.get(QUEUE_FULL) ?? 0) + (this.droppedByReason.get(EXPIRED) ?? 0);
        return this.refused + dropped + this.notSent;
    }

    /** Received, and neither sent nor refused nor dropped. */
    get notSent(): number {
        return this.received - this.refused - this.dropped - this.sent;
    }

    /** What is worth a mention while it goes on: `12 retried, 3 refused`. */
    toNote(): string {
        return [countOf(this.retried, "retried"), countOf(this.refused, "refused"), countOf(this.dropped, "dropped")]
            .filter((fact) => fact !== "")
            .join(", ");
    }

    /** One line, for programs. */
    toJson(seconds: number, interrupted: boolean): string {
        return JSON.stringify({
            received: this.received,
            sent: this.sent,
            retried: this.retried,
            refused: this.refused,
            refusedByReason: Object.fromEntries(this.refusedByReason),
            dropped: this.dropped,
            droppedByReason: Object.fromEntries(this.droppedByReason),
            notSent: this.notSent,
            interrupted,
            seconds: Math.round(seconds * 1000) / 1000,
            postsPerSecond: perSecond(this.sent, seconds),
        });
    }

    /** For people. */
    toTable(seconds: number): string {
        const rows: [string, number][] = [
            ["received", this.received],
            ["sent", this.sent],
            ["retried", this.retried],
        ];
        for (const [reason, count] of this.refusedByReason) rows.push([`refused: ${reason}`, count]);
        if (this.refusedByReason.size === 0) rows.push(["refused", 0]);
        for (const [reason, count] of this.droppedByReason) rows.push([`dropped: ${reason}`, count]);
        if (this.notSent > 0) rows.push(["not sent", this.notSent]);
        rows.push(["seconds", Math.round(seconds * 1000) / 1000], ["posts per second", perSecond(this.sent, seconds)]);
        return formatTable({ rows });
    }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
    let sum = 0;
    for (const count of counts.values()) sum += count;
    return sum;
}

function countOf(count: number, what: string): string {
    return count === 0 ? "" : `${formatCount(count)} ${what}`;
}
