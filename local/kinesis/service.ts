import type { Authorization, Service, ServiceRequest, ServiceResponse } from "../service";
import type { Input, OperationName, Output } from "./api";
import { unknownOperation } from "./errors";
import { CallRates } from "./call-rates";
import type { KinesisFaults } from "./faults";
import { RETAINED_BYTES_MAX_DEFAULT, STATE_CHANGE_MS } from "./limits";
import { isOperation, operations } from "./operations";
import { streamInReference, streamInResource, type Operation } from "./operations/operation";
import { scaleUniformly } from "./resharding";
import { observe, type StreamState } from "./stream-state";
import type { EarlyTrim } from "./stream";
import { streamArn, Streams } from "./streams";
import { checkInput } from "./validation";
import { wireFormat } from "./wire-format";

export type { KinesisOperations, Input, OperationName, Output } from "./api";
export type { KinesisFaults } from "./faults";
export type { EarlyTrim } from "./stream";
export type { ShardState, StreamState } from "./stream-state";

/** A record with its base64 must fit, and some more of them: a stream that forgets what it has just taken is of no use. */
export const RETAINED_BYTES_MAX_LEAST = 16 * 1024 * 1024;

export interface KinesisOptions {
    readonly region: string;
    /** Milliseconds since the epoch. */
    readonly clock?: () => number;
    /** The memory that the records of one stream may take, RETAINED_BYTES_MAX_LEAST or more. */
    readonly retainedBytesMax?: number;
    /** Told of every record that had to go before its retention period was over; a warning on stderr by default. */
    readonly onEarlyTrim?: (trim: EarlyTrim) => void;
    readonly faults?: KinesisFaults;
}

/** How long a change of a stream takes, and whether calls count for what an account may call in a second. */
const WITH_WAITS = { changeMs: STATE_CHANGE_MS, isCounted: true };
const WITHOUT_WAITS = { changeMs: 0, isCounted: false };

/** Kinesis Data Streams in memory: over the front door, and in the same process through `call`. */
export class KinesisService implements Service {
    readonly name = "kinesis";
    readonly protocol = "json";
    readonly #streams: Streams;
    readonly #rates: CallRates;
    readonly #clock: () => number;
    readonly #faults: KinesisFaults;
    readonly #listeners = new Map<string, Set<() => void>>();
    /** Streams whose listeners are about to be called. */
    readonly #changed = new Set<string>();
    /** Parsed requests, so that a body is parsed once for the permissions and the operation. */
    readonly #inputs = new WeakMap<ServiceRequest, object>();

