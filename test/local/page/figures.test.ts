import { expect } from "chai";
import { figures, pointOf } from "../../../local/page/figures";
import type { Reading } from "../../../local/page/reading";
import { reading, shard } from "./readings";

function shown(now: Partial<Reading>, before: Partial<Reading> = {}) {
    return figures(reading({ timeMs: 2_000, ...now }), reading(before), reading(before));
}

describe("the figures of the page", () => {
    it("count rates from one reading to the other", () => {
        const {
            producer,
            function: called,
            table,
        } = shown(
            {
                arrived: 3_000,
                putRequests: 8,
                invocations: 4,
                recordsInvoked: 400,
                invocationMs: 100,
                written: 500,
                items: 450,
            },
            { arrived: 1_000, written: 100 },
        );
        expect(producer).to.deep.equal({ postsPerSecond: 1_000, requestsPerSecond: 4, arrived: 3_000 });
        expect(called).to.include({ invocationsPerSecond: 2, recordsPerInvocation: 100, milliseconds: 25 });
        expect(table).to.include({ items: 450, itemsPerSecond: 200 });
    });

    it("have no batch size, duration or latency where nothing was invoked or stored lately", () => {
        const { function: called, table } = shown({});
        expect(called).to.include({ recordsPerInvocation: undefined, milliseconds: undefined });
        expect(table.latencyMs).to.deep.equal({ p50: undefined, p99: undefined });
        expect(pointOf(shown({}))).to.deep.equal([2_000, 0, 0, 0, null, null, 0]);
    });

    it("have those of the last invocations while one is running that takes long", () => {
        const last = { records: 500, milliseconds: 15_000 };
        expect(shown({ last, running: 1 }).function).to.include({ recordsPerInvocation: 500, milliseconds: 15_000 });
        expect(shown({ last, running: 0 }).function.milliseconds).to.equal(undefined);
    });

    it("measure a shard against the limit that it is closest to", () => {
        const { stream } = shown({
            shards: [
                shard({ records: 1_000, bytes: 1_000 }),
                shard({ shardId: "shardId-000000000001", records: 2, bytes: 1_572_864, throttled: 6 }),
            ],
        });
        expect(stream.shards.map(({ load }) => load)).to.deep.equal([0.5, 0.75]);
        expect(stream.throttledPerSecond).to.equal(3);
    });

    it("show a closed shard for as long as it is read", () => {
        const closed = { open: false, records: 5 };
        expect(shown({ shards: [shard({ ...closed, buffered: 3, iteratorAgeMs: 7 })] }).stream.shards).to.have.length(
            1,
        );
        expect(
            shown({ shards: [shard({ ...closed, buffered: undefined, iteratorAgeMs: undefined })] }).stream.shards,
        ).to.deep.equal([]);
    });
});

