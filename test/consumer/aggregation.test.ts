import { expect } from "chai";
import * as fc from "fast-check";
import { disaggregate, isAggregate } from "../../consumer/aggregation";
import { aggregate, bytesOf, withDigest } from "./support/records";

describe("records packed by the Kinesis Producer Library", () => {
    it("reads an aggregate that another implementation made", () => {
        // The example in the documentation of ex_kpl, a library for Elixir.
        const bytes = Buffer.concat([
            Buffer.from([243, 137, 154, 194, 10, 13]),
            Buffer.from("partition_key"),
            Buffer.from([26, 8, 8, 0, 26, 4]),
            Buffer.from("data"),
            Buffer.from([208, 54, 153, 218, 90, 34, 47, 163, 33, 8, 173, 27, 217, 85, 161, 78]),
        ]);
        expect(disaggregate(bytes)).to.deep.equal([{ partitionKey: "partition_key", data: Buffer.from("data") }]);
    });

    it("gives back every record with its own partition key, in order", () => {
        const part = fc.record({
            partitionKey: fc.string({ minLength: 1, unit: "grapheme" }),
            data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        });
        fc.assert(
            fc.property(fc.array(part, { minLength: 1, maxLength: 20 }), (parts) => {
                expect(disaggregate(aggregate(parts))).to.deep.equal(parts);
            }),
        );
    });

    it("passes over hash keys and tags", () => {
        const message = Buffer.from("0a0161" + "120130" + "1a0d" + "0800" + "1000" + "1a0178" + "22040a026b31", "hex");
        expect(disaggregate(withDigest(message))).to.deep.equal([{ partitionKey: "a", data: Buffer.from("x") }]);
    });

    it("is not confused by a wire record", () => {
        expect(isAggregate(bytesOf())).to.equal(false);
        expect(disaggregate(bytesOf())).to.equal(undefined);
    });

    const whole = aggregate([{ partitionKey: "a", data: Buffer.from("x") }]);
    const damaged: [string, Uint8Array][] = [
        ["the magic number alone", whole.subarray(0, 4)],
        ["the last byte lost", whole.subarray(0, -1)],
        ["a byte changed", Buffer.from(whole).fill(0xff, 6, 7)],
        ["no record", withDigest(Buffer.alloc(0))],
        ["a partition key that is not in the table", withDigest(Buffer.from("0a0161" + "1a050801" + "1a0178", "hex"))],
        ["a record without data", withDigest(Buffer.from("0a0161" + "1a020800", "hex"))],
        ["a field longer than the message", withDigest(Buffer.from("0a7f61", "hex"))],
        ["a length of more than four bytes", withDigest(Buffer.from("0affffffff7f61", "hex"))],
        ["a wire type that the format does not have", withDigest(Buffer.from("0d00000000", "hex"))],
    ];
    for (const [edge, bytes] of damaged) {
        it(`takes nothing from an aggregate with ${edge}`, () => {
            expect(isAggregate(bytes)).to.equal(true);
            expect(disaggregate(bytes)).to.equal(undefined);
        });
    }

    it("never throws, whatever follows the magic number", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
                disaggregate(withDigest(bytes));
                disaggregate(bytes);
            }),
        );
    });
});
