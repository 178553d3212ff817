import { expect } from "chai";
import { quarantineLine } from "../../consumer/quarantine";
import { Unreadable } from "../../replay/failed-record";
import { readAwsObject, readQuarantineObject } from "../../replay/objects";
import { aggregate, bytesOf, delivery, kinesisRecord, sequenceNumber } from "../consumer/support/records";
import { givenUpObject } from "./support/deployed-stack";

/** An object as Lambda writes it. */
function awsObject(datas: readonly Uint8Array[], changes: Record<string, unknown> = {}): string {
    const Records = datas.map((data, n) => kinesisRecord(data, n, { partitionKey: "ключ" }));
    const text = givenUpObject({ Records });
    return JSON.stringify({ ...(JSON.parse(text) as object), ...changes });
}

function problemOf(read: () => unknown): string {
    try {
        read();
    } catch (error) {
        expect(error).to.be.instanceOf(Unreadable);
        return (error as Error).message;
    }
    return "none";
}

describe("an object that the function has written", () => {
    const data = Buffer.from([0, 255, 10]);
    const lines = [
        quarantineLine({ delivery: delivery(3, { data, partitionKey: "日本" }), reason: "not UTF-8" }),
        quarantineLine({ delivery: delivery(4, { data: Buffer.alloc(0), subSequenceNumber: 6 }), reason: "not JSON" }),
    ];

    it("has each record as it was sent, with its reason", () => {
        expect(readQuarantineObject(Buffer.from(lines.join("")))).to.deep.equal([
            {
                reason: "not UTF-8",
                sequenceNumber: sequenceNumber(3),
                subSequenceNumber: 0,
                position: BigInt(sequenceNumber(3)),
                partitionKey: "日本",
                arrivalMs: delivery(3).arrivalMs,
                data,
            },
            {
                reason: "not JSON",
                sequenceNumber: sequenceNumber(4),
                subSequenceNumber: 6,
                position: BigInt(sequenceNumber(4)),
                partitionKey: "ada",
                arrivalMs: delivery(4).arrivalMs,
                data: Buffer.alloc(0),
            },
        ]);
    });

    for (const [edge, text, problem] of [
        ["empty", "", "it is empty"],
        ["cut off in its second line", lines.join("").slice(0, -20), "line 2 is not JSON"],
        [
            "without data",
            '{"sequenceNumber":"1","partitionKey":"a","approximateArrivalTime":"2026-01-01T00:00:00Z"}',
            "line 1 has no data in base64",
        ],
        ["with damaged base64", lines[0]!.replace("AP8K", "AP-K"), "line 1 has no data in base64"],
        ["with a time that no clock shows", lines[0]!.replace("2026-", "+999999-"), "line 1 has no time of arrival"],
        [
            "with a place in a pack that is none",
            lines[1]!.replace('"subSequenceNumber":6', '"subSequenceNumber":-1'),
            "line 1 has a sub-sequence number that is none",
        ],
        ["with a damaged number", lines[0]!.replace(sequenceNumber(3), "x"), "line 1 has no sequence number"],
        ["a list", "[]", "line 1 is not a JSON object"],
    ] as const) {
        it(`that is ${edge} is told, not sent`, () =>
            expect(problemOf(() => readQuarantineObject(Buffer.from(text)))).to.equal(problem));
    }

    it("in another encoding is told, not sent with another partition key", () => {
        const bytes = Buffer.from(
            quarantineLine({ delivery: delivery(1, { partitionKey: "é" }), reason: "" }),
            "latin1",
        );
        expect(problemOf(() => readQuarantineObject(bytes))).to.equal("it is not UTF-8");
    });
});

describe("an object that Lambda has written", () => {
    it("has each record of the batch under its own partition key", () => {
        const records = readAwsObject(Buffer.from(awsObject([bytesOf(), Buffer.from([255])])));
        expect(records.map(({ partitionKey, reason }) => [partitionKey, reason])).to.deep.equal([
            ["ключ", "given up: RetryAttemptsExhausted"],
            ["ключ", "given up: RetryAttemptsExhausted"],
        ]);
        expect(records.map(({ data }) => Buffer.from(data))).to.deep.equal([
            Buffer.from(bytesOf()),
            Buffer.from([255]),
        ]);
        expect(records.map(({ position }) => position)).to.deep.equal([0, 1].map((n) => BigInt(sequenceNumber(n))));
    });

    it("has what the Kinesis Producer Library packed one by one, under the key of each", () => {
        const parts = ["a", "b"].map((partitionKey) => ({ partitionKey, data: bytesOf({ username: partitionKey }) }));
        const records = readAwsObject(Buffer.from(awsObject([aggregate(parts)])));
        expect(records.map(({ partitionKey }) => partitionKey)).to.deep.equal(["a", "b"]);
        expect(new Set(records.map(({ position }) => position)).size).to.equal(1);
        expect(records.map(({ subSequenceNumber }) => subSequenceNumber)).to.deep.equal([0, 1]);
    });

    it("has a damaged aggregate as it is", () => {
        const damaged = aggregate([{ partitionKey: "a", data: bytesOf() }]).subarray(0, -1);
        const [record] = readAwsObject(Buffer.from(awsObject([damaged])));
        expect(Buffer.from(record!.data)).to.deep.equal(damaged);
    });

    for (const [edge, text, problem] of [
        ["cut off", awsObject([bytesOf()]).slice(0, -1), "it is not JSON"],
        ["without the records", awsObject([bytesOf()], { payload: undefined }), "it has no `payload` with the records"],
        ["with an empty event", awsObject([bytesOf()], { payload: '{"Records":[]}' }), "`payload` has no records"],
        [
            "with a time that no clock shows",
            awsObject([bytesOf()], {
                payload: JSON.stringify({ Records: [kinesisRecord(bytesOf(), 0, { arrivalSeconds: 1e300 })] }),
            }),
            "record 0 has no time of arrival",
        ],
        [
            "with an event of a queue",
            awsObject([bytesOf()], { payload: '{"Records":[{"body":"x"}]}' }),
            "record 0 is not a JSON object",
        ],
    ] as const) {
        it(`that is ${edge} is told, not sent`, () =>
            expect(problemOf(() => readAwsObject(Buffer.from(text)))).to.equal(problem));
    }
});
