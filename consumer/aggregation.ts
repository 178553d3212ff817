import { createHash } from "node:crypto";

/**
 * The format in which the Kinesis Producer Library packs many records into one: magic number, protobuf message, MD5 of the
 * message (github.com/awslabs/amazon-kinesis-producer, aggregation-format.md). A producer of that kind is common, and to
 * everyone who reads with Amazon's own consumer library its packing is invisible, so it is here. The one package for it
 * brings protobufjs; the function would no longer be one small file.
 */
const MAGIC = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST_BYTES = 16;

/** Field numbers of `AggregatedRecord` and of the `Record` in it. */
const PARTITION_KEY_TABLE = 1;
const RECORDS = 3;
const RECORD_PARTITION_KEY_INDEX = 1;
const RECORD_DATA = 3;

/** The wire types of protobuf that the format uses. */
const VARINT = 0;
const BYTES = 2;

/** Indexes and lengths stay below this: seven bits in each of four bytes reach 256 MiB, and a record has at most 10. */
const VARINT_BYTES_MAX = 4;

export interface Part {
    partitionKey: string;
    data: Uint8Array;
}

/** No UTF-8 text starts with the magic number, so a wire record is never taken for an aggregate. */
export function isAggregate(data: Uint8Array): boolean {
    return MAGIC.every((byte, index) => data[index] === byte);
}

/** The records in an aggregate; undefined if `data` is not one, or a damaged or empty one. Never throws. */
export function disaggregate(data: Uint8Array): Part[] | undefined {
    if (!isAggregate(data) || data.length < MAGIC.length + DIGEST_BYTES) return undefined;
    const message = data.subarray(MAGIC.length, data.length - DIGEST_BYTES);
    const digest = createHash("md5").update(message).digest();
    if (!digest.equals(data.subarray(data.length - DIGEST_BYTES))) return undefined;

    const fields = readFields(message);
    if (fields === undefined) return undefined;
    const keys = fields.filter((field) => field.number === PARTITION_KEY_TABLE);
    const parts: Part[] = [];
    for (const record of fields.filter((field) => field.number === RECORDS)) {
        const inner = readFields(record.bytes);
        const keyIndex = inner?.find((field) => field.number === RECORD_PARTITION_KEY_INDEX)?.value ?? -1;
        const bytes = inner?.find((field) => field.number === RECORD_DATA)?.bytes;
        const key = keys[keyIndex]?.bytes;
        if (bytes === undefined || key === undefined) return undefined;
        parts.push({ partitionKey: Buffer.from(key).toString("utf8"), data: bytes });
    }
    return parts.length > 0 ? parts : undefined;
}

interface Field {
    number: number;
    /** Of a varint field; a bytes field has its length here. */
    value: number;
    /** Of a bytes field; empty for a varint. */
    bytes: Uint8Array;
}

/** The fields of one protobuf message; undefined if it is not one, or one of other wire types than the format's. */
function readFields(message: Uint8Array): Field[] | undefined {
    const fields: Field[] = [];
    let offset = 0;
    while (offset < message.length) {
        const tag = readVarint(message, offset);
        const value = tag === undefined ? undefined : readVarint(message, tag.end);
        if (tag === undefined || value === undefined) return undefined;
        const wireType = tag.value & 0b111;
        if (wireType !== VARINT && wireType !== BYTES) return undefined;
        const end = value.end + (wireType === BYTES ? value.value : 0);
        if (end > message.length) return undefined;
        fields.push({ number: tag.value >>> 3, value: value.value, bytes: message.subarray(value.end, end) });
        offset = end;
    }
    return fields;
}

function readVarint(message: Uint8Array, start: number): { value: number; end: number } | undefined {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
        const byte = message[start + index];
        if (byte === undefined) return undefined;
        value |= (byte & 0x7f) << (7 * index);
        if (byte < 0x80) return { value, end: start + index + 1 };
    }
    return undefined;
}
