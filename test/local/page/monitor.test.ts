import { expect } from "chai";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import type { Figures, Point } from "../../../local/page/figures";
import { DENIALS_KEPT_MAX, Monitor, TICK_MS } from "../../../local/page/monitor";
import { BUCKET, startPipeline, TABLE, type Pipeline } from "./pipeline";

describe("the monitor of a pipeline", () => {
    let pipeline: Pipeline;
    let monitor: Monitor;

    beforeEach(async () => {
        pipeline = await startPipeline();
        const { streamName } = pipeline;
        const names = { streamName, functionName: "echo", tableName: TABLE, bucketName: BUCKET };
        monitor = new Monitor(pipeline.cloud, names);
    });

    afterEach(async () => {
        monitor.stop();
        await pipeline.cloud.close();
        expect(pipeline.failures).to.deep.equal([]);
    });

    /** Resolves with the first figures that are as wanted. */
    function until(isWanted: (figures: Figures) => boolean): Promise<{ figures: Figures; point: Point }> {
        return new Promise((resolve) => {
            const end = monitor.watch((figures, point) => {
                if (!isWanted(figures)) return;
                end();
                resolve({ figures, point });
            });
        });
    }

    it("counts what arrives, is invoked, is stored and is kept", async () => {
        const failing = until(({ verdict }) => verdict.text.includes("Error: as told"));
        await pipeline.put("post");
        await pipeline.put("fail", "bob");
        await pipeline.store("ada", "1", "hello");
        await pipeline.store("ada", "1", "hello again");
        await pipeline.cloud.drained();
        const { figures } = await until(({ producer }) => producer.arrived === 2);
        expect(figures.stream).to.include({ waiting: 0 });
        expect(figures.function.invocations).to.be.at.least(1);
        expect(figures.function.errors).to.be.at.least(1);
        await failing;
        expect(figures.function.running).to.equal(0);
        expect(figures.table.items).to.equal(1);
        expect(figures.bucket.objects).to.be.at.least(1);
        expect(figures.bucket.records).to.be.at.least(1);
        expect(monitor.items.since(0).map(({ item }) => item.Message?.S)).to.deep.equal(["hello", "hello again"]);
        expect(monitor.logs.since(0).map(({ message }) => message)).to.satisfy((messages: string[]) =>
            messages.some((message) => message.includes("got ")),
        );
    });

    it("has rates, latencies and throttled records while they happen", async () => {
        const storing = until(({ table }) => table.itemsPerSecond > 0);
        const throttling = until(({ stream }) => stream.throttledPerSecond > 0);
        await pipeline.store("ada", "1", "hello");
        // At once twice as much as the shard takes in a second.
        const Data = Buffer.alloc(500_000).toString("base64");
        const Records = ["1", "2", "3", "4"].map((PartitionKey) => ({ PartitionKey, Data }));
        await pipeline.cloud.kinesis.call("PutRecords", { StreamName: pipeline.streamName, Records });
        expect((await storing).figures.table.latencyMs.p50).to.be.a("number");
        const { figures, point } = await throttling;
        expect(figures.stream.shards[0]!.load).to.be.greaterThan(0);
        expect(point[1]).to.equal(figures.producer.postsPerSecond);
        expect(monitor.history().points).to.deep.include(point);
    });

    it("does not count rates over the time when nothing was read, as nothing happened", async () => {
        monitor.stop();
        let nowMs = 0;
        const { streamName } = pipeline;
        const names = { streamName, functionName: "echo", tableName: TABLE, bucketName: BUCKET };
        // Each look at the clock finds it half a second later.
        monitor = new Monitor(pipeline.cloud, names, () => (nowMs += TICK_MS));
        // It is an hour later now, and nothing was read meanwhile.
        nowMs += 3_600_000;
        const storing = until(({ table }) => table.itemsPerSecond > 0);
        await pipeline.store("ada", "1", "hello");
        // One item in half a second, or in the second over which rates are counted.
        expect((await storing).figures.table.itemsPerSecond).to.be.within(1, 2);
    });

    it("takes what was refused while nobody watched for no refusal of just now", async () => {
        const report = { requestId: "", principalArn: undefined, status: 400, milliseconds: 1 };
        const refused = { ...report, service: "kinesis", operation: "PutRecords", errorCode: "AccessDeniedException" };
        pipeline.cloud.events.answered.tell(refused);
        expect(monitor.history().figures.verdict.level).to.equal("quiet");
        const { figures } = await until(() => true);
        expect(figures.verdict.level).to.equal("quiet");
        pipeline.cloud.events.answered.tell(refused);
        await until(({ verdict }) => verdict.stage === "producer");
    });

    it("tells of every change of the bucket, also where there are as many objects as before", async () => {
        const { s3 } = pipeline.cloud;
        await s3.putObject(BUCKET, "quarantine/1", "");
        await s3.deleteObject(BUCKET, "quarantine/1");
        await s3.putObject(BUCKET, "quarantine/2", "");
        expect(monitor.failedChanges).to.equal(3);
        expect(monitor.failedEvents.objects).to.equal(1);
    });

    it("keeps the kinds of denied requests, each with its count", async () => {
        const { cloud } = pipeline;
        const user = cloud.identities.createUser("eve");
        const client = new KinesisClient({
            endpoint: cloud.endpointUrl,
            region: cloud.region,
            credentials: cloud.identities.createAccessKey("eve"),
        });
        for (let request = 0; request < 2; request += 1) {
            await client.send(new ListStreamsCommand({})).catch(() => undefined);
        }
        client.destroy();
        expect(monitor.denied()).to.have.length(1);
        expect(monitor.denied()[0]).to.include({ principalArn: user.arn, action: "kinesis:ListStreams", count: 2 });
        expect(monitor.deniedTotal).to.equal(2);
    });

    it("keeps no more kinds of denied requests than it may", () => {
        for (let kind = 0; kind <= DENIALS_KEPT_MAX; kind += 1) {
            const denial = { principalArn: "eve", action: "s3:GetObject", resource: `arn:${kind}`, message: "" };
            pipeline.cloud.events.denied.tell(denial);
        }
        expect(monitor.denied()).to.have.length(DENIALS_KEPT_MAX);
        expect(monitor.denied()[0]!.resource).to.equal(`arn:${DENIALS_KEPT_MAX}`);
        expect(monitor.deniedTotal).to.equal(DENIALS_KEPT_MAX + 1);
    });

    it("counts nothing after its end", async () => {
        monitor.stop();
        await pipeline.store("ada", "1", "hello");
        expect(monitor.items.total).to.equal(0);
    });
});
