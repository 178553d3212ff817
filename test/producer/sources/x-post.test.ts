import { expect } from "chai";
import { readXPost } from "../../../producer/sources/x-post";

const data = {
    id: "1700000000000000001",
    text: "cut…",
    author_id: "42",
    created_at: "2026-11-23T06:00:00.000Z",
    lang: "en",
};
const includes = {
    users: [
        { id: "7", username: "other" },
        { id: "42", username: "jane", name: "Jane" },
    ],
};

describe("a post of the X API", () => {
    it("becomes a wire record with its author's handle", () => {
        expect(readXPost({ data, includes })).to.deep.equal({
            ok: true,
            record: { username: "jane", id: data.id, timestamp: data.created_at, message: "cut…", source: "x" },
        });
    });

    it("has the whole text of a long post", () => {
        const result = readXPost({ data: { ...data, note_tweet: { text: "the whole text" } }, includes });
        expect(result.ok && result.record.message).to.equal("the whole text");
    });

    it("is its author's by number where the handle is not included", () => {
        for (const others of [undefined, {}, { users: [] }, { users: [null, { id: "42" }] }, { users: "none" }]) {
            const result = readXPost({ data, includes: others });
            expect(result.ok && result.record.username).to.equal("42");
        }
    });

    for (const [name, value, reason] of [
        ["several posts", [data], '"data" is not one post'],
        ["nothing", null, '"data" is not one post'],
        ["no id", { ...data, id: undefined }, '"data.id" is missing'],
        ["a number for an id", { ...data, id: 17 }, '"data.id" is not a string'],
        ["no text", { ...data, text: undefined }, '"data.text" is missing'],
        [
            "no time",
            { ...data, created_at: undefined },
            '"data.created_at" is missing (ask the API for `tweet.fields=author_id,created_at`)',
        ],
        [
            "a time that is none",
            { ...data, created_at: "yesterday" },
            '"timestamp" is not an ISO 8601 time with a time zone',
        ],
    ] as const) {
        it(`is refused with ${name}`, () => {
            expect(readXPost({ data: value, includes })).to.deep.equal({ ok: false, reason });
        });
    }
});
