import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import {
    batchItemFailures,
    createFixture,
    dataOf,
    drain,
    drainAll,
    failed,
    failingOn,
    FUNCTION_ARN,
    joined,
    MAPPING_UUID,
    putAll,
    reporting,
    REPORTS,
    SHARD,
    STREAM_ARN,
    succeeded,
    TO_BUCKET,
    type EventRecord,
    type Fixture,
    type Handler,
} from "./fixture";

describe("event source mapping and failures", () => {
    describe("a failing function", () => {
        it("is retried with the whole batch as often as allowed, then the batch is discarded", async () => {
            const fixture = await drainAll({ maximumRetryAttempts: 2 }, failingOn("b"), "abc");
            expect(joined(fixture)).to.deep.equal(["abc", "abc", "abc"]);
            expect(fixture.discards.map(({ condition, key }) => [condition, key])).to.deep.equal([
                ["RetryAttemptsExhausted", undefined],
            ]);
            expect(fixture.mapping.status().counters).to.include({
                retries: 2,
                DroppedEventCount: 3,
                functionErrors: 3,
            });
            expect(fixture.mapping.status().lastProcessingResult).to.equal("PROBLEM: Function call failed");
        });

        it("is not retried with 0 retries", async () => {
            expect(joined(await drainAll({ maximumRetryAttempts: 0 }, failingOn("b"), "abc"))).to.deep.equal(["abc"]);
        });

        it("is retried with growing pauses", async () => {
            const { invokedAtMs } = await drainAll({ maximumRetryAttempts: 4 }, failingOn("a"), "a");
            const pauses = invokedAtMs.slice(1).map((atMs, index) => atMs - (invokedAtMs[index] ?? 0));
            expect(pauses).to.deep.equal([75, 150, 300, 600]);
        });

        it("blocks what comes after it until it is done", async () => {
            const fixture = await drainAll({ maximumRetryAttempts: 1, batchSize: 1 }, failingOn("a"), "ab");
            expect(joined(fixture)).to.deep.equal(["a", "a", "b"]);
        });

        it("has its batch split in two, which uses up no retry", async () => {
            const inputs = { maximumRetryAttempts: 1, bisectBatchOnFunctionError: true };
            const fixture = await drainAll(inputs, failingOn("c"), "abcdefg");
            expect(joined(fixture)).to.deep.equal(["abcdefg", "abcd", "ab", "cd", "c", "c", "d", "efg"]);
            expect(fixture.discards.map(({ sequenceNumbers }) => sequenceNumbers.length)).to.deep.equal([1]);
            expect(fixture.mapping.status().counters).to.include({ bisections: 3, retries: 1 });
        });

        it("without a limit is retried until the stream no longer keeps the record", async () => {
            const fixture = createFixture({}, failingOn("a"));
            putAll(fixture.stream, "a");
            fixture.stream.retention = 60 * 60 * 1000;
            const startMs = fixture.clock.now();
            await drain(fixture);
            expect(fixture.discards.map(({ condition }) => condition)).to.deep.equal(["RecordAgeExceeded"]);
            expect(fixture.clock.now() - startMs).to.be.within(60 * 60 * 1000, 61 * 60 * 1000);
        });

        it("is retried for longer if the stream meanwhile keeps records for longer", async () => {
            const fixture = createFixture({}, failingOn("a"));
            putAll(fixture.stream, "a");
            fixture.stream.retention = 60_000;
            const startMs = fixture.clock.now();
            fixture.mapping.start();
            await fixture.clock.advance(30_000);
            fixture.stream.retention = 600_000;
            await fixture.clock.runUntil(fixture.mapping.drained());
            expect(fixture.clock.now() - startMs).to.be.above(600_000);
            await fixture.clock.runUntil(fixture.mapping.stop());
        });
    });

    describe("a function that reports batch item failures", () => {
        it("has everything from the lowest number on again, successes included", async () => {
            let attempts = 0;
            const handler: Handler = (records) => {
                attempts += 1;
                return attempts === 1 ? reporting("d", "b")(records, "") : {};
            };
            const fixture = await drainAll(REPORTS, handler, "abcde");
            expect(joined(fixture)).to.deep.equal(["abcde", "bcde"]);
            expect(fixture.mapping.status().lastProcessingResult).to.equal("OK");
        });

        it("uses up a retry with each report, and what is left is discarded", async () => {
            const fixture = await drainAll({ ...REPORTS, maximumRetryAttempts: 2 }, reporting("b"), "abc");
            expect(joined(fixture)).to.deep.equal(["abc", "bc", "bc"]);
            expect(fixture.discards.map(({ sequenceNumbers }) => sequenceNumbers.length)).to.deep.equal([2]);
        });

        it("and is bisected has its batch split at the lowest number, which uses up no retry", async () => {
            const inputs = { ...REPORTS, bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 };
            const fixture = await drainAll(inputs, reporting("c"), "abcdef");
            expect(joined(fixture)).to.deep.equal(["abcdef", "cdef", "cd", "c", "c", "d", "ef"]);
            expect(fixture.discards.map(({ sequenceNumbers }) => sequenceNumbers.length)).to.deep.equal([1]);
        });

        it("with a malformed report fails the whole batch, and says so", async () => {
            const fixture = await drainAll({ ...REPORTS, maximumRetryAttempts: 0 }, () => batchItemFailures(""), "ab");
            expect(fixture.discards.map(({ sequenceNumbers }) => sequenceNumbers.length)).to.deep.equal([2]);
            expect(fixture.problems).to.deep.equal([
                "PROBLEM: Function call failed: `batchItemFailures[0].itemIdentifier` is no sequence number of the batch",
            ]);
        });

        it("to a mapping that did not ask for it is not heard", async () => {
            expect(joined(await drainAll({}, reporting("a"), "ab"))).to.deep.equal(["ab"]);
        });
    });

    describe("a record's age", () => {
        it("over the maximum discards it before the function sees it, and only it", async () => {
            const fixture = createFixture({ maximumRecordAgeInSeconds: 60, ...TO_BUCKET }, () => null);
            fixture.stream.put(SHARD, "key", "old", 60_001);
            fixture.stream.put(SHARD, "key", "just right", 60_000);
            await drain(fixture);
            expect(fixture.batches).to.deep.equal([["just right"]]);
            const [object] = fixture.delivered;
            expect(JSON.parse(object!.body)).to.deep.include({ version: "1.0" });
            const { requestContext, responseContext } = JSON.parse(object!.body) as Record<string, object | undefined>;
            expect(requestContext).to.include({ condition: "RecordAgeExceeded", approximateInvokeCount: 0 });
            expect(responseContext).to.be.undefined;
        });

        it("ends retries", async () => {
            const fixture = await drainAll({ maximumRecordAgeInSeconds: 60 }, failingOn("a"), "a");
            expect(fixture.discards.map(({ condition }) => condition)).to.deep.equal(["RecordAgeExceeded"]);
        });
    });

    describe("an invocation that Lambda does not begin", () => {
        const refusing = (error: Error, times: number): Fixture => {
            let left = times;
            return createFixture({ maximumRetryAttempts: 0 }, () => null, {
                invoke: async () => {
                    left -= 1;
                    if (left >= 0) throw error;
                    return succeeded(null);
                },
            });
        };

        it("because it is throttled uses up no retry", async () => {
            const fixture = refusing(new AwsError("TooManyRequestsException", "Rate Exceeded.", 429), 5);
            putAll(fixture.stream, "a");
            await drain(fixture);
            expect(fixture.discards).to.deep.equal([]);
            expect(fixture.mapping.status().counters).to.include({ notInvoked: 5, invocations: 1 });
            expect(fixture.problems).to.deep.equal([]);
        });

        it("leaves the retries to the function's failures", async () => {
            const answers = [failed(), succeeded(null)];
            let throttles = 3;
            const fixture = createFixture({ maximumRetryAttempts: 1 }, () => null, {
                invoke: async () => {
                    throttles -= 1;
                    if (throttles >= 0) throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
                    return answers.shift()!;
                },
            });
            putAll(fixture.stream, "a");
            await drain(fixture);
            expect(fixture.discards).to.deep.equal([]);
            expect(answers).to.deep.equal([]);
        });

        it("for another reason is shown", async () => {
            const fixture = refusing(new AwsError("ServiceException", "no processes left", 500), 2);
            putAll(fixture.stream, "a");
            await drain(fixture);
            expect(fixture.problems).to.deep.equal([
                "PROBLEM: Function call failed. ServiceException: no processes left",
            ]);
            expect(fixture.mapping.status().lastProcessingResult).to.equal("OK");
        });

        it("for ever is given up at the record's age", async () => {
            const fixture = refusing(new AwsError("TooManyRequestsException", "Rate Exceeded.", 429), Infinity);
            fixture.stream.retention = 60_000;
            putAll(fixture.stream, "a");
            await drain(fixture);
            expect(fixture.discards.map(({ condition }) => condition)).to.deep.equal(["RecordAgeExceeded"]);
        });

        it("because of a bug stops the mapping visibly", async () => {
            const fixture = refusing(new TypeError("undefined is not a function"), 1);
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            const error = await fixture.clock.runUntil(
                fixture.mapping.drained().catch((cause: unknown) => cause as Error),
            );
            expect((error as Error).message).to.equal("The event source mapping has failed.");
            expect(fixture.errors.map(String)).to.deep.equal(["TypeError: undefined is not a function"]);
            expect(fixture.mapping.status()).to.include({
                state: "Failed",
                lastProcessingResult: "PROBLEM: internal Lambda error. Please contact Lambda customer support.",
            });
            expect(fixture.clock.pendingTimers).to.equal(0);
        });
    });

    describe("the on-failure destination", () => {
        it("gets AWS's object: metadata, and the event as a string", async () => {
            const fixture = createFixture({ maximumRetryAttempts: 1, ...TO_BUCKET }, failingOn("b"));
            const first = fixture.stream.put(SHARD, "key", "a");
            const last = fixture.stream.put(SHARD, "key", "b");
            await drain(fixture);
            const [object] = fixture.delivered;
            expect(object?.key).to.match(
                new RegExp(`^aws/lambda/${MAPPING_UUID}/${SHARD}/2026/11/23/2026-11-23T06\\.00\\.00-[0-9a-f-]{36}$`),
            );
            const { payload, ...metadata } = JSON.parse(object!.body) as { payload: string };
            expect(metadata).to.deep.equal({
                requestContext: {
                    requestId: "request",
                    functionArn: FUNCTION_ARN,
                    condition: "RetryAttemptsExhausted",
                    approximateInvokeCount: 2,
                },
                responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
                version: "1.0",
                timestamp: "2026-11-23T06:00:00.075Z",
                KinesisBatchInfo: {
                    shardId: SHARD,
                    startSequenceNumber: first,
                    endSequenceNumber: last,
                    approximateArrivalOfFirstRecord: "2026-11-23T06:00:00.000Z",
                    approximateArrivalOfLastRecord: "2026-11-23T06:00:00.000Z",
                    batchSize: 2,
                    streamArn: STREAM_ARN,
                },
            });
            const { Records } = JSON.parse(payload) as { Records: EventRecord[] };
            expect(Records.map(dataOf)).to.deep.equal(["a", "b"]);
            expect(fixture.discards[0]?.key).to.equal(object?.key);
        });

        it("is written to until it works; the shard waits, and says why", async () => {
            let refusals = 3;
            const fixture = createFixture({ maximumRetryAttempts: 0, batchSize: 1, ...TO_BUCKET }, failingOn("a"), {
                deliverFailure: async () => {
                    refusals -= 1;
                    if (refusals >= 0) throw new AwsError("AccessDenied", "no s3:PutObject", 403);
                    expect(fixture.mapping.status().shards[0]?.checkpoint).to.be.undefined;
                },
            });
            putAll(fixture.stream, "ab");
            await drain(fixture);
            expect(fixture.problems.at(-1)).to.match(
                /^PROBLEM: Cannot write to the on-failure destination .*AccessDenied/,
            );
            expect(joined(fixture)).to.deep.equal(["a", "b"]);
            expect(fixture.mapping.status().lastProcessingResult).to.equal("OK");
        });

        it("that does not work before the mapping stops leaves the records unfinished", async () => {
            const fixture = createFixture({ maximumRetryAttempts: 0, ...TO_BUCKET }, failingOn("a"), {
                deliverFailure: () => Promise.reject(new Error("closed")),
            });
            putAll(fixture.stream, "a");
            fixture.mapping.start();
            await fixture.clock.advance(10_000);
            await fixture.clock.runUntil(fixture.mapping.stop());
            expect(fixture.mapping.status().shards[0]).to.include({ checkpoint: undefined, buffered: 1 });
            expect(fixture.discards).to.deep.equal([]);
        });
    });
});
