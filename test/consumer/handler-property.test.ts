import { expect } from "chai";
import * as fc from "fast-check";
import type { KinesisEvent } from "../../consumer/delivery";
import type { Item } from "../../consumer/item";
import { TABLE } from "./support/cloud";
import { dynamoDbError, forwardAll, loseAnswer, type Behaviour } from "./support/fault-proxy";
import { following, FunctionUnderTest, putsOf } from "./support/function-under-test";
import { aggregate, bytesOf, kinesisEvent, kinesisRecord, post, sequenceNumber } from "./support/records";

/** A part of a record: a post, or bytes that are none; `original` is the number of a post that is replayed. */
type Part = { id: string; message: string; original?: number } | Uint8Array;
/** A record: one part, or several that the Kinesis Producer Library packed. */
type Sent = Part | Part[];

const posts = fc.record(
    {
        id: fc.constantFrom("a", "b", "c"),
        message: fc.string({ unit: "grapheme" }),
        original: fc.integer({ min: -3, max: -1 }),
    },
    { requiredKeys: ["id", "message"] },
);
/** Posts with a field that is missing, of another type, or impossible. */
const nearPosts = fc
    .tuple(
        fc.constantFrom("username", "id", "timestamp", "message", "source"),
        fc.constantFrom(undefined, null, 7, [], "\ud800"),
    )
    .map(([name, value]) => Buffer.from(JSON.stringify({ ...post(), [name]: value })));
const oddBytes = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.json().map((json) => Buffer.from(json)),
    nearPosts,
    fc.nat(bytesOf().length - 1).map((length) => Buffer.from(bytesOf().subarray(0, length))),
    fc.constant(Buffer.from(bytesOf({ message: "x".repeat(400 * 1024) }))),
    fc.constant(Buffer.from(bytesOf({ timestamp: "2026-02-30T00:00:00Z" }))),
    fc.constant(Buffer.from("f3899ac2", "hex")),
);
const parts: fc.Arbitrary<Part> = fc.oneof({ weight: 2, arbitrary: posts }, { weight: 1, arbitrary: oddBytes });
const records: fc.Arbitrary<Sent> = fc.oneof(
    { weight: 9, arbitrary: parts },
    { weight: 1, arbitrary: fc.array(parts, { minLength: 1, maxLength: 4 }) },
);

const serviceFaults: Behaviour[] = [
    forwardAll,
    loseAnswer,
    () => "close",
    () => dynamoDbError("ThrottlingException"),
    () => dynamoDbError("InternalServerError", 500),
];
const tableFaults: Behaviour[] = [
    ...serviceFaults,
    () => ({ status: 200, body: "{" }),
    async (request, forward) => {
        if (!request.body.includes("RequestItems")) return forward();
        const puts = putsOf(request.body);
        const taken = puts.filter((_, index) => index % 2 === 0);
        await forward(JSON.stringify({ RequestItems: { [TABLE]: taken } }));
        const left = puts.filter((put) => !taken.includes(put));
        return { status: 200, body: JSON.stringify({ UnprocessedItems: left.length > 0 ? { [TABLE]: left } : {} }) };
    },
];
/** Of the 300 ms that an invocation has for its requests: enough for a few of them, one after the other. */
const REQUEST_MS = 30;
/** A table that one invocation in some cannot write to at all. */
const denied: Behaviour = () => dynamoDbError("AccessDeniedException");

interface Version {
    readonly part: Exclude<Part, Uint8Array>;
    /** Of the record that the post was first in. */
    readonly number: number;
    /** Of the record that it is in now. */
    readonly at: number;
}

