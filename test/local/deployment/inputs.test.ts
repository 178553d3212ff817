import { expect } from "chai";
import { Inputs } from "../../../local/deployment/inputs";
import { Archive } from "../../../local/deployment/values";

describe("the inputs of a resource", () => {
    it("are given with their types", () => {
        const inputs = new Inputs({
            name: "a",
            size: 1,
            on: false,
            tags: { a: "b" },
            list: ["x"],
            nested: { inner: 2 },
        });
        expect(inputs.string("name")).to.equal("a");
        expect(inputs.number("size")).to.equal(1);
        expect(inputs.optionalBoolean("on")).to.equal(false);
        expect(inputs.stringMap("tags")).to.deep.equal({ a: "b" });
        expect(inputs.strings("list")).to.deep.equal(["x"]);
        expect(inputs.optionalObject("nested")?.number("inner")).to.equal(2);
        inputs.refuseUnread();
    });

    it("that nobody reads are refused by name, also inside objects and lists", () => {
        const inputs = new Inputs({
            name: "a",
            extra: 1,
            nested: { inner: 2 },
            list: [{ b: 1 }],
            absent: undefined,
            none: null,
        });
        inputs.string("name");
        inputs.optionalObject("nested");
        inputs.objects("list");
        expect(() => inputs.refuseUnread()).to.throw(
            'the embedded cloud cannot honour "extra", "nested.inner", "list[0].b"',
        );
    });

    for (const [title, read, message] of [
        ["a missing string", (i: Inputs) => i.string("absent"), 'expected "absent" to be given'],
        ["a number for a string", (i: Inputs) => i.string("size"), 'expected "size" to be a string, got 1'],
        ["a string for a number", (i: Inputs) => i.number("name"), 'expected "name" to be a number, got "a"'],
        [
            "a list with a number for strings",
            (i: Inputs) => i.strings("list"),
            'expected "list" to be a list of strings, got a list',
        ],
        [
            "a value that is not honoured",
            (i: Inputs) => i.only("name", "b", "c"),
            'expected "name" to be "b" or "c", got "a"',
        ],
        [
            "an object for an archive",
            (i: Inputs) => i.archive("nested"),
            'expected "nested" to be an archive, got an object',
        ],
        [
            "a wrong type inside",
            (i: Inputs) => i.optionalObject("nested")?.string("inner"),
            'expected "nested.inner" to be a string, got 2',
        ],
    ] as [string, (inputs: Inputs) => unknown, string][]) {
        it(`refuse ${title}`, () => {
            const inputs = new Inputs({ name: "a", size: 1, list: [1], nested: { inner: 2 } });
            expect(() => read(inputs)).to.throw(message);
        });
    }

    it("take a JSON document as text or as an object", () => {
        const inputs = new Inputs({ text: '{"a":1}', object: { a: 1 }, archive: new Archive({}) });
        expect(inputs.json("text")).to.equal('{"a":1}');
        expect(inputs.json("object")).to.equal('{"a":1}');
    });
});
