import { expect } from "chai";
import { PeerProcess } from "../../bench/peer-process";
import { waitMs } from "../../bench/pipeline";
import type { PipelineReport, PipelineRequest } from "../../bench/pipeline-side";

describe("the benchmark of the pipeline", () => {
    it("stores every post, through an outage of the table, and tells how long it took to catch up", async () => {
        const side = new PeerProcess("pipeline-side.ts", []);
        try {
            // The first request holds several batches at least, and the outage begins when the first of these is stored.
            const request: PipelineRequest = {
                shards: 1,
                posts: 600,
                batchSize: 50,
                outage: { afterSeconds: 0, seconds: 0.5 },
                isWatched: true,
            };
            const { latencyMs, recoverySeconds, counts } = await side.ask<PipelineReport>(request);
            expect(latencyMs.p99).to.be.at.least(latencyMs.p95).and.at.least(latencyMs.p50);
            expect(recoverySeconds).to.be.above(0);
            expect(counts.posts).to.equal(600);
            expect(counts.invocations).to.be.at.least(600 / 50);
            expect(counts.writeUnits).to.be.at.least(600);
            expect(counts.functionMs).to.be.above(0);
            expect(counts.logBytes).to.be.above(0);
        } finally {
            await side.close();
        }
    });

    it("sends no more posts a second than it is asked for, and counts those that are stored in one", async () => {
        const side = new PeerProcess("pipeline-side.ts", []);
        try {
            const startedAt = performance.now();
            const { postsPerSecond } = await side.ask<PipelineReport>({ shards: 1, posts: 300, rate: 200 });
            const seconds = (performance.now() - startedAt) / 1000;
            expect(postsPerSecond).to.be.within(300 / seconds, 250);
        } finally {
            await side.close();
        }
    });

    it("knows how long posts wait at least: for company in a request, and for the next read of the shard", () => {
        const sums: number[] = [];
        for (let company = 0.5; company < 100; company += 1) {
            for (let read = 0.5; read < 210; read += 1) sums.push(company + read);
        }
        sums.sort((left, right) => left - right);
        for (const share of [0.5, 0.95, 0.99]) {
            expect(waitMs(share)).to.be.closeTo(sums[Math.round(share * sums.length)] ?? NaN, 1.5);
        }
    });
});
