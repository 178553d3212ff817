import { expect } from "chai";
import { RequestCounts } from "../../../local/page/request-counts";

describe("the counts of requests", () => {
    it("are those of producers and of writers, with the last error of each", () => {
        const counts = new RequestCounts();
        const add = (service: string, operation: string, errorCode?: string) =>
            counts.add({ service, operation, errorCode });
        add("kinesis", "PutRecords");
        add("kinesis", "PutRecord", "AccessDeniedException");
        add("kinesis", "GetRecords", "ExpiredIteratorException");
        add("dynamodb", "BatchWriteItem", "ThrottlingException");
        add("dynamodb", "PutItem", "InternalServerError");
        add("dynamodb", "Scan", "ValidationException");
        add("s3", "PUT /bucket/key", "NoSuchBucket");
        expect(counts.puts).to.deep.equal({ all: 2, refused: 1, error: "AccessDeniedException" });
        expect(counts.writes).to.deep.equal({ all: 2, refused: 2, error: "InternalServerError" });
    });

    it("take a replayed post that the table has in a later version for no refusal", () => {
        const counts = new RequestCounts();
        counts.add({ service: "dynamodb", operation: "PutItem", errorCode: "ConditionalCheckFailedException" });
        expect(counts.writes).to.deep.equal({ all: 1, refused: 0, error: "" });
    });
});
