import { performance } from "node:perf_hooks";

/** What whoever starts the demo waits for, in order; the cloud starts while the program loads. */
export const MOMENTS = [
    "the program's process starts",
    "the embedded cloud is up",
    "the program has loaded Pulumi",
    "the program registers its first resource",
    "the function is created",
    "the deployment has its outputs",
    "the first batch goes to the function",
    "the first post is stored",
] as const;
export type Moment = (typeof MOMENTS)[number];

/** Notes when a moment comes for the first time. */
export function reached(moment: Moment): void {
    if (performance.getEntriesByName(moment).length === 0) {
        performance.mark(moment);
    }
}

/** The moments that have come, with the milliseconds since this process was started. */
export function timings(): { readonly moment: Moment; readonly atMs: number }[] {
    return MOMENTS.flatMap((moment) => {
        const [mark] = performance.getEntriesByName(moment);
        return mark === undefined ? [] : [{ moment, atMs: mark.startTime }];
    }).sort((a, b) => a.atMs - b.atMs);
}
