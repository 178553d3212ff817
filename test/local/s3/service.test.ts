import { expect } from "chai";
import { type ObjectChange, S3Service } from "../../../local/s3/service";
import { Bucket } from "./fixture";

describe("S3 in the same process", () => {
    it("tells listeners what is written and deleted", async () => {
        const service = new S3Service({ region: "us-east-1", clock: () => 1_234 });
        const changes: ObjectChange[] = [];
        const stop = service.onWrite((change) => changes.push(change));
        await service.createBucket(Bucket);
        await service.putObject(Bucket, "k", "content", { contentType: "text/plain", metadata: { a: "b" } });
        expect(await service.getObject(Bucket, "k")).to.deep.include({
            contentType: "text/plain",
            metadata: { a: "b" },
            lastModified: new Date(1_234),
        });
        await service.deleteObject(Bucket, "k");
        await service.deleteObject(Bucket, "k");
        stop();
        await service.putObject(Bucket, "l", "content");
        expect(changes).to.deep.equal([
            { bucket: Bucket, key: "k", kind: "written", timeMs: 1_234 },
            { bucket: Bucket, key: "k", kind: "deleted", timeMs: 1_234 },
        ]);
        expect((await service.listObjects(Bucket)).objects.map(({ key }) => key)).to.deep.equal(["l"]);
        await service.close();
    });
});
