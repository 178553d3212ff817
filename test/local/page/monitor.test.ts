import { expect } from "chai";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import type { Figures, Point } from "../../../local/page/figures";
import { DENIALS_KEPT_MAX, Monitor } from "../../../local/page/monitor";
import { BUCKET, startPipeline, TABLE, type Pipeline } from "./pipeline";

describe("the monitor of a pipeline", function () {
    this.timeout(30_000);

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
        await pipeline.put("post");
        await pipeline.put("fail", "bob");
        await pipeline.store("ada", "1", "hello");
        await pipeline.store("ada", "1", "hello again");
        await pipeline.cloud.drained();
        const { figures } = await until(({ producer }) => producer.arrived === 2);
        expect(figures.stream).to.include({ waiting: 0 });
        expect(figures.function.invocations).to.be.at.least(1);
        expect(figures.function.errors).to.be.at.least(1);
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
        await pipeline.store("ada", "1", "hello");
        const Records = Array.from({ length: 400 }, (_, index) => ({ PartitionKey: String(index), Data: "" }));
        for (let request = 0; request < 3; request += 1) {
            await pipeline.cloud.kinesis.call("PutRecords", { StreamName: pipeline.streamName, Records });
        }
        const { figures, point } = await until(({ producer }) => producer.arrived > 0);
        expect(figures.table.itemsPerSecond).to.be.greaterThan(0);
        expect(figures.table.latencyMs.p50).to.be.a("number");
        expect(figures.stream.throttledPerSecond).to.be.greaterThan(0);
        expect(figures.stream.shards[0]!.load).to.be.greaterThan(0);
        expect(point[1]).to.equal(figures.producer.postsPerSecond);
        expect(monitor.history().points).to.deep.include(point);
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
    });

    it("counts nothing after its end", async () => {
        monitor.stop();
        await pipeline.store("ada", "1", "hello");
        expect(monitor.items.total).to.equal(0);
    });
});
