import { expect } from "chai";
import path from "node:path";
import { asItIs, loadFix } from "../../replay/fix";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";
import { failed } from "./support/records";

const load = (script: string) => loadFix(path.join(temporaryFolder({ "fix.mjs": script }), "fix.mjs"));

async function problemOf(promise: Promise<unknown>): Promise<string> {
    const error: unknown = await promise.catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error);
    return (error as Error).message;
}

describe("a fix", () => {
    after(removeTemporaryFolders);

    it("is given the record, and answers with another one", async () => {
        const fix = await load(
            `export default ({ data, partitionKey, reason, sequenceNumber, arrivedAt, object }) => ({
                data: JSON.stringify([String(data), partitionKey, reason, sequenceNumber, arrivedAt.getTime(), object]),
            });`,
        );
        const fixed = await fix(failed(7), "quarantine/x");
        expect(fixed?.partitionKey).to.equal("ada");
        expect(JSON.parse(Buffer.from(fixed!.data).toString())).to.deep.equal([
            ...["record 7", "ada", "not JSON", "7", 7, "quarantine/x"],
        ]);
    });

    for (const [what, script, expected] of [
        ["text", "'日本'", "日本"],
        ["bytes", "new Uint8Array([65, 66])", "AB"],
        ["a value for JSON", "{ id: 1 }", '{"id":1}'],
    ] as const) {
        it(`may answer with ${what} as data`, async () => {
            const fixed = await (await load(`export default () => ({ data: ${script} });`))(failed(1), "o");
            expect(Buffer.from(fixed!.data).toString()).to.equal(expected);
        });
    }

    it("may give another partition key, and may return the record as it is", async () => {
        const other = await load(`export default (record) => ({ ...record, partitionKey: "bob" });`);
        expect(await other(failed(1), "o")).to.deep.equal({ partitionKey: "bob", data: Buffer.from("record 1") });
        const same = await load(`export default (record) => record;`);
        expect(await same(failed(1), "o")).to.deep.equal({ partitionKey: "ada", data: Buffer.from("record 1") });
    });

    it("may be asynchronous, wait at its top level, and answer null", async () => {
        const fix = await load(`const answer = await Promise.resolve(null); export default async () => answer;`);
        expect(await fix(failed(1), "o")).to.equal(null);
    });

    for (const [what, body, problem] of [
        ["throws", `() => { throw new Error("no such author") }`, "the fix failed at record 1: no such author"],
        [
            "answers nothing",
            `() => {}`,
            "expected the fix of record 1 to be a record with `data`, or null, got nothing",
        ],
        ["answers a text", `() => "x"`, "expected the fix of record 1 to be a record with `data`, or null, got string"],
        [
            "gives no data",
            `() => ({ data: undefined })`,
            "expected the fixed `data` of record 1 to be bytes, text or JSON",
        ],
        [
            "gives an empty key",
            `() => ({ data: "x", partitionKey: "" })`,
            "expected a partition key of 1 to 256 characters, got 0; a fix can give another",
        ],
    ] as const) {
        it(`that ${what} is told with the record`, async () => {
            expect(await problemOf((await load(`export default ${body};`))(failed(1), "o"))).to.equal(problem);
        });
    }

    it("that is no function, or cannot be loaded, is a mistake of the user", async () => {
        expect(await problemOf(load("export const fix = 1;"))).to.equal(
            "Expected `--fix` to be a module whose default export is a function, got undefined.",
        );
        expect(await problemOf(load("export default ("))).to.include(
            "Expected `--fix` to be a module that can be loaded: ",
        );
        expect(await problemOf(loadFix("/nowhere.mjs"))).to.include(
            "Expected `--fix` to be a module that can be loaded: ",
        );
    });

    it("that is not given leaves a record as it is, and refuses a key that the stream refuses", async () => {
        expect(await asItIs(failed(1), "o")).to.deep.equal({ partitionKey: "ada", data: Buffer.from("record 1") });
        expect(await problemOf(asItIs(failed(1, { partitionKey: "x".repeat(257) }), "o"))).to.include("got 257");
    });
});
