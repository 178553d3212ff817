import { AwsError } from "../../aws-error";
import type { ListShardsInput, ShardFilter, ShardFilterType } from "../api";
import { invalidArgument, streamNotActive, streamNotFound } from "../errors";
import { LIST_MAX, LIST_SHARDS_DEFAULT, TOKEN_AGE_MS_MAX } from "../limits";
import { integer, required, string, structure, timestamp } from "../members";
import type { Shard } from "../shard";
import { parseShardId } from "../shard-id";
import type { Stream } from "../stream";
import type { Streams } from "../streams";
import { decodeToken, encodeToken } from "../token";
import { describeShard } from "./descriptions";
import { shardIdMember, streamInReference, streamReferenceMembers, type Operation } from "./operation";

const FILTERS: readonly ShardFilterType[] = [
    "AFTER_SHARD_ID",
    "AT_TRIM_HORIZON",
    "FROM_TRIM_HORIZON",
    "AT_LATEST",
    "AT_TIMESTAMP",
    "FROM_TIMESTAMP",
];

/** Where a listing goes on, and what it lists. */
interface NextPage {
    readonly kind: "shards";
    readonly stream: string;
    readonly incarnation: number;
    readonly after: string;
    readonly filter: ShardFilter | null;
    readonly at: number;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */
export const listShards: Operation<"ListShards"> = {
    members: {
        NextToken: string({ minLength: 1, maxLength: 1_048_576 }),
        ExclusiveStartShardId: shardIdMember,
        MaxResults: integer({ min: 1, max: LIST_MAX }),
        StreamCreationTimestamp: timestamp,
        ShardFilter: structure({
            Type: required(string({ values: FILTERS })),
            ShardId: shardIdMember,
            Timestamp: timestamp,
        }),
        ...streamReferenceMembers,
    },
    streamName(input) {
        const { NextToken } = input;
        return streamInReference(input) ?? (typeof NextToken === "string" ? readToken(NextToken)?.stream : undefined);
    },
    run(input, { streams, now }) {
        const { stream, after, filter } = page(input, streams, now);
        if (!stream.takesRecords) throw streamNotActive(stream.name, stream.status);
        stream.sweep(now);
        const shards = shardsAfter(stream, after).filter(shardFilter(stream, filter, now));
        const shown = shards.slice(0, input.MaxResults ?? LIST_SHARDS_DEFAULT);
        const last = shown.at(-1);
        if (last === undefined || shown.length === shards.length) return { Shards: shown.map(describeShard) };
        const { name, incarnation } = stream;
        const next: NextPage = {
            kind: "shards",
            stream: name,
            incarnation,
            after: last.id,
            filter: filter ?? null,
            at: now,
        };
        return { Shards: shown.map(describeShard), NextToken: encodeToken(next) };
    },
};

/** The shards that follow the one named, in the order of creation. */
export function shardsAfter(stream: Stream, shardId: string | undefined): readonly Shard[] {
    if (shardId === undefined) return stream.shards;
    const index = parseShardId(shardId);
    if (index === undefined) throw invalidArgument(`The ExclusiveStartShardId ${shardId} is not a shard ID.`);
    return stream.shards.filter((shard) => shard.index > index);
}

/** What to list: from the request itself, or from the token of an earlier one. */
function page(
    input: ListShardsInput,
    streams: Streams,
    now: number,
): { stream: Stream; after?: string; filter?: ShardFilter } {
    if (input.NextToken === undefined) {
        const stream = streams.require(input);
        const created = input.StreamCreationTimestamp;
        if (created !== undefined && Math.round(created * 1000) !== stream.createdAt) throw streamNotFound(stream.name);
        return { stream, after: input.ExclusiveStartShardId, filter: input.ShardFilter };
    }
    for (const name of ["StreamName", "StreamCreationTimestamp", "ExclusiveStartShardId", "ShardFilter"] as const) {
        if (input[name] === undefined) continue;
        throw invalidArgument(`NextToken and ${name} cannot be provided together.`);
    }
    const next = readToken(input.NextToken);
    if (next === undefined) throw invalidArgument("Invalid NextToken.");
    if (now - next.at > TOKEN_AGE_MS_MAX) {
        throw new AwsError("ExpiredNextTokenException", `NextToken expired: it is valid for ${TOKEN_AGE_MS_MAX} ms.`);
    }
    const stream = streams.require({ StreamName: next.stream, StreamARN: input.StreamARN });
    if (stream.incarnation !== next.incarnation) throw streamNotFound(next.stream);
    return { stream, after: next.after, filter: next.filter ?? undefined };
}

function readToken(token: string): NextPage | undefined {
    const content = decodeToken(token) as Partial<NextPage> | undefined;
    return content?.kind === "shards" ? (content as NextPage) : undefined;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function shardFilter(stream: Stream, filter: ShardFilter | undefined, now: number): (shard: Shard) => boolean {
    if (filter === undefined) return () => true;
    const horizon = Math.max(stream.createdAt, now - stream.retentionHours * 3_600_000);
    const closedAt = (shard: Shard) => shard.closedAt ?? Infinity;
    switch (filter.Type) {
        case "AFTER_SHARD_ID": {
            const after = new Set(shardsAfter(stream, requireFilterMember(filter, "ShardId")));
            return (shard) => after.has(shard);
        }
        case "AT_LATEST":
            return (shard) => shard.closedAt === undefined;
        case "AT_TRIM_HORIZON":
            return (shard) => shard.createdAt <= horizon && closedAt(shard) >= horizon;
        case "FROM_TRIM_HORIZON":
            return () => true;
        case "AT_TIMESTAMP": {
            const time = requireFilterMember(filter, "Timestamp") * 1000;
            return (shard) => shard.createdAt <= time && closedAt(shard) >= time;
        }
        case "FROM_TIMESTAMP": {
            const time = requireFilterMember(filter, "Timestamp") * 1000;
            return (shard) => closedAt(shard) >= time;
        }
    }
}

function requireFilterMember<Name extends "ShardId" | "Timestamp">(
    filter: ShardFilter,
    name: Name,
): NonNullable<ShardFilter[Name]> {
    const value = filter[name];
    if (value === undefined) throw invalidArgument(`${name} must be specified for the shard filter ${filter.Type}.`);
    return value;
}
