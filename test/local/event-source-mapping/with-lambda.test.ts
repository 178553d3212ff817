import { expect } from "chai";
import { EventSourceMapping } from "../../../local/event-source-mapping/mapping";
import { readMappingSettings } from "../../../local/event-source-mapping/settings";
import { kinesisStreamReader } from "../../../local/event-source-mapping/stream-reader";
import { KinesisService } from "../../../local/kinesis/service";
import { LambdaService } from "../../../local/lambda/service";
import { configure } from "../lambda/fixture";
import { BASE_INPUTS, BUCKET_ARN, FUNCTION_ARN, MAPPING_UUID, ROLE_ARN, STREAM_ARN } from "./fixture";

/** Prints what it gets, and dies of one record. */
const CODE = `exports.handler = async ({ Records }) => {
    const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString("utf8"));
    if (texts.includes("poison")) process.exit(1);
    for (const text of texts) console.log(text);
};`;

describe("event source mapping with Kinesis and Lambda", () => {
    it("gets every record to the function but the one that kills it, which goes to the bucket", async () => {
        const lambda = new LambdaService();
        const kinesis = new KinesisService({ region: "eu-central-1" });
        const errors: unknown[] = [];
        const bodies: string[] = [];
        await lambda.createFunction(configure(CODE));
        await kinesis.call("CreateStream", { StreamName: "posts", ShardCount: 2 });
        const mapping = new EventSourceMapping({
            uuid: MAPPING_UUID,
            settings: readMappingSettings({
                ...BASE_INPUTS,
                batchSize: 10,
                maximumRetryAttempts: 1,
                bisectBatchOnFunctionError: true,
                destinationConfig: { onFailure: { destinationArn: BUCKET_ARN } },
            }),
            functionArn: FUNCTION_ARN,
            roleArn: ROLE_ARN,
            reader: kinesisStreamReader(kinesis, STREAM_ARN),
            invoke: (payload) => lambda.invoke("processor", payload),
            deliverFailure: async (_key, body) => bodies.push(body),
            onError: (error) => errors.push(error),
        });
        try {
            mapping.start();
            const texts = Array.from({ length: 20 }, (_, index) => (index === 7 ? "poison" : `post ${index} 日本🔥`));
            await kinesis.call("PutRecords", {
                StreamName: "posts",
                Records: texts.map((text, index) => ({
                    PartitionKey: `author ${index % 3}`,
                    Data: Buffer.from(text).toString("base64"),
                })),
            });
            await mapping.drained();
            const printed = lambda
                .logs("processor")
                .map(({ message }) => message.split("\t"))
                .filter(([, , level]) => level === "INFO")
                .map(([, , , text]) => text);
            expect(errors).to.deep.equal([]);
            expect(printed).to.have.members(texts.filter((text) => text !== "poison"));
            expect(
                bodies.map((body) => (JSON.parse(body) as { KinesisBatchInfo: object }).KinesisBatchInfo),
            ).to.have.lengthOf(1);
            expect(bodies[0]).to.contain(Buffer.from("poison").toString("base64"));
        } finally {
            await mapping.stop();
            await lambda.close();
            kinesis.close();
        }
    });
});
