import { expect } from "chai";
import { AwsError } from "../../../local/aws-error";
import { KinesisService, RETAINED_BYTES_MAX_LEAST, type EarlyTrim } from "../../../local/kinesis/service";
import { failure, serviceRequest, TestClock } from "./endpoint";

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
const MIB = 1024 * 1024;

function put(kinesis: KinesisService, content = "x", PartitionKey = "k") {
    return kinesis.call("PutRecord", {
        StreamName: "s",
        PartitionKey,
        Data: Buffer.from(content).toString("base64"),
    });
}

async function withStream(options: Partial<ConstructorParameters<typeof KinesisService>[0]> = {}, ShardCount = 1) {
    const clock = new TestClock();
    const kinesis = new KinesisService({ region: "us-east-1", clock: () => clock.now, ...options });
    await kinesis.call("CreateStream", { StreamName: "s", ShardCount });
    return { kinesis, clock };
}

describe("KinesisService in the same process", () => {
    it("checks what it is given as it does over HTTP", async () => {
        const { kinesis } = await withStream();
        const error = await failure(kinesis.call("GetRecords", { ShardIterator: "" }));
        expect(error).to.be.instanceOf(AwsError);
        expect(error.name).to.equal("ValidationException");
    });

    it("returns data as the base64 text that it was given", async () => {
        const { kinesis } = await withStream();
        await put(kinesis, "日本🔥");
        const { ShardIterator } = await kinesis.call("GetShardIterator", {
            StreamName: "s",
            ShardId: "shardId-000000000000",
            ShardIteratorType: "TRIM_HORIZON",
        });
        const { Records } = await kinesis.call("GetRecords", { ShardIterator });
        expect(Records.map((record) => record.Data)).to.deep.equal(["5pel5pys8J+UpQ=="]);
    });

    it("shows observers the state of its shards, which counts for no limit", async () => {
        const { kinesis } = await withStream({}, 2);
        // "a" belongs to the first shard.
        const { SequenceNumber } = await put(kinesis, "x", "a");
        for (let call = 0; call < 20; call += 1) kinesis.state("s");
        expect(kinesis.streamNames()).to.deep.equal(["s"]);
        expect(kinesis.state("nothing")).to.equal(undefined);
        const state = kinesis.state("s")!;
        expect(state).to.deep.include({
            name: "s",
            arn: ARN,
            status: "ACTIVE",
            mode: "PROVISIONED",
            retentionHours: 24,
        });
        expect(state.shards).to.deep.equal([
            {
                shardId: "shardId-000000000000",
                parentShardIds: [],
                open: true,
                records: 1,
                recordsArrived: 1,
                bytesArrived: 2,
                recordsThrottled: 0,
                lastSequenceNumber: SequenceNumber,
            },
            {
                shardId: "shardId-000000000001",
                parentShardIds: [],
                open: true,
                records: 0,
                recordsArrived: 0,
                bytesArrived: 0,
                recordsThrottled: 0,
                lastSequenceNumber: undefined,
            },
        ]);
    });

    it("refuses a limit of memory that one record could exceed", () => {
        const retainedBytesMax = RETAINED_BYTES_MAX_LEAST - 1;
        expect(() => new KinesisService({ region: "us-east-1", retainedBytesMax })).to.throw(
            `Expected retainedBytesMax to be ${RETAINED_BYTES_MAX_LEAST} bytes or more, got ${retainedBytesMax}`,
        );
    });
});

describe("KinesisService.onRecords", () => {
    it("wakes once for several puts, after them", async () => {
        const { kinesis } = await withStream();
        let woken = 0;
        kinesis.onRecords("s", () => (woken += 1));
        const puts = [put(kinesis), put(kinesis), put(kinesis)];
        expect(woken).to.equal(0);
        await Promise.all(puts);
        expect(woken).to.equal(1);
        await put(kinesis);
        expect(woken).to.equal(2);
    });

    it("wakes for new shards, for a new stream and for the end of one, and for nothing else", async () => {
        const { kinesis } = await withStream();
        const woken: string[] = [];
        for (const name of ["s", "later"]) kinesis.onRecords(name, () => woken.push(name));
        const NewStartingHashKey = "1000";
        await kinesis.call("SplitShard", { StreamName: "s", ShardToSplit: "shardId-0", NewStartingHashKey });
        expect(woken.splice(0)).to.deep.equal(["s"]);
        await kinesis.call("CreateStream", { StreamName: "later", ShardCount: 1 });
        expect(woken.splice(0)).to.deep.equal(["later"]);
        await kinesis.call("DescribeStream", { StreamName: "s" });
        expect(woken.splice(0)).to.deep.equal([]);
        await kinesis.call("DeleteStream", { StreamName: "s" });
        expect(woken.splice(0)).to.deep.equal(["s"]);
    });

    it("does not wake for records that no shard took", async () => {
        const rejectRecord = () => new AwsError("InternalFailure", "Internal Service Failure", 500);
        const { kinesis } = await withStream({ faults: { rejectRecord } });
        let woken = 0;
        kinesis.onRecords("s", () => (woken += 1));
        const answer = await kinesis.call("PutRecords", {
            StreamName: "s",
            Records: [{ Data: "", PartitionKey: "k" }],
        });
        expect(answer.FailedRecordCount).to.equal(1);
        expect(woken).to.equal(0);
    });

    it("ends each subscription for itself", async () => {
        const { kinesis } = await withStream();
        let woken = 0;
        const listener = () => (woken += 1);
        const [first, second] = [kinesis.onRecords("s", listener), kinesis.onRecords("s", listener)];
        first();
        first();
        await put(kinesis);
        expect(woken).to.equal(1);
        second();
        await put(kinesis);
        expect(woken).to.equal(1);
    });
});

