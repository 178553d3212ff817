import { createHash } from "node:crypto";
import type { Delivery, KinesisEvent, KinesisEventRecord } from "../../../consumer/delivery";
import type { Item } from "../../../consumer/item";
import type { Version } from "../../../consumer/version";
import { encodeWireRecord } from "../../../wire-record";
import type { WireRecord } from "../../../wire-record";

export const STREAM_ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/posts-stream";
export const SHARD = "shardId-000000000000";
/** 2026-11-23T23:59:59.125Z, one second before another day. */
export const ARRIVAL_SECONDS = 1795478399.125;

/** Sequence numbers as Kinesis makes them: 56 digits, so that JavaScript's numbers cannot tell them apart. */
export function sequenceNumber(n: number): string {
    return (49545115243490985018280067714973144582180062593244200961n + BigInt(n)).toString();
}

/** The place in the stream of the record with that sequence number, or of a part of it. */
export function version(n: number, subSequenceNumber = 0): Version {
    return { sequenceNumber: sequenceNumber(n), subSequenceNumber };
}

export function post(overrides: Partial<WireRecord> = {}): WireRecord {
    return {
        username: "ada",
        id: "1",
        timestamp: "2026-11-23T06:00:00.000Z",
        message: "hello",
        source: "test",
        ...overrides,
    };
}

export function bytesOf(overrides: Partial<WireRecord> = {}): Uint8Array {
    return encodeWireRecord(post(overrides));
}

export function kinesisRecord(
    data: Uint8Array,
    n: number,
    { shard = SHARD, partitionKey = "ada", arrivalSeconds = ARRIVAL_SECONDS, arn = STREAM_ARN } = {},
): KinesisEventRecord {
    return {
        eventID: `${shard}:${sequenceNumber(n)}`,
        eventSourceARN: arn,
        kinesis: {
            data: Buffer.from(data).toString("base64"),
            sequenceNumber: sequenceNumber(n),
            partitionKey,
            approximateArrivalTimestamp: arrivalSeconds,
        },
    };
}

/** An event with the given records, numbered from 0. */
export function kinesisEvent(datas: Uint8Array[]): KinesisEvent {
    return { Records: datas.map((data, n) => kinesisRecord(data, n)) };
}

/** `count` posts with ids `0`, `1`, … */
export function posts(count: number, overrides: Partial<WireRecord> = {}): Uint8Array[] {
    return Array.from({ length: count }, (_, n) => bytesOf({ id: String(n), ...overrides }));
}

export function delivery(n: number, overrides: Partial<Delivery> = {}): Delivery {
    return {
        stream: "posts-stream",
        shard: SHARD,
        sequenceNumber: sequenceNumber(n),
        subSequenceNumber: 0,
        partitionKey: "ada",
        arrivalMs: ARRIVAL_SECONDS * 1000,
        data: Buffer.from("data"),
        ...overrides,
    };
}

export function item(overrides: Partial<Item> = {}): Item {
    return {
        Username: "ada",
        Id: "1",
        Timestamp: "2026-11-23T06:00:00.000Z",
        Message: "hello",
        Source: "test",
        SequenceNumber: sequenceNumber(0),
        ...overrides,
    };
}

/** Packs records as the Kinesis Producer Library does. */
export function aggregate(parts: { partitionKey: string; data: Uint8Array }[]): Buffer {
    const keys = [...new Set(parts.map(({ partitionKey }) => partitionKey))];
    const message = Buffer.concat([
        ...keys.map((key) => bytesField(1, Buffer.from(key, "utf8"))),
        ...parts.map(({ partitionKey, data }) => {
            const index = Buffer.concat([varint(1 << 3), varint(keys.indexOf(partitionKey))]);
            return bytesField(3, Buffer.concat([index, bytesField(3, data)]));
        }),
    ]);
    return withDigest(message);
}

/** A protobuf message with the magic number and a right digest around it. */
export function withDigest(message: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from("f3899ac2", "hex"), message, createHash("md5").update(message).digest()]);
}

function bytesField(number: number, bytes: Uint8Array): Buffer {
    return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>>= 7) {
        if (rest < 0x80) return Buffer.from([...bytes, rest]);
        bytes.push((rest & 0x7f) | 0x80);
    }
}
