import { expect } from "chai";
import { withUnpacked } from "../../bench/archive";
import type { InvocationReport, InvocationRequest } from "../../bench/consumer-side";
import { PeerProcess } from "../../bench/peer-process";
import type { TableReport, TableRequest } from "../../bench/stub-table";

const RECORDS = 100;

describe("the benchmark of the consumer", () => {
    it("brings the same records to a table in each way, with as many requests as that takes", async () => {
        const endpoint = process.env.AWS_ENDPOINT_URL;
        const table = new PeerProcess("stub-table.ts", ["1"]);
        const sides: PeerProcess[] = [];
        try {
            const { port } = await table.ask<TableReport>({});
            process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
            await withUnpacked(async (folder) => {
                for (const [way, requests, stored] of [
                    ["function", 4, RECORDS],
                    ["batches", 4, RECORDS],
                    ["items", RECORDS, RECORDS],
                    ["trip", 1, 25],
                ] as const) {
                    const side = new PeerProcess("consumer-side.ts", [way, folder]);
                    sides.push(side);
                    const orders: TableRequest = { countUnits: true };
                    await table.ask(orders);
                    const request: InvocationRequest = { records: RECORDS, invocations: 1 };
                    const { milliseconds } = await side.ask<InvocationReport>(request);
                    const report = await table.ask<TableReport>({});
                    expect(report, way).to.include({ requests, stored });
                    expect(report.units, way).to.be.at.least(stored);
                    expect(milliseconds, way).to.be.at.least(1);
                }
                const [side] = sides;
                await table.ask({ oneUnprocessedOf: 50 });
                await side?.ask({ records: RECORDS, invocations: 1 });
                const { requests, stored } = await table.ask<TableReport>({});
                expect({ isMore: requests > 4, stored }).to.deep.equal({ isMore: true, stored: RECORDS });
            });
        } finally {
            await Promise.all([table, ...sides].map((peer) => peer.close()));
            if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL;
            else process.env.AWS_ENDPOINT_URL = endpoint;
        }
    });
});
