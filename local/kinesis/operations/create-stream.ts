import { ACCOUNT_ID } from "../../account";
import type { CreateStreamInput } from "../api";
import { limitExceeded, streamExists, validationError } from "../errors";
import { uniformRanges } from "../hash-key";
import {
    CREATING_STREAMS_MAX,
    ON_DEMAND_SHARDS,
    ON_DEMAND_STREAMS_MAX,
    RECORD_KIB_DEFAULT,
    RECORD_KIB_MAX,
} from "../limits";
import { boolean, integer, required, structure } from "../members";
import type { Streams } from "../streams";
import {
    authorizeOnStream,
    streamInReference,
    streamModeMember,
    streamNameMember,
    streamReferenceMembers,
    type Operation,
} from "./operation";
import { requireRoom } from "./reshard";
import { checkTags, tagsMember } from "./tags";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
export const createStream: Operation<"CreateStream"> = {
    members: {
        ShardCount: integer({ min: 1 }),
        StreamName: required(streamNameMember),
        StreamModeDetails: structure({ StreamMode: streamModeMember }),
        Tags: tagsMember,
        MaxRecordSizeInKiB: integer({ min: RECORD_KIB_DEFAULT, max: RECORD_KIB_MAX }),
    },
    streamName: streamInReference,
    moreAuthorizations(input, region) {
        if (input.Tags === undefined || input.Tags === null) return [];
        return [authorizeOnStream("AddTagsToStream", streamInReference(input) ?? "*", region)];
    },
    run(input, { streams, now, change }) {
        const mode = input.StreamModeDetails?.StreamMode ?? "PROVISIONED";
        const shardCount = mode === "ON_DEMAND" ? onDemandShards(input) : provisionedShards(input);
        if (streams.find(input.StreamName) !== undefined) throw streamExists(input.StreamName);
        requireFewCreating(streams);
        if (mode === "ON_DEMAND") requireOnDemandRoom(streams);
        requireRoom(streams, shardCount);
        if (input.Tags !== undefined) checkTags(input.StreamName, input.Tags, []);
        const stream = streams.create({
            name: input.StreamName,
            mode,
            ranges: uniformRanges(shardCount),
            recordKiBMax: input.MaxRecordSizeInKiB,
            tags: input.Tags,
            createdAt: now,
        });
        change(stream, "CREATING", () => undefined);
        return {};
    },
};

/**
 * "If the stream is in the ACTIVE state, you can delete it"; a stream that is DELETING takes no records here. There are no registered consumers here, so that EnforceConsumerDeletion makes
 * no difference.
 *
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
 */
export const deleteStream: Operation<"DeleteStream"> = {
    members: { EnforceConsumerDeletion: boolean, ...streamReferenceMembers },
    streamName: streamInReference,
    run(input, { streams, change }) {
        const stream = streams.requireActive(input);
        change(stream, "DELETING", () => streams.delete(stream));
        return {};
    },
};

function requireFewCreating(streams: Streams): void {
    const changing = streams.all().filter(({ status }) => status === "CREATING" || status === "DELETING");
    if (changing.length < CREATING_STREAMS_MAX) return;
    throw limitExceeded(
        "This request would have exceed the limit on the number of streams that can simultaneously be in CREATING or " +
            `DELETING. Limit: ${CREATING_STREAMS_MAX}`,
    );
}

export function requireOnDemandRoom(streams: Streams): void {
    const count = streams.all().filter((stream) => stream.mode === "ON_DEMAND").length;
    if (count < ON_DEMAND_STREAMS_MAX) return;
    throw limitExceeded(
        `This request would exceed the on-demand stream limit for the account ${ACCOUNT_ID} in ${streams.region}. ` +
            `Current on-demand stream count for the account: ${count}. Limit: ${ON_DEMAND_STREAMS_MAX}.`,
    );
}

function onDemandShards({ ShardCount }: CreateStreamInput): number {
    if (ShardCount === undefined) return ON_DEMAND_SHARDS;
    throw validationError("ShardCount must not be specified for a stream with the mode ON_DEMAND.");
}

function provisionedShards({ ShardCount }: CreateStreamInput): number {
    if (ShardCount !== undefined) return ShardCount;
    throw validationError("ShardCount must be specified for a stream with the mode PROVISIONED.");
}
