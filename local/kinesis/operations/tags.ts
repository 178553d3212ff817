import { ACCOUNT_ID } from "../../account";
import type { Tag } from "../api";
import { invalidArgument } from "../errors";
import { TAGS_PER_STREAM_MAX } from "../limits";
import { integer, list, map, required, string } from "../members";
import type { Stream } from "../stream";
import {
    resourceReference,
    streamArnMember,
    streamInReference,
    streamInResource,
    streamReferenceMembers,
    type Operation,
} from "./operation";

const KEY_LENGTH = [1, 128] as const;
const VALUE_LENGTH = [0, 256] as const;
/** Letters, spaces and numbers of any script, and these characters: Tag restrictions in the developer guide. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-%@]*$/u;
/** "You can't start a tag key with aws: because this prefix is reserved": the same page. */
const RESERVED_PREFIX = "aws:";
const TAGS_PER_REQUEST_MAX = 200;
const TAG_KEYS_PER_REQUEST_MAX = 50;

const tagKeyMember = string({ minLength: KEY_LENGTH[0], maxLength: KEY_LENGTH[1] });
export const tagsMember = map(0, TAGS_PER_REQUEST_MAX, KEY_LENGTH, VALUE_LENGTH);
const tagsToAdd = required(map(1, TAGS_PER_REQUEST_MAX, KEY_LENGTH, VALUE_LENGTH));
const tagKeysToRemove = required(list(tagKeyMember, 1, TAG_KEYS_PER_REQUEST_MAX));
const resourceArn = required(streamArnMember);

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html */
export const addTagsToStream: Operation<"AddTagsToStream"> = {
    members: { Tags: tagsToAdd, ...streamReferenceMembers },
    streamName: streamInReference,
    run: (input, { streams }) => add(streams.requireActive(input), input.Tags),
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html */
export const removeTagsFromStream: Operation<"RemoveTagsFromStream"> = {
    members: { TagKeys: tagKeysToRemove, ...streamReferenceMembers },
    streamName: streamInReference,
    run: (input, { streams }) => remove(streams.requireActive(input), input.TagKeys),
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html */
export const listTagsForStream: Operation<"ListTagsForStream"> = {
    members: {
        ExclusiveStartTagKey: tagKeyMember,
        Limit: integer({ min: 1, max: TAGS_PER_STREAM_MAX }),
        ...streamReferenceMembers,
    },
    streamName: streamInReference,
    run(input, { streams }) {
        const after = input.ExclusiveStartTagKey;
        const tags = sortedTags(streams.require(input)).filter(({ Key }) => after === undefined || Key > after);
        const shown = tags.slice(0, input.Limit ?? TAGS_PER_STREAM_MAX);
        return { Tags: shown, HasMoreTags: shown.length < tags.length };
    },
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html */
export const tagResource: Operation<"TagResource"> = {
    members: { Tags: tagsToAdd, ResourceARN: resourceArn },
    streamName: streamInResource,
    run: (input, { streams }) => add(streams.requireActive(resourceReference(input)), input.Tags),
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html */
export const untagResource: Operation<"UntagResource"> = {
    members: { TagKeys: tagKeysToRemove, ResourceARN: resourceArn },
    streamName: streamInResource,
    run: (input, { streams }) => remove(streams.requireActive(resourceReference(input)), input.TagKeys),
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Operation<"ListTagsForResource"> = {
    members: { ResourceARN: resourceArn },
    streamName: streamInResource,
    run: (input, { streams }) => ({ Tags: sortedTags(streams.require(resourceReference(input))) }),
};

/** Refuses tags with characters or keys that AWS does not take, and more of them than a stream may have. */
export function checkTags(streamName: string, tags: Readonly<Record<string, string>>, present: Iterable<string>): void {
    for (const text of Object.entries(tags).flat()) {
        if (TAG_TEXT.test(text)) continue;
        throw invalidArgument(
            `Some tags contain invalid characters: ${text}. Valid characters: Unicode letters, digits, white space, ` +
                "_ . / = + - % @ and :",
        );
    }
    const reserved = Object.keys(tags).find((key) => key.startsWith(RESERVED_PREFIX));
    if (reserved !== undefined) {
        throw invalidArgument(`The tag key ${reserved} starts with ${RESERVED_PREFIX}, which is reserved for AWS.`);
    }
    if (new Set([...present, ...Object.keys(tags)]).size <= TAGS_PER_STREAM_MAX) return;
    throw invalidArgument(
        `Failed to add tags to stream ${streamName} under account ${ACCOUNT_ID} because a given stream cannot have ` +
            `more than ${TAGS_PER_STREAM_MAX} tags associated with it.`,
    );
}

function add(stream: Stream, tags: Readonly<Record<string, string>>): Record<string, never> {
    checkTags(stream.name, tags, stream.tags.keys());
    for (const [key, value] of Object.entries(tags)) stream.tags.set(key, value);
    return {};
}

function remove(stream: Stream, keys: readonly string[]): Record<string, never> {
    for (const key of keys) stream.tags.delete(key);
    return {};
}

function sortedTags(stream: Stream): Tag[] {
    return Array.from(stream.tags, ([Key, Value]) => ({ Key, Value })).sort((a, b) => (a.Key < b.Key ? -1 : 1));
}
