import { expect } from "chai";
import fc from "fast-check";
import { type KeyRange, OrderedMap } from "../../../local/dynamodb/ordered-map";

/** Few letters and up to six of them, so that keys meet, and share buckets or not. */
const key = fc.string({ unit: fc.constantFrom("0", "a", "f", "/"), maxLength: 6 });
const range: fc.Arbitrary<KeyRange> = fc.record(
    { gt: key, gte: key, lt: key, lte: key, reverse: fc.boolean(), limit: fc.integer({ min: -1, max: 5 }) },
    { requiredKeys: [] },
);
type Change = readonly ["set" | "delete", string];
const changes: fc.Arbitrary<Change[]> = fc.array(
    fc.tuple(fc.constantFrom("set" as const, "set" as const, "delete" as const), key),
);

function expected(model: ReadonlyMap<string, string>, { gt, gte, lt, lte, reverse, limit = -1 }: KeyRange): unknown[] {
    const keys = Array.from(model.keys()).sort();
    const within = keys.filter(
        (one) =>
            (gt === undefined || one > gt) &&
            (gte === undefined || one >= gte) &&
            (lt === undefined || one < lt) &&
            (lte === undefined || one <= lte),
    );
    const ordered = reverse ? within.reverse() : within;
    return ordered.slice(0, limit < 0 ? undefined : limit).map((one) => [one, model.get(one)]);
}

describe("an ordered map", () => {
    it("holds what a Map holds, in order, within any range, at any time", () => {
        fc.assert(
            fc.property(changes, changes, range, (first, second, asked) => {
                const [map, model] = [new OrderedMap(), new Map<string, string>()];
                let serial = 0;
                for (const some of [first, second]) {
                    for (const [kind, name] of some) {
                        const value = String(serial++);
                        if (kind === "set") {
                            map.set(name, value);
                            model.set(name, value);
                        } else {
                            map.delete(name);
                            model.delete(name);
                        }
                    }
                    expect(map.size).to.equal(model.size);
                    expect(Array.from(map.entries(asked))).to.deep.equal(expected(model, asked));
                }
            }),
        );
    });

    it("is walked through without what is deleted meanwhile", () => {
        const map = new OrderedMap();
        ["a", "b", "c"].forEach((name) => map.set(name, name));
        const walk = map.entries();
        walk.next();
        map.delete("b");
        expect(walk.next().value).to.deep.equal(["c", "c"]);
    });
});
