import type { Loaded } from "./failed-record";
import type { Surveyed } from "./inventory";

/** Bundles that are loaded before their records are due: an answer of the bucket takes longer than what is done with it. */
export const LOADED_AHEAD_MAX = 8;
/** Of those together; one that is larger is loaded when it is due. */
const LOADED_AHEAD_BYTES_MAX = 32 * 1024 * 1024;

/** Loads bundles that are taken one after the other, in the order in which they are given here. */
export class ReadAhead {
    private next = 0;
    private bytes = 0;
    private readonly loading = new Map<Surveyed, Promise<Loaded | undefined>>();

    constructor(private readonly inOrder: readonly Surveyed[]) {}

    /** Settles as the `load` of the bundle does. */
    take(surveyed: Surveyed): Promise<Loaded | undefined> {
        const ahead = this.loading.get(surveyed);
        if (ahead === undefined) this.next += 1;
        else this.bytes -= surveyed.bytes;
        this.loading.delete(surveyed);
        const loaded = ahead ?? load(surveyed);
        this.fill();
        return loaded;
    }

    /** Resolves when nothing is being loaded any more. */
    async settled(): Promise<void> {
        await Promise.allSettled(this.loading.values());
    }

    private fill(): void {
        for (;;) {
            const surveyed = this.inOrder[this.next];
            if (surveyed === undefined || this.loading.size >= LOADED_AHEAD_MAX) return;
            if (this.bytes + surveyed.bytes > LOADED_AHEAD_BYTES_MAX) return;
            this.next += 1;
            this.bytes += surveyed.bytes;
            const loading = load(surveyed);
            // Whoever takes it is told.
            loading.catch(() => undefined);
            this.loading.set(surveyed, loading);
        }
    }
}

async function load({ bundle }: Surveyed): Promise<Loaded | undefined> {
    return bundle.load();
}
