/** One record that failed, as its producer sent it. */
export interface FailedRecord {
    readonly partitionKey: string;
    readonly data: Uint8Array;
    /** Which the stream gave to it, decimal; records that the Kinesis Producer Library packed into one share it. */
    readonly sequenceNumber: string;
    /** The same as a number: the order in which the stream had the records. */
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
     * Reads its records, in any order.
     * @throws Unreadable when it is not what it should be; Failure when nothing can be read at all
     */
    readonly load: () => Promise<Loaded>;
    /**
     * Makes it no part of the next replay.
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

/** Something in a bundle is not what it should be: the bundle is left as it is, and the user told why. */
export class Unreadable extends Error {
    constructor(problem: string) {
        super(problem);
        this.name = "Unreadable";
    }
}