describe("faults in Kinesis", () => {
    it("beforeOperation fails a call, whichever way it names the stream", async () => {
        const asked: (readonly [string, string | undefined])[] = [];
        const faults: AwsError[] = [];
        const beforeOperation = (...operation: [string, string | undefined]) => {
            asked.push(operation);
            return faults[0];
        };
        const { kinesis } = await withStream({ faults: { beforeOperation } });
        const iterator = await kinesis.call("GetShardIterator", {
            StreamARN: ARN,
            ShardId: "shardId-000000000000",
            ShardIteratorType: "LATEST",
        });
        const fault = new AwsError("InternalFailure", "Internal Service Failure", 500);
        faults.push(fault);
        expect(await failure(kinesis.call("GetRecords", iterator))).to.equal(fault);
        expect(await failure(kinesis.call("ListStreams", {}))).to.equal(fault);
        expect(asked).to.deep.equal([
            ["CreateStream", "s"],
            ["GetShardIterator", "s"],
            ["GetRecords", "s"],
            ["ListStreams", undefined],
        ]);
    });

    it("rejectRecord fails single records, and takes none of the shard's throughput", async () => {
        const fault = new AwsError("InternalFailure", "Internal Service Failure", 500);
        let asked = 0;
        const rejectRecord = () => {
            asked += 1;
            return asked % 2 === 1 ? fault : undefined;
        };
        const { kinesis } = await withStream({ faults: { rejectRecord } });
        const record = { Data: "", PartitionKey: "k" };
        const answer = await kinesis.call("PutRecords", { StreamName: "s", Records: [record, record, record] });
        expect(answer.FailedRecordCount).to.equal(2);
        expect(answer.Records[0]).to.deep.equal({
            ErrorCode: "InternalFailure",
            ErrorMessage: "Internal Service Failure",
        });
        expect(answer.Records[1]!.ShardId).to.equal("shardId-000000000000");
        expect(kinesis.state("s")!.shards[0]!.records).to.equal(1);
        await put(kinesis);
        expect(await failure(put(kinesis))).to.equal(fault);
    });
});

describe("memory of a stream", () => {
    it("is bounded: the oldest records of all shards go, and every one is reported", async () => {
        const trims: EarlyTrim[] = [];
        const retainedBytesMax = RETAINED_BYTES_MAX_LEAST;
        const onEarlyTrim = (trim: EarlyTrim) => trims.push(trim);
        const { kinesis, clock } = await withStream({ retainedBytesMax, onEarlyTrim }, 2);
        // "a" goes to the first shard, "b" to the second.
        for (let record = 0; record < 40; record += 1) {
            await put(kinesis, "x".repeat(MIB - 1), record % 4 === 0 ? "b" : "a");
            clock.advance(1000);
        }
        const state = kinesis.state("s")!;
        expect(state.retainedBytes).to.be.at.most(retainedBytesMax);
        const kept = state.shards.reduce((sum, shard) => sum + shard.records, 0);
        // 16 MiB hold eleven texts of 4/3 MiB.
        expect(kept).to.equal(11);
        expect(trims.reduce((sum, trim) => sum + trim.records, 0)).to.equal(40 - kept);
        expect(trims[0]).to.deep.include({ streamName: "s", shardId: "shardId-000000000001", retainedBytesMax });
        for (const shard of state.shards) {
            const { ShardIterator } = await kinesis.call("GetShardIterator", {
                StreamName: "s",
                ShardId: shard.shardId,
                ShardIteratorType: "TRIM_HORIZON",
            });
            const { Records } = await kinesis.call("GetRecords", { ShardIterator, Limit: 1 });
            // The oldest one kept is among the last eleven of all.
            const age = clock.now - Math.round(Records[0]!.ApproximateArrivalTimestamp * 1000);
            expect(age).to.be.at.most(11_000);
        }
    });

    it("is counted as it is freed, several records at a time", async () => {
        const retainedBytesMax = RETAINED_BYTES_MAX_LEAST;
        const { kinesis, clock } = await withStream({ retainedBytesMax, onEarlyTrim: () => undefined });
        const bytes = 30_000;
        for (let record = 0; record < 600; record += 1) {
            await put(kinesis, "x".repeat(bytes));
            clock.advance(100);
        }
        const { retainedBytes, shards } = kinesis.state("s")!;
        const perRecord = retainedBytes / shards[0]!.records;
        expect(perRecord).to.be.within((bytes * 4) / 3, (bytes * 4) / 3 + 500);
        expect(retainedBytes).to.be.within(retainedBytesMax * 0.95, retainedBytesMax);
    });

    it("is given back with the retention period also by shards that nobody uses", async () => {
        const { kinesis, clock } = await withStream({}, 2);
        const records = () => kinesis.state("s")!.shards.map((shard) => shard.records);
        await put(kinesis, "x", "a");
        clock.advance(24 * 3_600_000 + 1);
        await put(kinesis, "x", "b");
        expect(records()).to.deep.equal([0, 1]);
        clock.advance(24 * 3_600_000 + 1);
        await kinesis.call("PutRecords", { StreamName: "s", Records: [{ Data: "", PartitionKey: "a" }] });
        expect(records()).to.deep.equal([1, 0]);
    });
});

