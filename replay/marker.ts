import { Failure } from "../commandline/failure";
import { printable } from "../commandline/text";
import type { Bundle } from "./failed-record";

/** Bundles that are being marked at a time; each takes two requests. */
const MARKS_IN_FLIGHT_MAX = 8;

export interface Marking {
    readonly onMarked: () => void;
    /** One that cannot be marked, in a line: the next run sends it again. */
    readonly onLeft: (line: string) => void;
}

/** Marks bundles whose records are all accepted, a few at a time, while others are sent. */
export class Marker {
    private readonly waiting: Bundle[] = [];
    private readonly marking = new Set<Promise<void>>();

    constructor(private readonly options: Marking) {}

    add(bundle: Bundle): void {
        this.waiting.push(bundle);
        if (this.marking.size < MARKS_IN_FLIGHT_MAX) this.start();
    }

    /** Resolves when all that were added are marked, or told. */
    async settled(): Promise<void> {
        while (this.marking.size > 0) await Promise.all(this.marking);
    }

    private start(): void {
        const marking = this.mark().finally(() => {
            this.marking.delete(marking);
            // One that was added when all others had just found nothing to do.
            if (this.waiting.length > 0) this.start();
        });
        this.marking.add(marking);
    }

    private async mark(): Promise<void> {
        const { onMarked, onLeft } = this.options;
        for (let bundle = this.waiting.shift(); bundle !== undefined; bundle = this.waiting.shift()) {
            try {
                await bundle.markReplayed();
                onMarked();
            } catch (error) {
                const said = error instanceof Failure ? error.message : String(error);
                onLeft(`Sent, and not marked as replayed, ${printable(bundle.name)}: ${said}`);
            }
        }
    }
}
