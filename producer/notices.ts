import { formatAmount, formatCount } from "../commandline/numbers";
import type { RequestReport } from "./sender";
import type { Refusal } from "./sources/source";

/** A file with a million bad lines is told of in as many lines as a terminal holds. All are counted in the account. */
export const REFUSALS_SHOWN_MAX = 20;
/** Each kind of trouble is told of once in that time, so that a stream that throttles for hours does not fill the log. */
export const TROUBLES_MS = 600_000;
const TROUBLES_SHOWN_MAX = 10;

/** What a user is told while posts are sent: a bounded number of lines. */
export class Notices {
    private refusals = 0;
    private readonly troubles = new Set<string>();
    private troublesSinceMs = -Infinity;

    /** @param now in milliseconds, from any start */
    constructor(
        private print: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
        private readonly now: () => number = () => performance.now(),
    ) {}

    /** From now on, lines go there. */
    showWith(print: (line: string) => void): void {
        this.print = print;
    }

    /** A line of a source. */
    notice(line: string): void {
        this.print(line);
    }

    /** Each request, for those who asked for that. */
    request({ records, bytes, milliseconds, accepted, reason }: RequestReport): void {
        const answer = reason === undefined ? "accepted" : `${formatCount(accepted)} accepted (${reason})`;
        const size = `${formatAmount(records, "record")}, ${formatAmount(bytes, "byte")}`;
        this.print(`Request of ${size}: ${answer} after ${formatCount(milliseconds)} ms.`);
    }

    refused({ detail }: Refusal): void {
        this.refusals += 1;
        if (this.refusals <= REFUSALS_SHOWN_MAX) this.print(`Refused ${detail}.`);
        if (this.refusals === REFUSALS_SHOWN_MAX) this.print("Further refusals are counted, and not shown.");
    }

    trouble(trouble: string): void {
        if (this.now() - this.troublesSinceMs >= TROUBLES_MS) {
            this.troubles.clear();
            this.troublesSinceMs = this.now();
        }
        if (this.troubles.has(trouble) || this.troubles.size >= TROUBLES_SHOWN_MAX) return;
        this.troubles.add(trouble);
        this.print(`Sending again, as ${trouble}.`);
    }
}
