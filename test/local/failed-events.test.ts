import { expect } from "chai";
import { FailedEvents } from "../../local/failed-events";
import { S3Service } from "../../local/s3/service";

const BUCKET = "failed";

async function withBucket() {
    const s3 = new S3Service({ region: "us-east-1" });
    await s3.createBucket(BUCKET);
    await s3.createBucket("other");
    const errors: unknown[] = [];
    return { s3, errors, watch: () => new FailedEvents(s3, BUCKET, (error) => errors.push(error)) };
}

/** What is told is counted a turn later. */
function nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
}

describe("the count of failed events", () => {
    it("has what was there before, and what is written later, each object once", async () => {
        const { s3, watch, errors } = await withBucket();
        await s3.putObject(BUCKET, "quarantine/a", "{}\n{}\n");
        const events = watch();
        await s3.putObject(
            BUCKET,
            "aws/lambda/b",
            '{"KinesisBatchInfo":{"batchSize":7},"payload":"\\"batchSize\\":9"}',
        );
        await s3.putObject(BUCKET, "quarantine/a", "{}\n{}\n{}\n");
        await s3.putObject(BUCKET, "notes", "a\nb\n");
        await s3.putObject("other", "quarantine/c", "{}\n");
        await nextTurn();
        expect(events).to.include({ objects: 3, records: 10 });
        expect(events.newest(2).map(({ key }) => key)).to.deep.equal(["notes", "quarantine/a"]);
        expect(errors).to.deep.equal([]);
        events.stop();
    });

    it("has nothing of what is deleted, and nothing more after its end", async () => {
        const { s3, watch } = await withBucket();
        const events = watch();
        await s3.putObject(BUCKET, "quarantine/a", "{}\n");
        await nextTurn();
        await s3.deleteObject(BUCKET, "quarantine/a");
        expect(events).to.include({ objects: 0, records: 0 });
        expect(events.has("quarantine/a")).to.equal(false);
        events.stop();
        await s3.putObject(BUCKET, "quarantine/b", "{}\n");
        await nextTurn();
        expect(events.objects).to.equal(0);
    });

    it("tells of a bucket that is not there", async () => {
        const errors: unknown[] = [];
        const s3 = new S3Service({ region: "us-east-1" });
        new FailedEvents(s3, "none", (error) => errors.push(error)).stop();
        await nextTurn();
        expect(errors).to.have.length(1);
    });
});