describe("permissions that Kinesis asks for", () => {
    const cases: readonly [string, object, readonly [string, string][]][] = [
        ["PutRecords", { StreamName: "s" }, [["kinesis:PutRecords", ARN]]],
        ["PutRecord", { StreamARN: ARN }, [["kinesis:PutRecord", ARN]]],
        ["ListStreams", {}, [["kinesis:ListStreams", "*"]]],
        ["DescribeLimits", {}, [["kinesis:DescribeLimits", "*"]]],
        ["TagResource", { ResourceARN: ARN }, [["kinesis:TagResource", ARN]]],
        ["CreateStream", { StreamName: "s" }, [["kinesis:CreateStream", ARN]]],
        [
            "CreateStream",
            { StreamName: "s", Tags: { a: "b" } },
            [
                ["kinesis:CreateStream", ARN],
                ["kinesis:AddTagsToStream", ARN],
            ],
        ],
        ["PutResourcePolicy", { ResourceARN: ARN }, [["kinesis:PutResourcePolicy", ARN]]],
        ["RegisterStreamConsumer", { StreamARN: ARN }, [["kinesis:RegisterStreamConsumer", ARN]]],
        ["GetRecords", { ShardIterator: "no iterator" }, [["kinesis:GetRecords", "*"]]],
        ["PutRecords", { StreamName: 7 }, [["kinesis:PutRecords", "*"]]],
    ];
    for (const [operation, input, expected] of cases) {
        it(`${operation} ${JSON.stringify(input)}`, async () => {
            const { kinesis } = await withStream();
            const asked = kinesis.authorizations(serviceRequest(operation, JSON.stringify(input)));
            expect(asked.map(({ action, resource }) => [action, resource])).to.deep.equal(expected);
        });
    }

    it("GetRecords and ListShards on the stream of the token, also of one that has expired", async () => {
        const { kinesis, clock } = await withStream({}, 2);
        const { ShardIterator } = await kinesis.call("GetShardIterator", {
            StreamName: "s",
            ShardId: "shardId-0",
            ShardIteratorType: "LATEST",
        });
        const { NextToken } = await kinesis.call("ListShards", { StreamName: "s", MaxResults: 1 });
        clock.advance(86_400_000);
        const read = kinesis.authorizations(serviceRequest("GetRecords", JSON.stringify({ ShardIterator })));
        expect(read).to.deep.equal([{ action: "kinesis:GetRecords", resource: ARN }]);
        const list = kinesis.authorizations(serviceRequest("ListShards", JSON.stringify({ NextToken })));
        expect(list).to.deep.equal([{ action: "kinesis:ListShards", resource: ARN }]);
    });
});

describe("KinesisService.scale", () => {
    it("brings a stream on demand to other numbers of shards, and wakes its readers", async () => {
        const kinesis = new KinesisService({ region: "eu-north-1" });
        await kinesis.call("CreateStream", { StreamName: "s", StreamModeDetails: { StreamMode: "ON_DEMAND" } });
        const openShards = () => kinesis.state("s")!.shards.filter(({ open }) => open).length;
        expect(openShards()).to.equal(4);
        const woken = new Promise<void>((resolve) => kinesis.onRecords("s", resolve));
        kinesis.scale("s", 7);
        await woken;
        expect(openShards()).to.equal(7);
        kinesis.scale("s", 3);
        expect(openShards()).to.equal(3);
        kinesis.close();
    });

    it("names a stream that is not there", () => {
        expect(() => new KinesisService({ region: "eu-north-1" }).scale("none", 2)).to.throw("There is no stream none");
    });
});
