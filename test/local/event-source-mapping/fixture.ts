import { expect } from "chai";
import type { InvokeResult } from "../../../local/event-source-mapping/batch-processor";
import { EventSourceMapping, type Discard } from "../../../local/event-source-mapping/mapping";
import { readMappingSettings } from "../../../local/event-source-mapping/settings";
import { FakeStream } from "./fake-stream";
import { VirtualClock } from "./virtual-clock";

export const SHARD = "shardId-000000000000";
export const STREAM_ARN = "arn:aws:kinesis:eu-central-1:000000000000:stream/posts";
export const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:000000000000:function:processor";
export const ROLE_ARN = "arn:aws:iam::000000000000:role/processor";
export const BUCKET_ARN = "arn:aws:s3:::failed-events";
export const MAPPING_UUID = "f89f8514-cdd9-4602-9e1f-01a5b77d449b";

export const BASE_INPUTS = {
    eventSourceArn: STREAM_ARN,
    functionName: FUNCTION_ARN,
    startingPosition: "TRIM_HORIZON",
};

export interface EventRecord {
    kinesis: { partitionKey: string; sequenceNumber: string; data: string; approximateArrivalTimestamp: number };
    eventID: string;
}

export type Handler = (records: EventRecord[], payload: string) => unknown;

/** What Invoke answers when the handler returns the value. */
export function succeeded(value: unknown): InvokeResult {
    return {
        requestId: "request",
        statusCode: 200,
        executedVersion: "$LATEST",
        payload: JSON.stringify(value ?? null),
    };
}

/** What Invoke answers when the handler throws. */
export function failed(message = "boom"): InvokeResult {
    const payload = JSON.stringify({ errorType: "Error", errorMessage: message, trace: [] });
    return { requestId: "request", statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled", payload };
}

export function batchItemFailures(...sequenceNumbers: string[]): object {
    return { batchItemFailures: sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier })) };
}

export interface Delivered {
    readonly key: string;
    readonly body: string;
}

/**
 * A mapping on a fake stream, with a handler of the test: what it returns is the function's response, what it throws is
 * the function's error. Time is virtual.
 */
export function createFixture(
    inputs: Record<string, unknown>,
    handler: Handler,
    prepared: {
        clock?: VirtualClock;
        stream?: FakeStream;
        invoke?: (payload: string) => Promise<InvokeResult>;
        deliverFailure?: (key: string, body: string) => Promise<unknown>;
    } = {},
) {
    const clock = prepared.clock ?? new VirtualClock();
    const stream = prepared.stream ?? new FakeStream(clock);
    const batches: string[][] = [];
    const invokedAtMs: number[] = [];
    const delivered: Delivered[] = [];
    const discards: Discard[] = [];
    const problems: string[] = [];
    const errors: unknown[] = [];
    const invoke = async (payload: string): Promise<InvokeResult> => {
        const { Records } = JSON.parse(payload) as { Records: EventRecord[] };
        batches.push(Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString("utf8")));
        invokedAtMs.push(clock.now());
        try {
            return succeeded(await handler(Records, payload));
        } catch (error) {
            return failed(String(error));
        }
    };
    const mapping = new EventSourceMapping({
        uuid: MAPPING_UUID,
        settings: readMappingSettings({ ...BASE_INPUTS, ...inputs }),
        functionArn: FUNCTION_ARN,
        roleArn: ROLE_ARN,
        reader: stream,
        invoke: prepared.invoke ?? invoke,
        deliverFailure:
            prepared.deliverFailure ??
            (async (key, body) => {
                delivered.push({ key, body });
            }),
        onError: (error) => errors.push(error),
        onProblem: (problem) => problems.push(problem),
        onDiscard: (discard) => discards.push(discard),
        clock,
        random: () => 0.5,
    });
    return { mapping, clock, stream, batches, invokedAtMs, delivered, discards, problems, errors };
}

/** Starts the mapping, lets time pass until the stream is drained, and stops it. */
export async function drain({ mapping, clock }: Pick<ReturnType<typeof createFixture>, "mapping" | "clock">) {
    mapping.start();
    await clock.runUntil(mapping.drained());
    await clock.runUntil(mapping.stop());
}

export const TO_BUCKET = { destinationConfig: { onFailure: { destinationArn: BUCKET_ARN } } };
export const REPORTS = { functionResponseTypes: ["ReportBatchItemFailures"] };

export const dataOf = ({ kinesis }: EventRecord): string => Buffer.from(kinesis.data, "base64").toString("utf8");

/** Throws if the batch has one of these. */
export function failingOn(...poison: string[]): Handler {
    return (records) => {
        if (records.some((record) => poison.includes(dataOf(record)))) throw new Error("poison");
    };
}

/** Reports every one of these. */
export function reporting(...poison: string[]): Handler {
    return (records) => {
        const bad = records.filter((record) => poison.includes(dataOf(record)));
        return batchItemFailures(...bad.map(({ kinesis }) => kinesis.sequenceNumber));
    };
}

export function putAll(stream: FakeStream, texts: string, shardId = SHARD): void {
    for (const text of texts) {
        stream.put(shardId, "key", text);
    }
}

export type Fixture = ReturnType<typeof createFixture>;

export async function drainAll(inputs: Record<string, unknown>, handler: Handler, texts: string): Promise<Fixture> {
    const fixture = createFixture(inputs, handler);
    putAll(fixture.stream, texts);
    await drain(fixture);
    expect(fixture.errors).to.deep.equal([]);
    return fixture;
}

export const joined = ({ batches }: Fixture): string[] => batches.map((batch) => batch.join(""));