describe("the archive, whatever bytes, events and faults it gets", () => {
    const on = FunctionUnderTest.inSuite();
    let runs = 0;

    function dataOf(sent: Sent, username: string): Uint8Array {
        if (sent instanceof Uint8Array) return sent;
        if (Array.isArray(sent)) {
            return aggregate(sent.map((part) => ({ partitionKey: "p", data: dataOf(part, username) })));
        }
        const { id, message, original } = sent;
        const mark = original === undefined ? {} : { replayOf: sequenceNumber(original) };
        return Buffer.from(JSON.stringify({ ...post({ username, id, message }), ...mark }));
    }

    /** Fails unless the item is this version of the post, or one that is at least as late. */
    function expectStored({ part, number }: Version, all: readonly Version[], items: readonly Item[]): void {
        const allowed = all.filter((other) => other.part.id === part.id && other.number >= number);
        const item = items.find(({ Id }) => Id === part.id);
        expect(allowed.map((other) => other.part.message)).to.include(item?.Message);
    }

    it("each record ends stored, superseded, quarantined or reported, and none in no place at all", async () => {
        const property = fc.asyncProperty(
            fc.array(records, { minLength: 1, maxLength: 40 }),
            fc.infiniteStream(
                fc.oneof({ weight: 60, arbitrary: fc.constantFrom(...tableFaults) }, fc.constant(denied)),
            ),
            fc.infiniteStream(fc.constantFrom(...serviceFaults)),
            async (sent, onTable, onBucket) => {
                const username = `property-${runs}`;
                const shard = `shardId-${String(runs++).padStart(12, "9")}`;
                const fault = following(onTable);
                on.cloud.dynamoDb.behaviour = async (request, forward) => {
                    await on.lambda.pass(REQUEST_MS);
                    return fault(request, forward);
                };
                on.cloud.s3.behaviour = following(onBucket);
                const Records = sent.map((each, n) => kinesisRecord(dataOf(each, username), n, { shard }));
                const { response, error, log } = await on.lambda.invoke({ Records }, 1_300);
                expect(Number(log.stored) + Number(log.quarantined) + Number(log.failed)).to.equal(log.records);
                // Lambda delivers all of a batch again whose invocation was an error.
                if (error !== undefined) return;

                const reported = new Set(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
                const items = await on.cloud.items(username);
                const objects = await on.cloud.objects(`quarantine/posts-stream/${shard}/`);
                const kept = new Set(
                    Array.from(objects.values())
                        .flatMap((text) => text.trimEnd().split("\n"))
                        .map(lineId),
                );
                const versions = sent.flatMap((each, at) =>
                    partsOf(each).flatMap((part): Version[] =>
                        part instanceof Uint8Array ? [] : [{ part, at, number: part.original ?? at }],
                    ),
                );
                for (const [n, each] of sent.entries()) {
                    if (reported.has(sequenceNumber(n))) continue;
                    for (const part of partsOf(each).filter((one) => one instanceof Uint8Array)) {
                        expect(kept).to.include(`${sequenceNumber(n)} ${Buffer.from(part).toString("base64")}`);
                    }
                }
                for (const version of versions) {
                    if (!reported.has(sequenceNumber(version.at))) expectStored(version, versions, items);
                }
            },
        );
        await fc.assert(property, { numRuns: 40, endOnFailure: true });
    });

    it("what is no event of a stream, and an event with a damaged record, is an error: all of it is reported", async () => {
        const event = kinesisEvent([bytesOf({ username: "damaged" }), bytesOf({ username: "damaged", id: "2" })]);
        const damages = fc.constantFrom<(event: KinesisEvent) => unknown>(
            ({ Records }) => ({ Records: [...Records, null] }),
            ({ Records }) => ({ Records: Records.map((record) => ({ ...record, eventID: "none" })) }),
            ({ Records }) => ({ Records: Records.map((record) => ({ ...record, eventSourceARN: 7 })) }),
            ...["data", "sequenceNumber", "partitionKey", "approximateArrivalTimestamp"].map(
                (name) =>
                    ({ Records: [first, ...others] }: KinesisEvent) => ({
                        Records: [...others, { ...first, kinesis: { ...first?.kinesis, [name]: null } }],
                    }),
            ),
        );
        const anything = fc
            .anything({ maxDepth: 3 })
            .map((value) => JSON.parse(JSON.stringify(value ?? null)) as unknown);
        const odd = fc.oneof(
            anything,
            damages.map((damage) => damage(event)),
        );
        const before = on.cloud.dynamoDb.requests.length;
        await fc.assert(
            fc.asyncProperty(odd, async (value) => {
                const { error } = await on.lambda.invokeRaw(value);
                expect(error?.message).to.match(/^Expected an event of a Kinesis stream, but /);
            }),
            { numRuns: 100 },
        );
        expect(on.cloud.dynamoDb.requests.length - before).to.equal(0);
    });
});

function partsOf(sent: Sent): Part[] {
    return Array.isArray(sent) ? sent : [sent];
}

function lineId(line: string): string {
    const { sequenceNumber: number, data } = JSON.parse(line) as Record<string, string>;
    return `${number ?? ""} ${data ?? ""}`;
}
