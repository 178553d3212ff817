import { formatTable } from "../commandline/table";
import { formatCount, perSecond } from "../commandline/numbers";

/**
 * What became of the posts of a run. At its end, `received` is `sent + refused + notSent`.
 */
export class Account {
    /** Posts (and lines that should have been posts) that the source gave. */
    received = 0;
    /** Posts that the stream has accepted. */
    sent = 0;
    /** How many times a post was sent again after the stream had not accepted it. */
    retried = 0;
    private readonly refusedByReason = new Map<string, number>();

    /** Not to be sent, ever: the reason says why. */
    refuse(reason: string): void {
        this.refusedByReason.set(reason, (this.refusedByReason.get(reason) ?? 0) + 1);
    }

    get refused(): number {
        let sum = 0;
        for (const count of this.refusedByReason.values()) sum += count;
        return sum;
    }

    /** Received, and neither sent nor refused. */
    get notSent(): number {
        return this.received - this.refused - this.sent;
    }

    /** What is worth a mention while it goes on: `12 retried, 3 refused`. */
    toNote(): string {
        const facts: string[] = [];
        if (this.retried > 0) facts.push(`${formatCount(this.retried)} retried`);
        if (this.refused > 0) facts.push(`${formatCount(this.refused)} refused`);
        return facts.join(", ");
    }

    /** One line, for programs. */
    toJson(seconds: number, interrupted: boolean): string {
        return JSON.stringify({
            received: this.received,
            sent: this.sent,
            retried: this.retried,
            refused: this.refused,
            refusedByReason: Object.fromEntries(this.refusedByReason),
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
        if (this.notSent > 0) rows.push(["not sent", this.notSent]);
        rows.push(["seconds", Math.round(seconds * 1000) / 1000], ["posts per second", perSecond(this.sent, seconds)]);
        return formatTable({ rows });
    }
}
