import { expect } from "chai";
import { sendMalformed } from "../../../local/demo/send-malformed";
import { startPipeline } from "../page/pipeline";

describe("the sender of malformed records", () => {
    it("sends more than one request takes, and again what a shard does not take at once", async () => {
        const { cloud, outputs, streamName, failures } = await startPipeline();
        const { accessKeyId, secretAccessKey } = cloud.administrator;
        const values = { ...outputs.values, region: cloud.region, accessKeyId, secretAccessKey };
        // The first 500, of 2.5 MB, are more than the shard's 1 MiB of a second.
        const records = Array.from({ length: 600 }, (_, index) => Buffer.alloc(5_000, `no post ${index} `));
        try {
            const signal = new AbortController().signal;
            await sendMalformed(records, { values, secrets: new Set() }, cloud.endpointUrl, signal);
            const [shard] = cloud.kinesis.state(streamName)!.shards;
            expect(shard).to.include({ recordsArrived: 600 });
            expect(shard!.recordsThrottled).to.be.greaterThan(0);
        } finally {
            await cloud.close();
        }
        expect(failures).to.deep.equal([]);
    });
});
