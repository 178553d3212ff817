import { formatAmount, formatCount, formatSeconds } from "../commandline/numbers";
import type { Account } from "./account";
import type { Traffic } from "./sender";

/** What is shown beside the count and the rate while posts are sent: `4 in flight, 1,200 queued, lag 0.12 s, 12 retried, $0.05`. */
export function liveNote(traffic: Traffic, account: Account, sourceNote: string): string {
    const { inFlight, held, throttledShards, lagMs } = traffic;
    const facts = [
        `${formatCount(inFlight)} in flight`,
        `${formatCount(held)} queued`,
        throttledShards === 0 ? "" : `${formatAmount(throttledShards, "shard")} throttled`,
        `lag ${formatSeconds(lagMs / 1000)}`,
        account.toNote(),
        sourceNote,
    ];
    return facts.filter((fact) => fact !== "").join(", ");
}
