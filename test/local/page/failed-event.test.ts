import { expect } from "chai";
import { failureRecord } from "../../../local/event-source-mapping/failure-record";
import { bufferRecord, eventPayload } from "../../../local/event-source-mapping/event";
import {
    PAYLOAD_CHARACTERS_MAX,
    REASONS_SHOWN_MAX,
    RECORDS_SHOWN_MAX,
    showFailedEvent,
} from "../../../local/page/failed-event";
import type { StoredObject } from "../../../local/s3/service";

const HOSTILE = "<img src=x onerror=alert(1)> \u202e";

function object(key: string, body: string | Buffer): StoredObject {
    const bytes = Buffer.from(body);
    return {
        key,
        body: bytes,
        contentType: "",
        contentLength: bytes.length,
        etag: "",
        lastModified: new Date(0),
        metadata: {},
        systemHeaders: {},
    };
}

function quarantined(lines: { reason: string; data: Buffer }[], skipped?: number) {
    const text = lines.map(({ reason, data }, index) =>
        JSON.stringify({ reason, partitionKey: "ada", sequenceNumber: String(index), data: data.toString("base64") }),
    );
    return showFailedEvent(object("quarantine/posts/shard/x.ndjson", `${text.join("\n")}\n`), skipped);
}

describe("a failed event for people", () => {
    it("has the reason and the payload of every quarantined record, as the text that it is", () => {
        const shown = quarantined([
            { reason: "not JSON", data: Buffer.from(HOSTILE) },
            { reason: "not JSON", data: Buffer.from("{") },
            { reason: "no id", data: Buffer.from("日本🔥") },
        ]);
        expect(shown.reason).to.equal("Can never be stored: not JSON (2 times); no id");
        expect(shown.records.map(({ payload }) => payload)).to.deep.equal([HOSTILE, "{", "日本🔥"]);
        expect(shown.records[0]).to.include({
            reason: "not JSON",
            partitionKey: "ada",
            sequenceNumber: "0",
            isText: true,
        });
    });

    it("has a payload that is not UTF-8 in hexadecimal", () => {
        const [record] = quarantined([{ reason: "not UTF-8", data: Buffer.from([0x41, 0xff, 0x00]) }]).records;
        expect(record).to.include({ payload: "41 ff 00", isText: false, bytes: 3 });
    });

    it("is cut where there is too much of it, never within a character", () => {
        const text = `${"x".repeat(PAYLOAD_CHARACTERS_MAX - 1)}🔥🔥`;
        const many = Array.from({ length: RECORDS_SHOWN_MAX + 1 }, () => ({ reason: "r", data: Buffer.from(text) }));
        const { records, recordsTotal } = quarantined(many);
        expect(records).to.have.length(RECORDS_SHOWN_MAX);
        expect(recordsTotal).to.equal(RECORDS_SHOWN_MAX + 1);
        expect(records[0]).to.include({ payload: "x".repeat(PAYLOAD_CHARACTERS_MAX - 1), cut: true });
    });

    it("has its later records where they are asked for, and all of their number", () => {
        const many = Array.from({ length: 120 }, (_, index) => ({ reason: "r", data: Buffer.from(String(index)) }));
        const payloads = (skipped: number) => quarantined(many, skipped).records.map(({ payload }) => payload);
        expect(payloads(100)).to.deep.equal(Array.from({ length: 20 }, (_, index) => String(100 + index)));
        expect(payloads(RECORDS_SHOWN_MAX)[0]).to.equal(String(RECORDS_SHOWN_MAX));
        expect(quarantined(many, 500)).to.deep.include({ records: [], recordsTotal: 120 });
    });

    it("names the first kinds of reasons where there are many", () => {
        const lines = Array.from({ length: 1_000 }, (_, index) => ({ reason: `r${index}`, data: Buffer.from("x") }));
        const { reason } = quarantined(lines);
        expect(reason).to.match(new RegExp(`r${REASONS_SHOWN_MAX - 1}; and 995 other reasons$`));
    });

    it("has the records of a batch that Lambda gave up, and why", () => {
        const source = { shardId: "shardId-000000000000", eventSourceArn: "arn", region: "r", roleArn: "role" };
        const Data = Buffer.from(HOSTILE).toString("base64");
        const record = { SequenceNumber: "7", PartitionKey: "ada", Data, ApproximateArrivalTimestamp: 1 };
        const records = [bufferRecord(record, source, 0)];
        const body = failureRecord({
            records,
            condition: "RetryAttemptsExhausted",
            invokeCount: 11,
            requestId: "id",
            response: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
            shardId: source.shardId,
            streamArn: "arn",
            functionArn: "function",
            payload: eventPayload(records),
            nowMs: 0,
        });
        const shown = showFailedEvent(object("aws/lambda/uuid/shard/x", body));
        expect(shown.reason).to.equal("Given up by Lambda: the function failed at every attempt");
        expect(shown.facts).to.deep.include(["Invocations", "11"]);
        expect(shown.records.map(({ payload, partitionKey }) => [payload, partitionKey])).to.deep.equal([
            [HOSTILE, "ada"],
        ]);
    });

    for (const [key, body] of [
        ["notes.txt", HOSTILE],
        ["quarantine/x", "no JSON"],
        ["quarantine/x", '{"reason":"without data"}'],
        ["aws/lambda/x", "[]["],
        ["aws/lambda/x", '{"payload":"{}"}'],
    ] as const) {
        it(`is shown as it is where it is not as expected: ${key} ${body.slice(0, 20)}`, () => {
            expect(showFailedEvent(object(key, body))).to.deep.include({ content: body, records: [] });
        });
    }
});
