import { expect } from "chai";
import { readMappingSettings } from "../../../local/event-source-mapping/settings";
import { BASE_INPUTS, BUCKET_ARN, STREAM_ARN } from "./fixture";

const DEFAULTS = {
    functionName: "processor",
    eventSourceArn: STREAM_ARN,
    region: "eu-central-1",
    enabled: true,
    batchSize: 100,
    maximumBatchingWindowInSeconds: 0,
    parallelizationFactor: 1,
    startingPosition: { type: "TRIM_HORIZON" },
    maximumRetryAttempts: -1,
    maximumRecordAgeInSeconds: -1,
    bisectBatchOnFunctionError: false,
    reportBatchItemFailures: false,
    onFailureBucket: undefined,
    eventCountMetrics: false,
    tags: {},
};

describe("settings of an event source mapping", () => {
    it("have AWS's defaults", () => {
        expect(readMappingSettings(BASE_INPUTS)).to.deep.equal(DEFAULTS);
    });

    it("are read, all of them", () => {
        const settings = readMappingSettings({
            eventSourceArn: STREAM_ARN,
            functionName: "processor",
            startingPosition: "AT_TIMESTAMP",
            startingPositionTimestamp: "2026-11-23T06:00:00.500Z",
            enabled: false,
            batchSize: 500,
            maximumBatchingWindowInSeconds: 5,
            parallelizationFactor: 10,
            maximumRetryAttempts: 0,
            maximumRecordAgeInSeconds: 60,
            bisectBatchOnFunctionError: true,
            functionResponseTypes: ["ReportBatchItemFailures"],
            destinationConfig: { onFailure: { destinationArn: BUCKET_ARN } },
            metricsConfig: { metrics: ["EventCount"] },
            tumblingWindowInSeconds: 0,
            region: "eu-central-1",
            tags: { team: "streams" },
        });
        expect(settings).to.deep.equal({
            ...DEFAULTS,
            startingPosition: { type: "AT_TIMESTAMP", timestampSeconds: Date.UTC(2026, 10, 23, 6) / 1000 + 0.5 },
            enabled: false,
            batchSize: 500,
            maximumBatchingWindowInSeconds: 5,
            parallelizationFactor: 10,
            maximumRetryAttempts: 0,
            maximumRecordAgeInSeconds: 60,
            bisectBatchOnFunctionError: true,
            reportBatchItemFailures: true,
            onFailureBucket: "failed-events",
            eventCountMetrics: true,
            tags: { team: "streams" },
        });
    });

    it("may be undefined where they may be left out", () => {
        const inputs = { ...BASE_INPUTS, batchSize: undefined, destinationConfig: undefined, somethingElse: undefined };
        expect(readMappingSettings(inputs)).to.deep.equal(DEFAULTS);
    });

    for (const { inputs, message } of [
        {
            inputs: { eventSourceArn: "arn:aws:sqs:eu-central-1:000000000000:queue" },
            message: /`eventSourceArn` to be a stream's ARN/,
        },
        { inputs: { functionName: undefined }, message: /`functionName` to be a function's name or ARN, got nothing/ },
        { inputs: { startingPosition: undefined }, message: /`startingPosition` to be .*, got nothing/ },
        { inputs: { startingPosition: "EARLIEST" }, message: /`startingPosition` to be .*, got "EARLIEST"/ },
        { inputs: { startingPosition: "AT_TIMESTAMP" }, message: /`startingPositionTimestamp` to be a time/ },
        {
            inputs: { startingPositionTimestamp: "2026-11-23T06:00:00Z" },
            message: /`startingPositionTimestamp` to be left out/,
        },
        { inputs: { batchSize: 0 }, message: /`batchSize` to be a whole number from 1 to 10000, got 0/ },
        { inputs: { batchSize: 10_001 }, message: /`batchSize`/ },
        { inputs: { batchSize: "100" }, message: /`batchSize` .*, got "100"/ },
        { inputs: { maximumBatchingWindowInSeconds: 301 }, message: /from 0 to 300, got 301/ },
        { inputs: { parallelizationFactor: 11 }, message: /from 1 to 10, got 11/ },
        { inputs: { maximumRetryAttempts: -2 }, message: /from -1 to 10000, got -2/ },
        {
            inputs: { maximumRecordAgeInSeconds: 59 },
            message: /`maximumRecordAgeInSeconds` to be -1, or from 60 to 604800, got 59/,
        },
        { inputs: { maximumRecordAgeInSeconds: 604_801 }, message: /from -1 to 604800/ },
        { inputs: { bisectBatchOnFunctionError: "yes" }, message: /`bisectBatchOnFunctionError` to be true or false/ },
        {
            inputs: { functionResponseTypes: ["ReportEverything"] },
            message: /`functionResponseTypes` to be a list of ReportBatchItemFailures/,
        },
        { inputs: { tumblingWindowInSeconds: 30 }, message: /`tumblingWindowInSeconds` to be left out/ },
        {
            inputs: { region: "us-east-1" },
            message: /`region` to be the stream's region, eu-central-1, got "us-east-1"/,
        },
        {
            inputs: { metricsConfig: { metrics: ["ErrorCount"] } },
            message: /`metricsConfig\.metrics` to be a list of EventCount/,
        },
        { inputs: { metricsConfig: { level: "all" } }, message: /no setting `metricsConfig\.level`/ },
        {
            inputs: {
                destinationConfig: { onFailure: { destinationArn: "arn:aws:sqs:eu-central-1:000000000000:dead" } },
            },
            message: /`destinationConfig\.onFailure\.destinationArn` to be the ARN of an S3 bucket/,
        },
        { inputs: { destinationConfig: { onSuccess: {} } }, message: /no setting `destinationConfig\.onSuccess`/ },
        { inputs: { destinationConfig: [] }, message: /`destinationConfig` to be an object/ },
        { inputs: { filterCriteria: { filters: [] } }, message: /no setting `filterCriteria`/ },
        { inputs: { somethingElse: 1 }, message: /no setting `somethingElse`/ },
    ]) {
        it(`with ${JSON.stringify(inputs)} are refused`, () => {
            expect(() => readMappingSettings({ ...BASE_INPUTS, ...inputs }))
                .to.throw(message)
                .with.property("code", "InvalidParameterValueException");
        });
    }

    it("that are wrong are named together", () => {
        expect(() => readMappingSettings({ ...BASE_INPUTS, batchSize: 0, parallelizationFactor: 0 })).to.throw(
            /`batchSize`.*`parallelizationFactor`/,
        );
    });
});
