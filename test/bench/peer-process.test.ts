import { expect } from "chai";
import { PeerProcess } from "../../bench/peer-process";
import type { StubReport } from "../../bench/stub-stream";
import type { SideReport } from "../../bench/producer-side";

describe("the processes of a benchmark", function () {
    this.timeout(30_000);

    it("send posts to a stub, which has what was sent", async () => {
        const endpoint = process.env.AWS_ENDPOINT_URL;
        const stub = new PeerProcess("stub-stream.ts", ["1"]);
        const sides: PeerProcess[] = [];
        try {
            const { port } = await stub.ask<StubReport>({});
            process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
            for (const [way, from, posts, requests] of [
                ["producer", "equal", 2_000, 4],
                ["producer", "made", 300, undefined],
                ["bare", "equal", 2_000, 4],
                ["sequence", "equal", 5, 5],
            ] as const) {
                const side = new PeerProcess("producer-side.ts", [way]);
                sides.push(side);
                const report = await side.ask<SideReport>({ posts, from });
                expect(report.postsPerSecond, way).to.be.above(0);
                const arrived = await stub.ask<StubReport>({});
                expect(arrived.records, way).to.equal(posts);
                if (requests !== undefined) expect(arrived.requests, way).to.equal(requests);
            }
        } finally {
            await Promise.all([stub, ...sides].map((peer) => peer.close()));
            if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL;
            else process.env.AWS_ENDPOINT_URL = endpoint;
        }
    });

    it("say so when one of them ends", async () => {
        const side = new PeerProcess("rounds.ts", []);
        const failure = await side.ask({}).catch((error: unknown) => error);
        expect(failure).to.be.instanceOf(Error).with.property("message", "rounds.ts ended with 0.");
        await side.close();
        expect(await side.ask({}).catch((error: unknown) => error)).to.be.instanceOf(Error);
    });
});
