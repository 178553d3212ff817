import { ACCOUNT, constraint, describeErrors, MISSING } from "../error-cases";

describeErrors("errors of tags", [
    {
        name: "AddTagsToStream without tags",
        call: (client, StreamName) => client.addTagsToStream({ StreamName, Tags: {} }),
        code: "ValidationException",
        message: constraint("'{}'", "tags", "Member must have length greater than or equal to 1"),
    },
    {
        name: "AddTagsToStream with a 51st tag",
        call: (client, StreamName) =>
            client.addTagsToStream({
                StreamName,
                Tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag${index}`, ""])),
            }),
        code: "InvalidArgumentException",
        message: new RegExp(
            `^Failed to add tags to stream {stream} under account ${ACCOUNT} because a given stream cannot have more ` +
                "than 50 tags associated with it\\.$",
        ),
    },
    {
        name: "AddTagsToStream with a character that no tag has",
        call: (client, StreamName) => client.addTagsToStream({ StreamName, Tags: { "a;b": "" } }),
        code: "InvalidArgumentException",
        message: /invalid characters/,
    },
    {
        name: "AddTagsToStream with a key that is reserved for AWS",
        call: (client, StreamName) => client.addTagsToStream({ StreamName, Tags: { "aws:a": "b" } }),
        code: "InvalidArgumentException",
        message: /aws:/,
    },
    {
        name: "CreateStream with a character that no tag has",
        call: (client) => client.createStream({ StreamName: `${MISSING}-tagged`, ShardCount: 1, Tags: { a: "b;c" } }),
        code: "InvalidArgumentException",
        message: /invalid characters/,
    },
]);
