import { expect } from "chai";
import { itemBytes } from "../../../local/dynamodb/item-size";

describe("itemBytes", () => {
    for (const [title, item, bytes] of [
        ["names and texts in UTF-8", { é: { S: "日本" } }, 2 + 6],
        ["an empty text", { a: { S: "" } }, 1],
        ["two digits of a number a byte, and one byte", { a: { N: "-12300.45" } }, 1 + 4 + 1],
        ["a number without its zeroes at either end", { a: { N: "0.00120" } }, 1 + 1 + 1],
        ["binary data as it is, not in base64", { a: { B: "AAAA" } }, 1 + 3],
        ["null and Boolean", { a: { NULL: true }, b: { BOOL: false } }, 2 + 2],
        ["sets", { a: { SS: ["x", "yz"] }, b: { NS: ["1", "22"] }, c: { BS: ["AA=="] } }, 1 + 3 + 1 + 4 + 1 + 1],
        ["a list", { a: { L: [{ S: "xy" }, { BOOL: true }] } }, 1 + 3 + 3 + 2],
        ["a map", { a: { M: { bc: { S: "xy" } } } }, 1 + 3 + 1 + 4],
    ] as const) {
        it(`counts ${title}`, () => expect(itemBytes(item)).to.equal(bytes));
    }
});
