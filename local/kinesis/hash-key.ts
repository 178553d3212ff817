import { hash } from "node:crypto";

/**
 * Hash keys are integers of 128 bits, decimal text in the API. Here they are 32 hexadecimal digits, whose order as text
 * is their order as numbers: the digest of a partition key is routed without making a BigInt of it.
 */
export type HashKey = string;

export interface HashKeyRange {
    /** Inclusive, both. */
    readonly start: HashKey;
    readonly end: HashKey;
}

const DIGITS = 32;
const KEYS = 2n ** 128n;

export function hashKeyOf(partitionKey: string): HashKey {
    return hash("md5", partitionKey);
}

/** Reads a decimal number; undefined if it is 2^128 or more. */
export function hashKeyFromDecimal(text: string): HashKey | undefined {
    const key = BigInt(text);
    return key < KEYS ? toHashKey(key) : undefined;
}

export function toDecimal(key: HashKey): string {
    return BigInt(`0x${key}`).toString();
}

/** The key before this one, which must not be the first. */
export function previousHashKey(key: HashKey): HashKey {
    return toHashKey(BigInt(`0x${key}`) - 1n);
}

/** Cuts the whole space into `count` ranges of one size, as CreateStream and UNIFORM_SCALING do; the last takes the rest. */
export function uniformRanges(count: number): HashKeyRange[] {
    const size = KEYS / BigInt(count);
    return Array.from({ length: count }, (_, index) => ({
        start: toHashKey(size * BigInt(index)),
        end: toHashKey(index === count - 1 ? KEYS - 1n : size * BigInt(index + 1) - 1n),
    }));
}

function toHashKey(key: bigint): HashKey {
    return key.toString(16).padStart(DIGITS, "0");
}
