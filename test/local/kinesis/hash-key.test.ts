import { expect } from "chai";
import fc from "fast-check";
import { hashKeyFromDecimal, hashKeyOf, toDecimal, uniformRanges } from "../../../local/kinesis/hash-key";
import { Stream } from "../../../local/kinesis/stream";

describe("hash keys", () => {
    it("are the MD5 of the partition key's UTF-8", () => {
        expect(hashKeyOf("a")).to.equal("0cc175b9c0f1b6a831c399e269772661");
        expect(toDecimal(hashKeyOf("日本🔥"))).to.equal(String(BigInt(`0x${hashKeyOf("日本🔥")}`)));
    });

    it("go from 0 to 2^128 - 1", () => {
        expect(hashKeyFromDecimal("0")).to.equal("0".repeat(32));
        expect(hashKeyFromDecimal(String(2n ** 128n - 1n))).to.equal("f".repeat(32));
        expect(hashKeyFromDecimal(String(2n ** 128n))).to.equal(undefined);
    });

    it("are all in exactly one of the ranges of a stream, which route finds", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 300 }), fc.string(), (count, partitionKey) => {
                const ranges = uniformRanges(count);
                const stream = new Stream({
                    name: "s",
                    arn: "arn",
                    mode: "PROVISIONED",
                    ranges,
                    createdAt: 0,
                    incarnation: 1,
                    retainedBytesMax: Infinity,
                    onEarlyTrim: () => undefined,
                });
                const keys = [hashKeyOf(partitionKey), ...ranges.flatMap((range) => [range.start, range.end])];
                for (const key of keys) {
                    const holding = ranges.filter((range) => range.start <= key && key <= range.end);
                    expect(holding).to.deep.equal([stream.route(key).range]);
                }
            }),
            { numRuns: 30 },
        );
    });
});
