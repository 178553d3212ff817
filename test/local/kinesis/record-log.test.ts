import { expect } from "chai";
import fc from "fast-check";
import { RecordLog, type StoredRecord } from "../../../local/kinesis/record-log";

function record(arrivedAt: number): StoredRecord {
    return { sequenceNumber: String(arrivedAt), arrivedAt, data: "", partitionKey: "k", bytes: 1, encrypted: false };
}

describe("the log of a shard", () => {
    it("keeps its indexes while records come and go, and finds them by time", () => {
        const step = fc.record({ append: fc.integer({ min: 0, max: 700 }), drop: fc.integer({ min: 0, max: 900 }) });
        fc.assert(
            fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
                const log = new RecordLog();
                let [first, next, time] = [1, 1, 0];
                for (const { append, drop } of steps) {
                    // Two records arrive in each millisecond.
                    for (let count = 0; count < append; count += 1) log.append(record(Math.floor((time += 1) / 2)));
                    next += append;
                    for (let count = 0; count < drop && first < next; count += 1, first += 1) log.dropFirst();
                }
                expect([log.firstIndex, log.nextIndex, log.length]).to.deep.equal([first, next, next - first]);
                expect(log.at(first - 1)).to.equal(undefined);
                expect(log.at(next)).to.equal(undefined);
                for (let index = first; index < next; index += 97) {
                    const arrivedAt = Math.floor(index / 2);
                    expect(log.at(index)?.arrivedAt).to.equal(arrivedAt);
                    expect(log.indexAt(arrivedAt)).to.equal(Math.max(first, arrivedAt * 2));
                }
                expect(log.indexAt(time + 1)).to.equal(next);
                expect(log.indexAt(-1)).to.equal(first);
            }),
            { numRuns: 60 },
        );
    });
});
