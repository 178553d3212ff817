import { expect } from "chai";
import fc from "fast-check";
import { parseSequenceNumber, SequenceNumbers } from "../../../local/kinesis/sequence-number";

const seconds = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 });
const shardIndex = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const recordIndex = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("sequence numbers", () => {
    it("have 56 digits and say what they were made of", () => {
        fc.assert(
            fc.property(seconds, shardIndex, recordIndex, seconds, (created, shard, record, written) => {
                const text = new SequenceNumbers(created, shard).format(record, written);
                expect(text).to.match(/^\d{56}$/);
                expect(parseSequenceNumber(text)).to.deep.equal({
                    shardCreatedSeconds: created,
                    shardIndex: shard,
                    recordIndex: record,
                    writtenSeconds: written,
                });
            }),
        );
    });

    it("grow with the record, whatever the clock does, up to the shard's end, and with the shard's creation", () => {
        fc.assert(
            fc.property(
                seconds,
                shardIndex,
                shardIndex,
                recordIndex,
                seconds,
                seconds,
                (created, shard, child, record, earlier, later) => {
                    const numbers = new SequenceNumbers(created, shard);
                    const children = new SequenceNumbers(created + 1, child);
                    const sequence = [
                        numbers.format(record, later),
                        numbers.format(record + 1, earlier),
                        numbers.formatEnd(earlier),
                        children.format(0, earlier),
                    ].map(BigInt);
                    const sorted = [...sequence].sort((a, b) => (a < b ? -1 : 1));
                    expect(sequence).to.deep.equal(sorted);
                    expect(new Set(sequence).size).to.equal(4);
                },
            ),
        );
    });

    it("are told from other numbers", () => {
        const number = BigInt(new SequenceNumbers(1_700_000_000, 5).format(7, 1_700_000_001));
        for (const other of [0n, 5n, number + 1n, number - (2n << 184n), number + (1n << 144n), number + (1n << 72n)]) {
            expect(parseSequenceNumber(String(other)), String(other)).to.equal(undefined);
        }
        const end = parseSequenceNumber(new SequenceNumbers(1_700_000_000, 5).formatEnd(1_700_000_001));
        expect(end?.recordIndex).to.equal(Infinity);
    });
});
