import { expect } from "chai";
import { closest } from "../../commandline/closest";

const names = ["posts", "port", "rate", "record-ttl", "seed", "json"];

describe("the closest name", () => {
    for (const [typed, near] of [
        ["post", "posts"],
        ["record", "record-ttl"],
        ["raet", "rate"],
        ["reed", "seed"],
        ["ratte", "rate"],
        ["jsno", "json"],
        ["prot", "port"],
        ["jnso", undefined],
        ["completely-else", undefined],
        ["x", undefined],
    ] as const) {
        it(`to ${typed} is ${near ?? "none"}`, () => expect(closest(typed, names)).to.equal(near));
    }
});
