import { formatAmount } from "../commandline/numbers";
import { printable } from "../commandline/text";
import type { Version } from "../consumer/version";

/** One record that failed, as its producer sent it, with its place in the stream. */
export interface FailedRecord extends Readonly<Version> {
    readonly partitionKey: string;
    readonly data: Uint8Array;
    /** The sequence number: the order in which the stream had the records. */
    readonly position: bigint;
    /** When it arrived in the stream, milliseconds since 1970. */
    readonly arrivalMs: number;
    readonly reason: string;
}

/** What is replayed as a whole: an object of the bucket, or a batch that is read from the stream again. */
export interface Bundle {
    /** Names it to people: the key of the object, or the range of the batch. */
    readonly name: string;
    /** `quarantine`, `aws`, or `stream`. */
    readonly origin: string;
    /**
     * Reads its records, in any order. Undefined when it is not there any more: another replay has moved it, or someone has
     * deleted it.
     * @throws Unreadable when it is not what it should be; Failure when nothing can be read at all
     */
    readonly load: () => Promise<Loaded | undefined>;
    /**
     * Makes it no part of the next replay, also when it is not there any more.
     * @throws Failure
     */
    readonly markReplayed: () => Promise<void>;
}

export interface Loaded {
    readonly records: readonly FailedRecord[];
    /** Records that should be there and are gone for good. */
    readonly expired: number;
    /** What was read, as a measure of the memory that it takes. */
    readonly bytes: number;
}

/** Says that records of a bundle are gone for good. */
export function expiredLine({ name }: Bundle, expired: number): string {
    const records = formatAmount(expired, "record");
    return `Expired: ${records} of ${printable(name)}, at least; the stream no longer has them, and they are nowhere else.`;
}

/** Something in a bundle is not what it should be: the bundle is left as it is, and the user told why. */
export class Unreadable extends Error {
    constructor(problem: string) {
        super(problem);
        this.name = "Unreadable";
    }
}