describe("the verdict", () => {
    const throttledShard = [shard({ throttled: 5 })];

    for (const [title, now, level, stage, words] of [
        ["nothing has arrived", {}, "quiet", undefined, "Nothing has arrived yet"],
        [
            "everything is stored",
            { arrived: 5, finished: 5, items: 5 },
            "quiet",
            undefined,
            "everything that has arrived is stored.",
        ],
        [
            "some are kept",
            { arrived: 5, finished: 5, failedRecords: 1 },
            "quiet",
            undefined,
            "or kept with the failed events",
        ],
        [
            "posts arrive",
            { arrived: 400, finished: 400, written: 200 },
            "flowing",
            undefined,
            "200 posts/s arrive, 100 items/s are stored",
        ],
        [
            "a shard is at its limit",
            { shards: throttledShard },
            "slow",
            "stream",
            "1 of 1 shard did not take everything",
        ],
        [
            "records wait for long",
            { arrived: 9, shards: [shard({ iteratorAgeMs: 8_000 })] },
            "slow",
            "function",
            "9 records wait in the stream, the oldest for 8.00 s",
        ],
        [
            "the function fails",
            { invocations: 3, invocationsFailed: 2, functionError: "TypeError: no x", shards: throttledShard },
            "failing",
            "function",
            "2 of 3 invocations just now. Its batches are split and tried again. TypeError: no x",
        ],
        [
            "the function waits for its next attempt",
            { arrived: 1, lastProcessingResult: "PROBLEM: Function call failed", functionError: "TypeError: no x" },
            "failing",
            "function",
            "the last invocation. Its batches are split and tried again. TypeError: no x",
        ],
        [
            "the function fails now and then",
            { arrived: 9, finished: 9, written: 9, invocations: 100, invocationsFailed: 4 },
            "flowing",
            undefined,
            "Flowing",
        ],
        [
            "the function reports failures",
            { invocations: 3, partialFailures: 1 },
            "slow",
            "function",
            "delivers them again",
        ],
        [
            "the table is throttled",
            {
                tableRequests: 80,
                tableRequestsRefused: 4,
                tableError: "ProvisionedThroughputExceededException",
                invocationsFailed: 2,
            },
            "slow",
            "table",
            "refused 4 of 80 requests just now: ProvisionedThroughputExceededException",
        ],
        [
            "the table may not be written to",
            { tableRequests: 4, tableRequestsRefused: 4, tableError: "AccessDeniedException" },
            "failing",
            "table",
            "refused 4 of 4 requests just now: AccessDeniedException",
        ],
        [
            "the table is throttled now and then, and a shard is at its limit",
            {
                tableRequests: 1_000,
                tableRequestsRefused: 9,
                tableError: "ThrottlingException",
                shards: throttledShard,
            },
            "slow",
            "stream",
            "1 of 1 shard",
        ],
        [
            "the producer may not write",
            { putRequests: 2, putRequestsRefused: 2, putError: "AccessDeniedException" },
            "failing",
            "producer",
            "refused 2 of 2 requests of the producer just now: AccessDeniedException",
        ],
        [
            "whole requests are throttled",
            { putRequests: 2, putRequestsRefused: 1, putError: "ProvisionedThroughputExceededException" },
            "slow",
            "stream",
            "refused 1 of 2 requests",
        ],
        [
            "the role may not read",
            { arrived: 1, lastProcessingResult: "PROBLEM: Cannot access stream x." },
            "failing",
            "function",
            "Cannot access stream x.",
        ],
        [
            "the mapping has stopped",
            { mappingState: "Failed", lastProcessingResult: "PROBLEM: internal" },
            "failing",
            "function",
            "internal",
        ],
    ] as [string, Partial<Reading>, string, string | undefined, string][]) {
        it(`when ${title}`, () => {
            // What was there before as well is not happening now.
            const { verdict } = shown(now, level === "quiet" ? now : {});
            expect(verdict).to.include({ level, stage });
            expect(verdict.text).to.include(words);
        });
    }

    it("is of a length that can be read, whatever the function says", () => {
        const { text } = shown({ invocations: 1, invocationsFailed: 1, functionError: "x".repeat(5_000) }).verdict;
        expect(text.length).to.be.at.most(301);
    });

    it("does not speak of a flow where nothing moves: records wait, or the function is at work", () => {
        const waits = { arrived: 1 };
        expect(shown(waits, waits).verdict).to.include({ level: "flowing", stage: undefined });
        expect(shown(waits, waits).verdict.text).to.match(/^1 record waits for the function/);
        const works = { arrived: 1, finished: 1, running: 1 };
        expect(shown(works, works).verdict.text).to.equal("The function is at work.");
    });

    it("takes a problem for over when nothing waits any more", () => {
        const over = { arrived: 1, finished: 1, lastProcessingResult: "PROBLEM: Function call failed" };
        expect(shown(over, { arrived: 1, finished: 1 }).verdict.level).to.equal("quiet");
    });
});
