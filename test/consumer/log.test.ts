import { expect } from "chai";
import { ERRORS_LOGGED_MAX, summaryLine } from "../../consumer/log";
import type { EventOutcome } from "../../consumer/process-event";

const clean: EventOutcome = {
    records: 3,
    stored: 3,
    quarantined: 0,
    failed: 0,
    retried: 0,
    faults: [],
    lasting: undefined,
    failedSequenceNumbers: [],
    lastArrivalMs: 9_000,
};

const invocation = { requestId: "r", functionName: "f", startedMs: 10_000, finishedMs: 10_042 };

function lineOf(changes: Partial<EventOutcome>): Record<string, unknown> {
    const line = summaryLine({ ...clean, ...changes }, invocation);
    expect(line).to.not.include("\n");
    return JSON.parse(line) as Record<string, unknown>;
}

describe("the line that an invocation logs", () => {
    it("has every count", () => {
        const { _aws, ...line } = lineOf({ retried: 1 });
        expect(_aws).to.be.an("object");
        expect(line).to.deep.equal({
            timestamp: "1970-01-01T00:00:10.042Z",
            level: "info",
            message: "stored 3, quarantined 0 and failed 0 of 3 records",
            requestId: "r",
            records: 3,
            stored: 3,
            retried: 1,
            quarantined: 0,
            failed: 0,
            milliseconds: 42,
            iteratorAgeMs: 1_000,
            FunctionName: "f",
            QuarantinedRecords: 0,
            FailedRecords: 0,
        });
    });

    // What CloudWatch requires: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    it("is a document of CloudWatch's embedded metric format", () => {
        const line = lineOf({ stored: 0, quarantined: 2, failed: 1 });
        expect(line._aws).to.deep.equal({
            Timestamp: 10_042,
            CloudWatchMetrics: [
                {
                    Namespace: "StreamProcessing",
                    Dimensions: [["FunctionName"]],
                    Metrics: [
                        { Name: "QuarantinedRecords", Unit: "Count" },
                        { Name: "FailedRecords", Unit: "Count" },
                    ],
                },
            ],
        });
        expect(line).to.include({ FunctionName: "f", QuarantinedRecords: 2, FailedRecords: 1 });
    });

    it("warns of quarantined records, and calls failed ones an error", () => {
        expect(lineOf({ stored: 2, quarantined: 1 }).level).to.equal("warn");
        expect(lineOf({ stored: 1, quarantined: 1, failed: 1 }).level).to.equal("error");
    });

    it("has an age of zero without records, and where the clocks of stream and function differ", () => {
        expect(lineOf({ lastArrivalMs: undefined }).iteratorAgeMs).to.equal(0);
        expect(lineOf({ lastArrivalMs: 10_001 }).iteratorAgeMs).to.equal(0);
    });

    it("counts equal errors and names a few different ones", () => {
        const faults = Array.from("aabcdefgh").map((name) => ({ kind: "passing" as const, name, message: "m" }));
        const { errors } = lineOf({ faults }) as { errors: { name: string; count: number }[] };
        expect(errors).to.have.length(ERRORS_LOGGED_MAX);
        expect(errors[0]).to.deep.equal({ name: "a", message: "m", count: 2 });
    });

    it("does not show a sequence number", () => {
        expect(JSON.stringify(lineOf({ failed: 1, failedSequenceNumbers: ["4954511524"] }))).to.not.include("49545115");
    });
});
