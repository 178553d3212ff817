import { ACCOUNT_ID } from "../../account";
import type { GetShardIteratorInput, ShardIteratorType } from "../api";
import { invalidArgument, readRateExceeded } from "../errors";
import { required, string, timestamp } from "../members";
import { parseSequenceNumber } from "../sequence-number";
import type { Shard } from "../shard";
import { formatShardId } from "../shard-id";
import { encodeIterator } from "../shard-iterator";
import type { Stream } from "../stream";
import { shardToRead } from "../streams";
import {
    sequenceNumberMember,
    shardIdMember,
    streamInReference,
    streamReferenceMembers,
    type Operation,
} from "./operation";

const TYPES: readonly ShardIteratorType[] = [
    "AFTER_SEQUENCE_NUMBER",
    "LATEST",
    "AT_TIMESTAMP",
    "AT_SEQUENCE_NUMBER",
    "TRIM_HORIZON",
];

/**
 * "GetShardIterator has a limit of five transactions per second per account per open shard."
 *
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
 */
export const getShardIterator: Operation<"GetShardIterator"> = {
    members: {
        ShardId: required(shardIdMember),
        ShardIteratorType: required(string({ values: TYPES })),
        StartingSequenceNumber: sequenceNumberMember,
        Timestamp: timestamp,
        ...streamReferenceMembers,
    },
    streamName: streamInReference,
    run(input, { streams, now }) {
        const stream = streams.requireForRecords(input);
        stream.sweep(now);
        const shard = shardToRead(stream, input.ShardId);
        checkCombination(input);
        if (!shard.iteratorRate.take(now)) throw readRateExceeded(shard.id, stream.name);
        const record = startingIndex(stream, shard, input, now);
        const { name, incarnation } = stream;
        return { ShardIterator: encodeIterator({ stream: name, incarnation, shard: shard.index, record }, now) };
    },
};

function checkCombination(input: GetShardIteratorInput): void {
    const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp } = input;
    if (type === "AT_TIMESTAMP") {
        if (Timestamp !== undefined) return;
        throw invalidArgument(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. " +
                "Current request has no timestamp parameter.",
        );
    }
    const needsNumber = type === "AT_SEQUENCE_NUMBER" || type === "AFTER_SEQUENCE_NUMBER";
    if (needsNumber === (number !== undefined)) return;
    throw invalidArgument(
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or " +
            "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. " +
            `Request specified ${type} and ${needsNumber ? "no" : "also a"} StartingSequenceNumber.`,
    );
}

/** The index in the shard's log from which to read. One behind the trim horizon is moved up when it is read. */
function startingIndex(stream: Stream, shard: Shard, input: GetShardIteratorInput, now: number): number {
    const { ShardIteratorType: type, StartingSequenceNumber: number = "", Timestamp = 0 } = input;
    switch (type) {
        case "TRIM_HORIZON":
            return shard.log.firstIndex;
        case "LATEST":
            return shard.log.nextIndex;
        case "AT_TIMESTAMP":
            return indexAtTime(shard, Timestamp * 1000, now);
        case "AT_SEQUENCE_NUMBER":
            return indexOfNumber(stream, shard, number);
        case "AFTER_SEQUENCE_NUMBER":
            return Math.min(indexOfNumber(stream, shard, number) + 1, shard.log.nextIndex);
    }
}

function indexAtTime(shard: Shard, time: number, now: number): number {
    if (time > now) {
        throw invalidArgument(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. " +
                `timestampInMillis: ${Math.round(time)}, currentTimestampInMillis: ${now}`,
        );
    }
    // Rounded, because 1700000000.123 seconds times 1000 is not always the whole number that was meant.
    return shard.log.indexAt(Math.round(time));
}

/** O(1): the number says the record's position. */
function indexOfNumber(stream: Stream, shard: Shard, text: string): number {
    const number = parseSequenceNumber(text);
    const used =
        `StartingSequenceNumber ${text} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} ` +
        `under account ${ACCOUNT_ID} is invalid`;
    if (number === undefined) throw invalidArgument(`${used}.`);
    if (number.shardIndex !== shard.index) {
        throw invalidArgument(
            `Invalid StartingSequenceNumber. It encodes ${formatShardId(number.shardIndex)}, ` +
                `while it was used in a call to a shard with ${shard.id}`,
        );
    }
    if (number.shardCreatedSeconds !== shard.createdSeconds) {
        throw invalidArgument(`${used} because it did not come from this stream.`);
    }
    if (number.recordIndex === Infinity && shard.closedAt !== undefined) return shard.log.nextIndex;
    if (number.recordIndex >= shard.log.nextIndex) throw invalidArgument(`${used}.`);
    return number.recordIndex;
}