    constructor(options: KinesisOptions) {
        const retainedBytesMax = options.retainedBytesMax ?? RETAINED_BYTES_MAX_DEFAULT;
        if (!(retainedBytesMax >= RETAINED_BYTES_MAX_LEAST)) {
            throw new TypeError(
                `Expected retainedBytesMax to be ${RETAINED_BYTES_MAX_LEAST} bytes or more, got ${retainedBytesMax}`,
            );
        }
        this.#streams = new Streams(options.region, {
            retainedBytesMax,
            onEarlyTrim: options.onEarlyTrim ?? warnOfEarlyTrim,
        });
        this.#rates = new CallRates(this.#streams);
        this.#clock = options.clock ?? Date.now;
        this.#faults = options.faults ?? {};
    }

    /**
     * Runs an operation as a request over HTTP would, with the same checks, limits and faults, but what it changes takes no
     * time, and how often a control operation is called does not matter: as for a deployment, which waits until a stream is
     * ACTIVE and calls again what was refused for the time being, without the waits.
     * @throws AwsError (as a rejection) what the client would get.
     */
    async call<Name extends OperationName>(name: Name, input: Input<Name>): Promise<Output<Name>> {
        const output = this.#run(name, input);
        this.#completeChanges();
        return output;
    }

    /**
     * Calls `listener` after records arrived in the stream, its shards changed, or it was created or deleted: once for all
     * that happens before the listener runs, not synchronously. The stream need not exist yet.
     * @returns what ends it
     */
    onRecords(streamName: string, listener: () => void): () => void {
        // Each subscription counts for itself, also if the same function is given twice.
        const subscription = () => listener();
        const listeners = this.#listeners.get(streamName) ?? new Set();
        this.#listeners.set(streamName, listeners.add(subscription));
        return () => {
            listeners.delete(subscription);
            if (listeners.size === 0 && this.#listeners.get(streamName) === listeners) {
                this.#listeners.delete(streamName);
            }
        };
    }

    /** What is in a stream now, for observers; undefined if there is no such stream. It counts for no limit. */
    state(streamName: string): StreamState | undefined {
        this.#completeChanges();
        const stream = this.#streams.find(streamName);
        return stream === undefined ? undefined : observe(stream);
    }

    /**
     * Brings a stream to another number of shards, whatever its mode: what Kinesis does by itself with a stream on demand,
     * and UpdateShardCount with a provisioned one.
     */
    scale(streamName: string, shardCount: number): void {
        const stream = this.#streams.find(streamName);
        if (stream === undefined) throw new Error(`There is no stream ${streamName}`);
        scaleUniformly(stream, shardCount, this.#clock());
        this.#wake(streamName);
    }

    /** The names of all streams, sorted. */
    streamNames(): string[] {
        this.#completeChanges();
        return this.#streams.all().map((stream) => stream.name);
    }

    /** Lets go of all streams and listeners. There is nothing else to stop: no timer, no socket. */
    close(): void {
        this.#listeners.clear();
        for (const stream of this.#streams.all()) this.#streams.delete(stream);
    }

    /**
     * Also for an operation that is not known here: who may not call it on AWS is told so, and not that it is unknown.
     * ListStreams and DescribeLimits are about no resource: `*`, also in what a refusal says.
     * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html
     */
    authorizations(request: ServiceRequest): Authorization[] {
        const input = this.#input(request) as Partial<Record<string, unknown>>;
        const { region } = this.#streams;
        const action = `kinesis:${request.operation}`;
        if (!isOperation(request.operation)) {
            const name = streamInReference(input) ?? streamInResource(input);
            return [{ action, resource: name === undefined ? "*" : streamArn(region, name) }];
        }
        const { streamName, moreAuthorizations } = operations[request.operation];
        const name = streamName(input);
        return [
            { action, resource: name === undefined ? "*" : streamArn(region, name) },
            ...(moreAuthorizations?.(input, region) ?? []),
        ];
    }

    async handle(request: ServiceRequest): Promise<ServiceResponse> {
        if (!isOperation(request.operation)) throw unknownOperation();
        const output = this.#run(request.operation, this.#input(request), WITH_WAITS);
        const { contentType, write } = wireFormat(request.headers["content-type"]);
        return { status: 200, headers: { "content-type": contentType }, body: write(output) };
    }

    #run<Name extends OperationName>(name: Name, input: object, { changeMs, isCounted } = WITHOUT_WAITS): Output<Name> {
        const operation: Operation<Name> = operations[name];
        checkInput(name, operation.members, input);
        const streamName = operation.streamName(input);
        const fault = this.#faults.beforeOperation?.(name, streamName);
        if (fault !== undefined) throw fault;
        this.#completeChanges();
        const streams = this.#streams;
        const now = this.#clock();
        if (isCounted) this.#rates.count(name, streamName, now);
        return operation.run(input, {
            streams,
            now,
            faults: this.#faults,
            changed: (name) => this.#wake(name),
            change: (stream, status, complete) =>
                streams.startChange(stream, { status, startedAt: now, endsAt: now + changeMs, complete }),
        });
    }

    /** Brings the streams to where their changes have come by now. */
    #completeChanges(): void {
        for (const streamName of this.#streams.completeChanges(this.#clock())) this.#wake(streamName);
    }

    /** A listener that throws is a bug of its own: its error must neither fail the put nor be swallowed. */
    #wake(streamName: string): void {
        if (!this.#listeners.has(streamName) || this.#changed.has(streamName)) return;
        this.#changed.add(streamName);
        queueMicrotask(() => {
            this.#changed.delete(streamName);
            for (const listener of [...(this.#listeners.get(streamName) ?? [])]) listener();
        });
    }

    #input(request: ServiceRequest): object {
        const known = this.#inputs.get(request);
        if (known !== undefined) return known;
        const input = wireFormat(request.headers["content-type"]).read(request.body);
        this.#inputs.set(request, input);
        return input;
    }
}

function warnOfEarlyTrim({ streamName, shardId, records, retainedBytesMax }: EarlyTrim): void {
    console.warn(
        `Kinesis: ${records} records of ${shardId} in stream ${streamName} were dropped before their retention period ` +
            `was over: the stream holds more than ${retainedBytesMax} bytes.`,
    );
}
