import type { Item } from "../local/dynamodb/service";

/** What is billed of a run. */
export interface Counts {
    posts: number;
    invocations: number;
    /** Each invocation's, rounded up. */
    functionMs: number;
    logBytes: number;
    writeUnits: number;
}

/** List prices of us-east-1 in US dollars, as in the README. */
const PRICES = {
    shardHour: 0.015,
    putUnit: 0.014 / 1e6,
    invocation: 0.2 / 1e6,
    armGbSecond: 0.0000133334,
    x86GbSecond: 0.0000166667,
    writeUnit: 0.625 / 1e6,
    logGb: 0.5,
} as const;

const GB = 1024 ** 3;
const UNIT_BYTES = 1024;

export interface Conditions {
    shards: number;
    postsPerSecond: number;
    memoryMb: number;
    architecture: "arm64" | "x86_64";
}

/** What a million posts cost, in US dollars, of the stream, the function, its log and the writes. */
export function costPerMillionPosts(counts: Counts, conditions: Conditions): number {
    const { posts, invocations, functionMs, logBytes, writeUnits } = counts;
    const { shards, postsPerSecond, memoryMb, architecture } = conditions;
    const gbSeconds = (functionMs / 1000) * (memoryMb / 1024);
    const gbSecond = architecture === "arm64" ? PRICES.armGbSecond : PRICES.x86GbSecond;
    // A record of less than 25 KB is a PUT payload unit, however many of them are in a request.
    const stream = posts * PRICES.putUnit + (posts / postsPerSecond / 3_600) * shards * PRICES.shardHour;
    const lambda = invocations * PRICES.invocation + gbSeconds * gbSecond + (logBytes / GB) * PRICES.logGb;
    return ((stream + lambda + writeUnits * PRICES.writeUnit) / posts) * 1e6;
}

/** One write unit for each started KB of an item, names and values together. */
export function itemUnits(item: Item): number {
    let bytes = 0;
    for (const [name, value] of Object.entries(item)) {
        bytes += Buffer.byteLength(name, "utf8") + Buffer.byteLength(String(value.S ?? value.N), "utf8");
    }
    return Math.ceil(bytes / UNIT_BYTES);
}
