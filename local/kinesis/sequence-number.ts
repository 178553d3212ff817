/**
 * Sequence numbers have the form seen on AWS: a number of 186 bits, 56 digits in decimal, here with the fields
 *
 *     2 | shard created, seconds: 36 | shard index, low bits: 4 | record index: 64 | 0: 8 | written, seconds: 36 |
 *     shard index: 32 | version 2: 4
 *
 * from the highest bit to the lowest. The record index counts in the shard, so that numbers grow with every record of a
 * shard and tell the position of a record; a child shard is created in a later second than its parents (see shard.ts), so
 * that all its numbers are greater than theirs.
 */
export interface SequenceNumber {
    readonly shardCreatedSeconds: number;
    readonly shardIndex: number;
    /** 0 is the start of the shard, records count from 1. */
    readonly recordIndex: number;
    readonly writtenSeconds: number;
}

/** The record index of a closed shard's EndingSequenceNumber: greater than that of any record. */
const LAST_RECORD_INDEX = 0x7fffffffffffffffn;
const LEADING = 2n << 184n;
const VERSION = 2n;

/** Makes the numbers of one shard. */
export class SequenceNumbers {
    readonly #shard: bigint;
    #seconds = -1;
    /** Everything but the record index; it changes once a second. */
    #rest = 0n;

    constructor(shardCreatedSeconds: number, shardIndex: number) {
        const index = BigInt(shardIndex);
        this.#shard =
            LEADING | (BigInt(shardCreatedSeconds) << 148n) | ((index & 15n) << 144n) | (index << 4n) | VERSION;
    }

    format(recordIndex: number, writtenSeconds: number): string {
        return (this.#at(writtenSeconds) | (BigInt(recordIndex) << 80n)).toString();
    }

    formatEnd(closedSeconds: number): string {
        return (this.#at(closedSeconds) | (LAST_RECORD_INDEX << 80n)).toString();
    }

    #at(seconds: number): bigint {
        if (seconds !== this.#seconds) {
            this.#seconds = seconds;
            this.#rest = this.#shard | (BigInt(seconds) << 36n);
        }
        return this.#rest;
    }
}

/** Reads a decimal number; undefined if it is not of the form above. The end of a shard has the index Infinity. */
export function parseSequenceNumber(text: string): SequenceNumber | undefined {
    const number = BigInt(text);
    const recordIndex = bits(number, 80n, 64n);
    const shardIndex = bits(number, 4n, 32n);
    const wellFormed =
        number >> 184n === 2n &&
        bits(number, 0n, 4n) === VERSION &&
        bits(number, 72n, 8n) === 0n &&
        bits(number, 144n, 4n) === (shardIndex & 15n) &&
        recordIndex <= LAST_RECORD_INDEX;
    if (!wellFormed) return undefined;
    return {
        shardCreatedSeconds: Number(bits(number, 148n, 36n)),
        shardIndex: Number(shardIndex),
        recordIndex: recordIndex === LAST_RECORD_INDEX ? Infinity : Number(recordIndex),
        writtenSeconds: Number(bits(number, 36n, 36n)),
    };
}

function bits(number: bigint, from: bigint, count: bigint): bigint {
    return (number >> from) & ((1n << count) - 1n);
}
