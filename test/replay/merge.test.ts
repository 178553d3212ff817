import { expect } from "chai";
import * as fc from "fast-check";
import { mergeInOrder, type MergeSource } from "../../replay/merge";

interface Entry {
    readonly position: bigint;
    readonly from: number;
}

/** Sources with the given positions, that tell when they are opened. */
function sourcesOf(lists: readonly (readonly number[])[], onOpen: (from: number) => void = () => undefined) {
    return lists
        .filter((positions) => positions.length > 0)
        .map((positions, from): MergeSource<Entry> => {
            const sorted = positions.toSorted((a, b) => a - b);
            const open = async () => {
                onOpen(from);
                return sorted.map((position) => ({ position: BigInt(position), from }));
            };
            return { first: BigInt(sorted[0] ?? 0), bytes: 10, open };
        });
}

async function merged(sources: readonly MergeSource<Entry>[], bytesMax = 1_000_000): Promise<Entry[][]> {
    const groups: Entry[][] = [];
    for await (const group of mergeInOrder(sources, bytesMax)) groups.push(group);
    return groups;
}

const numbers = (groups: Entry[][]) => groups.flat().map(({ position }) => Number(position));

describe("records of several objects", () => {
    it("come in the order of the stream, those of one position together", async () => {
        const groups = await merged(sourcesOf([[5, 9], [1, 5, 6], [2]]));
        expect(groups.map((group) => group.map(({ position }) => Number(position)))).to.deep.equal([
            [1],
            [2],
            [5, 5],
            [6],
            [9],
        ]);
    });

    it("come in order whatever the objects, and none is left out or given twice", async () => {
        const lists = fc.array(fc.array(fc.nat(40), { maxLength: 8 }), { maxLength: 8 });
        await fc.assert(
            fc.asyncProperty(lists, async (positions) => {
                const given = numbers(await merged(sourcesOf(positions)));
                expect(given).to.deep.equal(positions.flat().sort((a, b) => a - b));
            }),
        );
    });

    it("are all given also where the memory does not suffice for the order", async () => {
        const lists = fc.array(fc.array(fc.nat(40), { maxLength: 8 }), { maxLength: 8 });
        await fc.assert(
            fc.asyncProperty(lists, async (positions) => {
                const given = numbers(await merged(sourcesOf(positions), 15));
                expect(given.sort((a, b) => a - b)).to.deep.equal(positions.flat().sort((a, b) => a - b));
            }),
        );
    });

    it("are read when they are due, so that objects that do not overlap are held one at a time", async () => {
        const opened: number[] = [];
        const seen: [number, number][] = [];
        const sources = sourcesOf([[1, 2], [3, 4], [5]], (from) => opened.push(from));
        for await (const [entry] of mergeInOrder(sources, 1_000)) seen.push([Number(entry?.position), opened.length]);
        expect(seen).to.deep.equal([
            [1, 1],
            [2, 1],
            [3, 2],
            [4, 2],
            [5, 3],
        ]);
    });

    it("of an object that turns out to have none do not end the merge", async () => {
        const [first, second] = sourcesOf([[1], [2]]);
        expect(numbers(await merged([{ ...first!, open: async () => [] }, second!]))).to.deep.equal([2]);
    });
});
