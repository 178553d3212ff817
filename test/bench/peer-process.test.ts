import { expect } from "chai";
import { PeerProcess } from "../../bench/peer-process";
import type { StubReport } from "../../bench/stub-stream";
import type { SideReport } from "../../bench/producer-side";

describe("the processes of a benchmark", () => {
    it("send posts to a stub, which has what was sent", async () => {
        const endpoint = process.env.AWS_ENDPOINT_URL;
        const stub = new PeerProcess("stub-stream.ts", ["1"]);
        const sides: PeerProcess[] = [];
        try {
            const { port } = await stub.ask<StubReport>({});
            process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
            // Posts come in chunks of 250; two of them make a request, unless the second comes too late to be waited for.
            for (const [way, from, posts, requestsMin, requestsMax] of [
                ["producer", "equal", 2_000, 4, 8],
                ["producer", "made", 300, 1, Infinity],
                ["bare", "equal", 2_000, 4, 4],
                ["sequence", "equal", 5, 5, 5],
            ] as const) {
                const side = new PeerProcess("producer-side.ts", [way]);
                sides.push(side);
                const report = await side.ask<SideReport>({ posts, from });
                expect(report.postsPerSecond, way).to.be.above(0);
                const arrived = await stub.ask<StubReport>({});
                expect(arrived.records, way).to.equal(posts);
                expect(arrived.requests, way).to.be.within(requestsMin, requestsMax);
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
