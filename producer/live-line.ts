import { formatAmount, formatCount, formatSeconds } from "../commandline/numbers";
import type { Account } from "./account";
import type { Traffic } from "./sender";

/**
 * What is shown beside the count and the rate while posts are sent: `about $0.05, 4 in flight, 1,200 queued, lag 0.12 s, 12 retried`.
 * What a narrow terminal has no room for is cut off at the end.
 *
 * The lag is what the last post took from its arrival until the stream had it; or, while the stream takes none, since when.
 */
export function liveNote(traffic: Traffic, account: Account, sourceNote: string, nowMs: number): string {
    const { inFlight, held, throttledShards, lagMs, waitingSinceMs = nowMs } = traffic;
    const facts = [
        sourceNote,
        `${formatCount(inFlight)} in flight`,
        `${formatCount(held)} queued`,
        `lag ${formatSeconds(Math.max(lagMs, nowMs - waitingSinceMs) / 1000)}`,
        throttledShards === 0 ? "" : `${formatAmount(throttledShards, "shard")} throttled`,
        account.toNote(),
    ];
    return facts.filter((fact) => fact !== "").join(", ");
}
