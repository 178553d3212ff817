import { ACCOUNT_ID, PARTITION } from "../account";
import type { StreamReference } from "./api";
import {
    couldNotFindShard,
    invalidArgument,
    shardDoesNotExist,
    streamExists,
    streamNotActive,
    streamNotFound,
} from "./errors";
import type { Shard } from "./shard";
import { formatShardId, parseShardId } from "./shard-id";
import { Stream, type StreamChange, type StreamSettings } from "./stream";

type NewStream = Omit<StreamSettings, "arn" | "incarnation" | "retainedBytesMax" | "onEarlyTrim">;

/** The streams of the account in one region. */
export class Streams {
    readonly region: string;
    readonly #settings: Pick<StreamSettings, "retainedBytesMax" | "onEarlyTrim">;
    readonly #byName = new Map<string, Stream>();
    /** Streams that are not ACTIVE. */
    readonly #changing = new Set<Stream>();
    #incarnations = 0;

    constructor(region: string, settings: Pick<StreamSettings, "retainedBytesMax" | "onEarlyTrim">) {
        this.region = region;
        this.#settings = settings;
    }

    create(stream: NewStream): Stream {
        if (this.#byName.has(stream.name)) throw streamExists(stream.name);
        this.#incarnations += 1;
        const arn = streamArn(this.region, stream.name);
        const created = new Stream({ ...stream, ...this.#settings, arn, incarnation: this.#incarnations });
        this.#byName.set(stream.name, created);
        return created;
    }

    delete(stream: Stream): void {
        this.#byName.delete(stream.name);
        this.#changing.delete(stream);
    }

    startChange(stream: Stream, change: StreamChange): void {
        stream.change = change;
        this.#changing.add(stream);
    }

    /**
     * Completes the changes whose time is over. Nothing runs by itself: it is called before anything looks at a stream.
     * @returns the names of the streams
     */
    completeChanges(now: number): string[] {
        const completed = Array.from(this.#changing).filter(
            ({ change }) => change === undefined || isOver(change, now),
        );
        for (const stream of completed) {
            const { change } = stream;
            this.#changing.delete(stream);
            stream.change = undefined;
            change?.complete(change.endsAt);
        }
        return completed.map(({ name }) => name);
    }

    find(name: string): Stream | undefined {
        return this.#byName.get(name);
    }

    /** By name, as ListStreams gives them. */
    all(): Stream[] {
        return Array.from(this.#byName.values()).sort((a, b) => (a.name < b.name ? -1 : 1));
    }

    openShardCount(): number {
        return this.all().reduce((count, stream) => count + stream.openShards.length, 0);
    }

    /** The stream that a request names, by name, by ARN or by both. */
    require(reference: StreamReference): Stream {
        const name = nameIn(reference);
        const stream = this.#byName.get(name);
        if (stream === undefined) throw streamNotFound(name);
        // An ARN of another region or account names a stream that is not here.
        if (reference.StreamARN !== undefined && reference.StreamARN !== stream.arn) throw streamNotFound(name);
        return stream;
    }

    /** The same, for records: a stream that is being created or deleted is not there for them. */
    requireForRecords(reference: StreamReference): Stream {
        const stream = this.require(reference);
        if (!stream.takesRecords) throw streamNotFound(stream.name);
        return stream;
    }

    /** The same, for what changes a stream: "the resource must be in the ACTIVE state". */
    requireActive(reference: StreamReference): Stream {
        const stream = this.require(reference);
        if (stream.status !== "ACTIVE") throw streamNotActive(stream.name, stream.status);
        return stream;
    }
}

/** Also where the clock was set back. */
function isOver({ startedAt, endsAt }: StreamChange, now: number): boolean {
    return now >= endsAt || now < startedAt;
}

export function streamArn(region: string, name: string): string {
    return `arn:${PARTITION}:kinesis:${region}:${ACCOUNT_ID}:stream/${name}`;
}

/** What follows the slash. Whether the rest is right shows when it is compared with the stream's own ARN. */
export function streamNameInArn(arn: string): string {
    return arn.slice(arn.indexOf("/") + 1);
}

/** The shard that a read names. */
export function shardToRead(stream: Stream, text: string): Shard {
    const index = requireShardIndex(stream.name, text);
    const shard = stream.shardAt(index);
    if (shard === undefined) throw shardDoesNotExist(formatShardId(index), stream.name);
    return shard;
}

/** The open shard that a resharding operation names. */
export function shardToReshard(stream: Stream, text: string): Shard {
    const index = requireShardIndex(stream.name, text);
    const shard = stream.shardAt(index);
    if (shard === undefined) throw couldNotFindShard(formatShardId(index), stream.name);
    if (shard.closedAt !== undefined) {
        throw invalidArgument(
            `Shard ${shard.id} in stream ${stream.name} under account ${ACCOUNT_ID} has already been merged or split, ` +
                "and thus is not eligible for merging or splitting.",
        );
    }
    return shard;
}

function requireShardIndex(streamName: string, text: string): number {
    const index = parseShardId(text);
    if (index === undefined) throw couldNotFindShard(text, streamName);
    return index;
}

function nameIn({ StreamName, StreamARN }: StreamReference): string {
    const nameInArn = StreamARN === undefined ? undefined : streamNameInArn(StreamARN);
    const name = StreamName ?? nameInArn;
    if (name === undefined) throw invalidArgument("Either StreamName or StreamARN must be specified.");
    if (nameInArn !== undefined && nameInArn !== name) {
        throw invalidArgument(`StreamName ${name} and StreamARN ${StreamARN ?? ""} do not name the same stream.`);
    }
    return name;
}
