import { expect } from "chai";
import { objectName, quarantine, QUARANTINE_ATTEMPTS_MAX } from "../../consumer/quarantine";
import { delivery, sequenceNumber } from "./support/records";
import { ManualTime, RecordingBucket, serviceError } from "./support/services";

const malformed = (n: number, overrides = {}) => ({ delivery: delivery(n, overrides), reason: "not JSON" });

describe("the quarantine", () => {
    it("writes one object with a line for each record, in the stream's order", async () => {
        const bucket = new RecordingBucket();
        const data = Buffer.from([0, 255, 10]);
        const entries = [malformed(11, { data, partitionKey: "日本" }), malformed(9)];
        const outcome = await quarantine(entries, bucket, new ManualTime().pace());
        expect(outcome.quarantined).to.have.length(2);
        expect([...bucket.objects.keys()]).to.have.length(1);
        expect([...bucket.objects.keys()][0]).to.match(
            new RegExp(
                `^quarantine/posts-stream/shardId-000000000000/2026-11-23/${sequenceNumber(9)}-2-[0-9a-f]{16}\\.ndjson$`,
            ),
        );
        expect(bucket.lines()[1]).to.deep.equal({
            reason: "not JSON",
            stream: "posts-stream",
            shard: "shardId-000000000000",
            sequenceNumber: sequenceNumber(11),
            partitionKey: "日本",
            approximateArrivalTime: "2026-11-23T23:59:59.125Z",
            data: "AP8K",
        });
        expect([...bucket.objects.values()][0]).to.match(/\}\n$/);
    });

    it("says of a record which place it has in its pack, unless it is the first", async () => {
        const bucket = new RecordingBucket();
        await quarantine([malformed(1), malformed(1, { subSequenceNumber: 3 })], bucket, new ManualTime().pace());
        expect(bucket.lines().map(({ subSequenceNumber }) => subSequenceNumber)).to.deep.equal([undefined, 3]);
    });

    it("takes more packed records than a call has arguments", async () => {
        // As many have room in two records of 1 MiB.
        const packed = Array.from({ length: 140_000 }, () => malformed(1));
        const { quarantined } = await quarantine(packed, new RecordingBucket(), new ManualTime().pace());
        expect(quarantined.length).to.equal(140_000);
    });

    it("writes nothing for nothing", async () => {
        const bucket = new RecordingBucket();
        expect(await quarantine([], bucket, new ManualTime().pace())).to.deep.equal({
            quarantined: [],
            failed: [],
            faults: [],
        });
        expect(bucket.attempts).to.equal(0);
    });

    it("replaces its object when the same records come again, in any order and on any day", async () => {
        const bucket = new RecordingBucket();
        await quarantine([malformed(1), malformed(2)], bucket, new ManualTime().pace());
        await quarantine([malformed(2), malformed(1)], bucket, new ManualTime().pace());
        expect(bucket.objects.size).to.equal(1);
    });

    it("writes another object for other records that start with the same one", () => {
        const first = [delivery(1), delivery(2)];
        const names = [
            first,
            [delivery(1), delivery(3)],
            [delivery(1)],
            [delivery(1, { subSequenceNumber: 1 }), delivery(2)],
        ];
        expect(new Set(names.map(objectName)).size).to.equal(4);
    });

    it("keeps shards apart", async () => {
        const bucket = new RecordingBucket();
        const other = "shardId-000000000001";
        const outcome = await quarantine(
            [malformed(1), malformed(2, { shard: other })],
            bucket,
            new ManualTime().pace(),
        );
        expect(outcome.quarantined).to.have.length(2);
        expect([...bucket.objects.keys()].map((key) => key.split("/")[2])).to.deep.equal([
            "shardId-000000000000",
            other,
        ]);
    });

    it("tries again when the bucket fails for a moment", async () => {
        const bucket = new RecordingBucket((attempt) => (attempt < 2 ? serviceError("SlowDown", 503) : undefined));
        const time = new ManualTime();
        const outcome = await quarantine([malformed(1)], bucket, time.pace());
        expect(time.sleeps).to.deep.equal([25, 50]);
        expect(outcome.quarantined).to.have.length(1);
        expect(outcome.faults).to.have.length(2);
    });

    it("gives up after its number of attempts", async () => {
        const bucket = new RecordingBucket(() => serviceError("InternalError", 500));
        const time = new ManualTime();
        const outcome = await quarantine([malformed(1), malformed(2)], bucket, time.pace());
        expect(bucket.attempts).to.equal(QUARANTINE_ATTEMPTS_MAX);
        expect(time.sleeps).to.have.length(QUARANTINE_ATTEMPTS_MAX - 1);
        expect(outcome.failed).to.have.length(2);
        expect(outcome.quarantined).to.have.length(0);
    });

    it("gives up when the time is used up", async () => {
        const bucket = new RecordingBucket(() => serviceError("InternalError", 500));
        const { failed } = await quarantine([malformed(1)], bucket, new ManualTime(60).pace());
        expect(bucket.attempts).to.equal(2);
        expect(failed).to.have.length(1);
    });

    it("is not tried without time", async () => {
        const bucket = new RecordingBucket();
        const { failed } = await quarantine([malformed(1)], bucket, new ManualTime(0).pace());
        expect([bucket.attempts, failed.length]).to.deep.equal([0, 1]);
    });

    it("gives up at once when the permission is missing", async () => {
        const bucket = new RecordingBucket(() => serviceError("AccessDenied", 403));
        const { failed } = await quarantine([malformed(1)], bucket, new ManualTime().pace());
        expect([bucket.attempts, failed.length]).to.deep.equal([1, 1]);
    });

    it("refuses to name an object of nothing", () => {
        expect(() => objectName([])).to.throw("Expected at least one record");
    });
});
