import { ACCOUNT_ID } from "../../account";
import type { Authorization } from "../../service";
import type { Input, OperationName, Output, StreamReference } from "../api";
import { limitExceeded } from "../errors";
import type { KinesisFaults } from "../faults";
import { required, string, type Members } from "../members";
import type { Stream, StreamChange } from "../stream";
import { streamArn, streamNameInArn, type Streams } from "../streams";
import type { DailyLimit } from "../throughput";

/** What an operation works on. */
export interface OperationContext {
    readonly streams: Streams;
    /** Milliseconds: the moment of the call. */
    readonly now: number;
    readonly faults: KinesisFaults;
    /** Wakes whoever waits for records of the stream. */
    readonly changed: (streamName: string) => void;
    /** Starts a change that takes its time: until then the stream has the status, and `complete` runs at its end. */
    readonly change: (stream: Stream, status: StreamChange["status"], complete: StreamChange["complete"]) => void;
}

export interface Operation<Name extends OperationName> {
    readonly members: Members;
    /**
     * The name of the stream that the request is about; undefined if it names none. It is asked for the permissions, before
     * the request is checked: its members may be missing or of any type.
     */
    readonly streamName: (input: Partial<Record<string, unknown>>) => string | undefined;
    /** What is needed beside `kinesis:<Operation>` on the stream, or on `*` for an operation without one. */
    readonly moreAuthorizations?: (input: Partial<Record<string, unknown>>, region: string) => Authorization[];
    readonly run: (input: Input<Name>, context: OperationContext) => Output<Name>;
}

export const streamNameMember = string({ pattern: "[a-zA-Z0-9_.-]+", minLength: 1, maxLength: 128 });
export const streamArnMember = string({
    pattern: "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+",
    minLength: 1,
    maxLength: 2048,
});
export const shardIdMember = string({ pattern: "[a-zA-Z0-9_.-]+", minLength: 1, maxLength: 128 });
export const hashKeyMember = string({ pattern: "0|([1-9]\\d{0,38})" });
export const sequenceNumberMember = string({ pattern: "0|([1-9]\\d{0,128})" });
export const streamModeMember = required(string({ values: ["PROVISIONED", "ON_DEMAND"] }));

/** The members by which nearly every request names its stream. */
export const streamReferenceMembers: Members = { StreamName: streamNameMember, StreamARN: streamArnMember };

/** The stream's name in StreamName or StreamARN. */
export function streamInReference(input: Partial<Record<string, unknown>>): string | undefined {
    const { StreamName, StreamARN } = input;
    if (typeof StreamARN === "string") return streamNameInArn(StreamARN);
    return typeof StreamName === "string" ? StreamName : undefined;
}

/** The stream's name in ResourceARN. */
export function streamInResource(input: Partial<Record<string, unknown>>): string | undefined {
    return typeof input.ResourceARN === "string" ? streamNameInArn(input.ResourceARN) : undefined;
}

export function noStream(): undefined {
    return undefined;
}

/** The reference of an operation whose member is called ResourceARN. */
export function resourceReference(input: { ResourceARN: string }): StreamReference {
    return { StreamARN: input.ResourceARN };
}

/** Counts a call that a stream takes only so many times a day. */
export function countCall(operation: OperationName, stream: Stream, limit: DailyLimit, now: number): void {
    if (limit.take(now)) return;
    throw limitExceeded(
        `${operation} can be called at most ${limit.callsMax} times in 24 hours for stream ${stream.name} ` +
            `under account ${ACCOUNT_ID}.`,
    );
}

export function authorizeOnStream(action: string, streamName: string, region: string): Authorization {
    return { action: `kinesis:${action}`, resource: streamArn(region, streamName) };
}
