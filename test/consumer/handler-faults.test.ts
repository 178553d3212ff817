import { expect } from "chai";
import { BUCKET, TABLE } from "./support/cloud";
import { dynamoDbError, loseAnswer } from "./support/fault-proxy";
import type { Behaviour } from "./support/fault-proxy";
import { first, FunctionUnderTest, putsOf } from "./support/function-under-test";
import { bytesOf, kinesisEvent, kinesisRecord, posts, sequenceNumber } from "./support/records";

describe("the function on services that fail", () => {
    const on = FunctionUnderTest.inSuite();

    describe("malformed records", () => {
        const broken = [Buffer.from([0xff, 0xfe]), Buffer.from("{"), bytesOf({ timestamp: "2026-02-30T00:00:00Z" })];

        it("go to the bucket in one object, and the rest to the table", async () => {
            const shard = "shardId-000000000011";
            const datas = [bytesOf({ username: "between" }), ...broken, bytesOf({ username: "between", id: "2" })];
            const event = { Records: datas.map((data, n) => kinesisRecord(data, n, { shard })) };
            const { response, log } = await on.lambda.invoke(event);
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect(log).to.include({ level: "warn", records: 5, stored: 2, quarantined: 3, failed: 0 });
            expect(await on.cloud.items("between")).to.have.length(2);

            await on.lambda.invoke(event);
            const objects = await on.cloud.objects(`quarantine/posts-stream/${shard}/2026-11-23/`);
            expect(objects.size).to.equal(1);
            const lines = [...objects.values()][0]!.trimEnd().split("\n");
            const kept = lines.map((line) => JSON.parse(line) as Record<string, string>);
            expect(kept.map(({ reason }) => reason)).to.deep.equal([
                "not UTF-8",
                "not JSON",
                '"timestamp" is not an ISO 8601 time with a time zone',
            ]);
            expect(kept.map(({ data = "" }) => Buffer.from(data, "base64"))).to.deep.equal(
                broken.map((data) => Buffer.from(data)),
            );
        });

        it("are asked of the bucket by path, as every endpoint takes it", async () => {
            await on.lambda.invoke(kinesisEvent(broken));
            expect(
                on.cloud.s3.requests.map(({ method, path }) => [method, path.split("?")[0]!.split("/")[1]]),
            ).to.deep.equal([["PUT", BUCKET]]);
        });

        it("are reported if the bucket fails to the end", async () => {
            on.cloud.s3.behaviour = () => ({ status: 500, body: "<Error><Code>InternalError</Code></Error>" });
            const datas = [bytesOf({ username: "bucket" }), Buffer.from("{"), bytesOf({ username: "bucket", id: "2" })];
            const { response, log } = await on.lambda.invoke(kinesisEvent(datas));
            expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: sequenceNumber(1) }] });
            expect(await on.cloud.items("bucket")).to.have.length(2);
            expect(log).to.include({ level: "error", stored: 2, quarantined: 0, failed: 1 });
            expect(on.cloud.s3.requests).to.have.length(6);
        });

        it("are kept after a bucket that fails for a moment", async () => {
            on.cloud.s3.behaviour = first(2, () => "close");
            const { response, log } = await on.lambda.invoke(kinesisEvent(broken));
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect(log).to.include({ quarantined: 3, failed: 0 });
            expect(on.cloud.s3.requests).to.have.length(3);
        });

        it("that only the table recognizes are found among 25 and quarantined", async () => {
            on.cloud.dynamoDb.behaviour = (request, forward) =>
                putsOf(request.body).some(({ PutRequest }) => PutRequest.Item.Id?.S === "7")
                    ? dynamoDbError("ValidationException", 400, "One or more parameter values were invalid: a reason")
                    : forward();
            const { response, log } = await on.lambda.invoke(kinesisEvent(posts(25, { username: "refused" })));
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect(log).to.include({ stored: 24, quarantined: 1, failed: 0 });
            expect((await on.cloud.items("refused")).map(({ Id }) => Id))
                .to.have.length(24)
                .and.not.include("7");
        });
    });

    describe("a table that fails for a moment", () => {
        const moments: [string, Behaviour, string?][] = [
            [
                "throttles",
                () => dynamoDbError("ProvisionedThroughputExceededException"),
                "ProvisionedThroughputExceededException",
            ],
            ["throttles the account", () => dynamoDbError("ThrottlingException"), "ThrottlingException"],
            ["answers with status 500", () => dynamoDbError("InternalServerError", 500), "InternalServerError"],
            ["answers 503 and no JSON", () => ({ status: 503, body: "<html>" }), "UnreadableResponse"],
            ["closes the connection", () => "close"],
            ["closes the connection within its answer", () => "cut"],
            ["answers 200 and half a document", () => ({ status: 200, body: '{"Unprocessed' }), "UnreadableResponse"],
            ["has stored the items and loses the answer", loseAnswer],
        ];
        for (const [what, behaviour, errorName] of moments) {
            it(`${what}: its items are sent again`, async () => {
                on.cloud.dynamoDb.behaviour = first(2, behaviour);
                const username = `moment: ${what}`;
                const { response, log } = await on.lambda.invoke(kinesisEvent(posts(3, { username })));
                expect(response).to.deep.equal({ batchItemFailures: [] });
                expect(await on.cloud.items(username)).to.have.length(3);
                expect(log).to.include({ level: "info", stored: 3, retried: 6 });
                const errors = log.errors as { name: string; count: number }[];
                expect(errors).to.have.length(1);
                expect(errors[0]).to.include({ count: 2, ...(errorName !== undefined && { name: errorName }) });
            });
        }

        it("leaves items unprocessed: only these are sent again", async () => {
            on.cloud.dynamoDb.behaviour = first(1, async (request, forward) => {
                const puts = putsOf(request.body);
                await forward(JSON.stringify({ RequestItems: { [TABLE]: puts.slice(2) } }));
                return { status: 200, body: JSON.stringify({ UnprocessedItems: { [TABLE]: puts.slice(0, 2) } }) };
            });
            const { response, log } = await on.lambda.invoke(kinesisEvent(posts(25, { username: "unprocessed" })));
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect(await on.cloud.items("unprocessed")).to.have.length(25);
            expect(on.cloud.dynamoDb.requests.map(({ body }) => putsOf(body).length)).to.deep.equal([25, 2]);
            expect(log).to.include({ stored: 25, retried: 2 });
        });
    });

    describe("a table that fails until the time is up", () => {
        it("leaves items unprocessed for ever: the lowest reported number is the checkpoint before them", async () => {
            on.cloud.dynamoDb.behaviour = async (request, forward) => {
                await on.lambda.pass(100);
                const puts = putsOf(request.body);
                const never = puts.filter(({ PutRequest }) => ["4", "9"].includes(PutRequest.Item.Id?.S ?? ""));
                const others = puts.filter((put) => !never.includes(put));
                if (others.length > 0) await forward(JSON.stringify({ RequestItems: { [TABLE]: others } }));
                return {
                    status: 200,
                    body: JSON.stringify({ UnprocessedItems: never.length > 0 ? { [TABLE]: never } : {} }),
                };
            };
            const { response, log } = await on.lambda.invoke(kinesisEvent(posts(12, { username: "never" })), 2_000);
            expect(response?.batchItemFailures).to.deep.equal(
                [4, 9].map((n) => ({ itemIdentifier: sequenceNumber(n) })),
            );
            expect(await on.cloud.items("never")).to.have.length(10);
            // It asks for as long as there is time, and answers a second before the end of it.
            expect(log).to.include({ level: "error", stored: 10, failed: 2, milliseconds: 1_000 });
            expect(on.cloud.dynamoDb.requests).to.have.length(10);
        });

        for (const silence of ["hang", "hang in the body"] as const) {
            it(`is silent (${silence}): its items are reported before the time limit, the others stored`, async () => {
                on.cloud.dynamoDb.behaviour = (request, forward) =>
                    putsOf(request.body).some(({ PutRequest }) => PutRequest.Item.Id?.S === "30") ? silence : forward();
                const username = `silent: ${silence}`;
                let isOver = false;
                const invoking = on.lambda.invoke(kinesisEvent(posts(60, { username })), 1_500);
                const ending = invoking.finally(() => (isOver = true));
                await on.cloud.dynamoDb.arrived(3);
                await on.lambda.pass(499, 1);
                expect(isOver).to.equal(false);
                await on.lambda.pass(1_001);
                const { response, log } = await ending;
                expect(response?.batchItemFailures).to.have.length(25);
                expect(response?.batchItemFailures[0]).to.deep.equal({ itemIdentifier: sequenceNumber(25) });
                expect(await on.cloud.items(username)).to.have.length(35);
                expect(log.milliseconds).to.equal(500);
                expect(log.errors).to.deep.include({
                    name: "TimeoutError",
                    message: (log.errors as Error[])[0]?.message,
                    count: 1,
                });
            });
        }

        it("is not asked when the invocation starts with no time to spare", async () => {
            const { response } = await on.lambda.invoke(kinesisEvent(posts(3)), 900);
            expect(response?.batchItemFailures).to.have.length(3);
            expect(on.cloud.dynamoDb.requests).to.have.length(0);
        });
    });
});
