import { expect } from "chai";
import fc from "fast-check";
import type { Outgoing } from "../../producer/outgoing";
import { readAnswer, requestBody } from "../../producer/put-records";

const record = (partitionKey: string, data: Uint8Array): Outgoing => ({ partitionKey, label: "a record", data });
const accepted = { SequenceNumber: "4961", ShardId: "shardId-000000000000" };
const answer = (...results: object[]) => Buffer.from(JSON.stringify({ FailedRecordCount: 0, Records: results }));

describe("PutRecords", () => {
    describe("the body of a request", () => {
        it("says what the SDK's would, whatever the keys and the data are, in ASCII", () => {
            const text = fc.string({ unit: "grapheme" });
            fc.assert(
                fc.property(
                    text,
                    fc.array(fc.tuple(text, fc.uint8Array()), { minLength: 1 }),
                    (streamName, records) => {
                        const body = Buffer.from(
                            requestBody(
                                streamName.replace(/[^ -~]/g, ""),
                                records.map(([key, data]) => record(key, data)),
                            ),
                        );
                        expect(body.every((byte) => byte < 0x7f)).to.be.true;
                        expect(JSON.parse(body.toString("latin1"))).to.deep.equal({
                            StreamName: streamName.replace(/[^ -~]/g, ""),
                            Records: records.map(([PartitionKey, data]) => ({
                                Data: Buffer.from(data).toString("base64"),
                                PartitionKey,
                            })),
                        });
                    },
                ),
            );
        });

        it("has the bytes of a view, and none beside them", () => {
            const view = new Uint8Array(Buffer.from("before data after")).subarray(7, 11);
            const { Records } = JSON.parse(Buffer.from(requestBody("s", [record("k", view)])).toString()) as {
                Records: { Data: string }[];
            };
            expect(Buffer.from(Records[0]!.Data, "base64").toString()).to.equal("data");
        });
    });

    describe("an answer", () => {
        it("has no rejections when each record has a sequence number", () => {
            expect(readAnswer(answer(accepted, accepted), 2).size).to.equal(0);
        });

        it("tells what was not accepted, with the shard that takes no more", () => {
            const code = "ProvisionedThroughputExceededException";
            const throttled = {
                ErrorCode: code,
                ErrorMessage: "Rate exceeded for shard shardId-000000000012 in stream s under account 123456789012.",
            };
            const failed = { ErrorCode: "InternalFailure", ErrorMessage: "Internal Service Failure" };
            expect([...readAnswer(answer(throttled, accepted, failed, { ErrorCode: "Odd" }), 4)]).to.deep.equal([
                [0, { code, shardId: "shardId-000000000012" }],
                [2, { code: "InternalFailure", shardId: undefined }],
                [3, { code: "Odd", shardId: undefined }],
            ]);
        });

        it("may say of an accepted record that it has no error, as some emulators do", () => {
            expect(readAnswer(answer({ ...accepted, ErrorCode: null, ErrorMessage: null }), 1).size).to.equal(0);
        });

        it("is refused when it does not tell of each record", () => {
            for (const results of [[], [accepted], [accepted, accepted, accepted]]) {
                expect(() => readAnswer(answer(...results), 2)).to.throw(
                    SyntaxError,
                    `${results.length} results for 2 records`,
                );
            }
        });

        it("is refused when it was cut, at every byte before the last result is told", () => {
            const failed = { ErrorCode: "InternalFailure" };
            for (const results of [
                [accepted, failed, accepted],
                [accepted, accepted, accepted],
            ]) {
                const body = answer(...results);
                for (let end = 0; end <= body.length - "]}".length - 1; end += 1) {
                    expect(() => readAnswer(body.subarray(0, end), 3), `cut at ${end}`).to.throw(SyntaxError);
                }
            }
        });
    });
});
