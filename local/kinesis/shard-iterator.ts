import { AwsError } from "../aws-error";
import { invalidArgument } from "./errors";
import { TOKEN_AGE_MS_MAX } from "./limits";
import { decodeToken, encodeToken } from "./token";

/** A position in a shard: what a shard iterator says. */
export interface ShardPosition {
    readonly stream: string;
    /** Of the stream: one that was created anew under its old name has other records. */
    readonly incarnation: number;
    readonly shard: number;
    /** The index of the record to read next. */
    readonly record: number;
}

interface Content extends ShardPosition {
    readonly kind: "iterator";
    readonly at: number;
}

export function encodeIterator(position: ShardPosition, now: number): string {
    const { stream, incarnation, shard, record } = position;
    return encodeToken({ kind: "iterator", stream, incarnation, shard, record, at: now } satisfies Content);
}

/** The position, if the iterator is one and has not expired. */
export function decodeIterator(iterator: string, now: number): ShardPosition {
    const content = readIterator(iterator);
    if (content === undefined) throw invalidArgument("Invalid ShardIterator.");
    if (now - content.at > TOKEN_AGE_MS_MAX) {
        throw new AwsError(
            "ExpiredIteratorException",
            `Iterator expired. The iterator was created at time ${javaDate(content.at)} while right now it is ` +
                `${javaDate(now)} which is further in the future than the tolerated delay of ` +
                `${TOKEN_AGE_MS_MAX} milliseconds.`,
        );
    }
    return content;
}

/** The name of the stream that an iterator is for, also of an expired one; undefined if it is no iterator. */
export function streamOfIterator(iterator: string): string | undefined {
    return readIterator(iterator)?.stream;
}

function readIterator(iterator: string): Content | undefined {
    const content = decodeToken(iterator) as Partial<Content> | undefined;
    return content?.kind === "iterator" ? (content as Content) : undefined;
}

/** `Thu Jan 22 01:22:02 UTC 2015` */
function javaDate(time: number): string {
    const [weekday = "", day = "", month = "", year = "", clock = ""] = new Date(time)
        .toUTCString()
        .replace(",", "")
        .split(" ");
    return `${weekday} ${month} ${day} ${clock} UTC ${year}`;
}
