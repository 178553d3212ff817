import { expect } from "chai";
import type { KinesisEventRecord } from "../../consumer/delivery";
import { USERNAME_CHARACTERS_MAX } from "../../wire-record";
import { serializeArchive } from "./support/archive";
import { TABLE, TABLE_OF_ANOTHER_SCHEMA } from "./support/cloud";
import { dynamoDbError } from "./support/fault-proxy";
import { first, FunctionUnderTest, putsOf } from "./support/function-under-test";
import {
    aggregate,
    ARRIVAL_SECONDS,
    bytesOf,
    kinesisEvent,
    kinesisRecord,
    post,
    posts,
    sequenceNumber,
} from "./support/records";

describe("the archive that Pulumi makes of the function", () => {
    const on = FunctionUnderTest.inSuite();

    describe("its text", () => {
        it("is the same when another process makes it", async () => expect(await serializeArchive()).to.equal(on.text));

        it("requires packages by their public names, and none but the SDK and Node's own", () => {
            const required = Array.from(on.text.matchAll(/require\("([^"]+)"\)/g), ([, name]) => name);
            expect(new Set(required)).to.deep.equal(
                new Set(["@aws-sdk/client-dynamodb", "@aws-sdk/lib-dynamodb", "@aws-sdk/client-s3", "crypto"]),
            );
        });

        it("has nothing of the machine on which it was made", () => {
            for (const part of [process.cwd(), process.execPath, process.env.HOME ?? "/root", "node_modules"]) {
                expect(on.text).to.not.include(part);
            }
        });

        it("is small", () => expect(on.text.length).to.be.lessThan(64 * 1024));
    });

    describe("its start", () => {
        it("fails with everything that its environment lacks", async () => {
            const environment: Record<string, string> = { ...on.cloud.environment(), EVENT_DATA_TABLE: "" };
            delete environment.FAILED_EVENTS_BUCKET;
            const failing = on.archive.start(environment);
            expect(await failing.exit).to.equal(1);
            expect(failing.stderr)
                .to.include("Error: Expected EVENT_DATA_TABLE to be")
                .and.include("; Expected FAILED_EVENTS_BUCKET");
        });

        it("does not load the S3 client, and neither does an event without malformed records", async () => {
            const fresh = on.archive.start(on.cloud.environment());
            const { s3Loaded } = await fresh.invoke(kinesisEvent(posts(1, { username: "cold" })));
            expect(s3Loaded).to.equal(false);
            expect((await fresh.invoke(kinesisEvent([Buffer.from("x")]))).s3Loaded).to.equal(true);
        });
    });

    describe("a batch", () => {
        it("is stored, emoji, CJK, right-to-left and empty messages included", async () => {
            const messages = ["🔥👩‍👩‍👧‍👦", "日本語テスト", "שלום עולם", 'e\u0301\u0000\u001f"\\', ""];
            const { response, log } = await on.lambda.invoke(
                kinesisEvent(messages.map((message, n) => bytesOf({ username: "unicode", id: String(n), message }))),
            );
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect((await on.cloud.items("unicode")).map(({ Message }) => Message)).to.deep.equal(messages);
            expect(log).to.include({ level: "info", records: 5, stored: 5, quarantined: 0, failed: 0, retried: 0 });
        });

        it("has keys with characters of four bytes up to the limit", async () => {
            const username = "🔥".repeat(USERNAME_CHARACTERS_MAX);
            const { response } = await on.lambda.invoke(kinesisEvent([bytesOf({ username, id: "日".repeat(341) })]));
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect(await on.cloud.items(username)).to.have.length(1);
        });

        it("of 26 records takes two requests", async () => {
            await on.lambda.invoke(kinesisEvent(posts(26, { username: "26" })));
            expect(await on.cloud.items("26")).to.have.length(26);
            expect(on.cloud.dynamoDb.requests.map(({ body }) => putsOf(body).length).sort()).to.deep.equal([1, 25]);
        });

        it("with two posts of one key leaves the later one", async () => {
            const username = "twice";
            const datas = ["one", "two", "three"].map((message) => bytesOf({ username, message }));
            const { response, log } = await on.lambda.invoke(kinesisEvent(datas));
            expect(response).to.deep.equal({ batchItemFailures: [] });
            expect((await on.cloud.items(username)).map(({ Message }) => Message)).to.deep.equal(["three"]);
            expect(log).to.include({ records: 3, stored: 3 });
        });

        it("with three malformed records in ten needs one request more, to the bucket, and fewer to the table", async () => {
            const datas = posts(500, { username: "thirty" });
            await on.lambda.invoke(kinesisEvent(datas));
            expect([on.cloud.dynamoDb.requests.length, on.cloud.s3.requests.length]).to.deep.equal([20, 0]);
            on.cloud.dynamoDb.reset();
            const mixed = datas.map((data, n) => (n % 10 < 3 ? Buffer.from(`no post ${n}`) : data));
            const { log } = await on.lambda.invoke(kinesisEvent(mixed));
            expect(log).to.include({ stored: 350, quarantined: 150, failed: 0 });
            expect([on.cloud.dynamoDb.requests.length, on.cloud.s3.requests.length]).to.deep.equal([14, 1]);
        });

        it("that comes twice leaves the same table", async () => {
            const event = kinesisEvent(posts(60, { username: "again" }));
            await on.lambda.invoke(event);
            const once = await on.cloud.items("again");
            await on.lambda.invoke(event);
            expect(await on.cloud.items("again"))
                .to.deep.equal(once)
                .and.to.have.length(60);
        });

        it("of 2,500 records goes over few connections that stay open", async () => {
            await on.lambda.invoke(kinesisEvent(posts(2_500, { username: "many" })));
            await on.lambda.invoke(kinesisEvent(posts(2_500, { username: "many" })));
            expect(await on.cloud.items("many")).to.have.length(2_500);
            expect(on.cloud.dynamoDb.requests).to.have.length(200);
            expect(on.cloud.dynamoDb.connections).to.be.at.most(25);
        });

        it("with an item of exactly 400 KB is stored", async () => {
            const overhead = 8 + "largest".length + 2 + 1 + 9 + 24 + 7 + 6 + 4 + 14 + 56;
            const message = "x".repeat(400 * 1024 - overhead);
            const { log } = await on.lambda.invoke(kinesisEvent([bytesOf({ username: "largest", message })]));
            expect(log).to.include({ stored: 1, quarantined: 0 });
        });

        it("without records is no failure", async () => {
            expect((await on.lambda.invoke({ Records: [] })).response).to.deep.equal({ batchItemFailures: [] });
        });

        it("that is none of a stream is an error", async () => {
            const { error } = await on.lambda.invokeRaw({ Records: [{ messageId: "1", body: "from a queue" }] });
            expect(error?.message).to.equal(
                "Expected an event of a Kinesis stream, but record 0 has no shard in `eventID`",
            );
        });

        it("with a replayed post stores it, unless the table has a later version of it", async () => {
            const marked = (n: number, original: number, message: string) =>
                kinesisRecord(
                    Buffer.from(
                        JSON.stringify({
                            ...post({ username: "replayed", message }),
                            replayOf: sequenceNumber(original),
                        }),
                    ),
                    n,
                );
            const messageAfter = async (record: KinesisEventRecord) => {
                const { response, log } = await on.lambda.invoke({ Records: [record] });
                expect(response).to.deep.equal({ batchItemFailures: [] });
                expect(log).to.include({ stored: 1, retried: 0 });
                return (await on.cloud.items("replayed"))[0]?.Message;
            };
            expect(await messageAfter(marked(100, 10, "v10"))).to.equal("v10");
            expect(await messageAfter(marked(101, 9, "v9"))).to.equal("v10");
            expect(await messageAfter(marked(102, 11, "v11"))).to.equal("v11");
            expect(await messageAfter(marked(103, 11, "v11, fixed"))).to.equal("v11, fixed");
            expect(await messageAfter(kinesisRecord(bytesOf({ username: "replayed", message: "v20" }), 20))).to.equal(
                "v20",
            );
            expect(await messageAfter(marked(104, 11, "v11"))).to.equal("v20");
        });

        it("with a replayed record of a pack stores it, unless the table has one that was packed behind it", async () => {
            const messageAfter = async (n: number, place: number, message: string) => {
                const mark = { replayOf: `${sequenceNumber(n)}:${place}` };
                const data = Buffer.from(JSON.stringify({ ...post({ username: "pack", message }), ...mark }));
                await on.lambda.invoke({ Records: [kinesisRecord(data, 200)] });
                return (await on.cloud.items("pack"))[0]?.Message;
            };
            const pack = ["first", "second"].map((message) => ({
                partitionKey: "pack",
                data: bytesOf({ username: "pack", message }),
            }));
            await on.lambda.invoke({ Records: [kinesisRecord(aggregate(pack), 20)] });
            expect(await messageAfter(19, 5, "of the pack before")).to.equal("second");
            expect(await messageAfter(20, 1, "second, fixed")).to.equal("second, fixed");
            expect(await messageAfter(20, 3, "fourth")).to.equal("fourth");
            expect(await messageAfter(20, 2, "third")).to.equal("fourth");
            expect(await messageAfter(21, 1, "of the pack behind")).to.equal("of the pack behind");
            const [item] = await on.cloud.items("pack");
            expect(item).to.include({ SequenceNumber: sequenceNumber(21), SubSequenceNumber: 1 });
        });

        it("packed by the Kinesis Producer Library is unpacked", async () => {
            const parts = ["a", "b"].map((id) => ({ partitionKey: "kpl", data: bytesOf({ username: "kpl", id }) }));
            const { log } = await on.lambda.invoke(kinesisEvent([aggregate(parts)]));
            expect(log).to.include({ records: 2, stored: 2 });
            expect((await on.cloud.items("kpl")).map(({ Id }) => Id)).to.deep.equal(["a", "b"]);
        });
    });

    describe("a table that cannot be written to", () => {
        it("because the permission is missing: the invocation is an error that says so", async () => {
            const message =
                "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: dynamodb:BatchWriteItem";
            on.cloud.dynamoDb.behaviour = () => dynamoDbError("AccessDeniedException", 400, message);
            const { error, log } = await on.lambda.invoke(kinesisEvent(posts(100)));
            expect(error).to.deep.equal({
                name: "AccessDeniedException",
                message: `Cannot write to the table ${TABLE}: ${message}`,
            });
            expect(log).to.include({ level: "error", stored: 0, failed: 100 });
            expect(on.cloud.dynamoDb.requests.length).to.be.at.most(8);
        });

        for (const [what, table, name] of [
            ["it does not exist", "test-Missing", "ResourceNotFoundException"],
            ["it has other keys", TABLE_OF_ANOTHER_SCHEMA, "ValidationException"],
        ] as const) {
            it(`because ${what}: the invocation is an error and nothing is quarantined`, async () => {
                const other = on.archive.start({ ...on.cloud.environment(), EVENT_DATA_TABLE: table });
                const { error, log } = await other.invoke(kinesisEvent(posts(2)));
                expect(error?.name).to.equal(name);
                expect(error?.message).to.include(`Cannot write to the table ${table}: `);
                expect(log).to.include({ stored: 0, quarantined: 0, failed: 2 });
            });
        }

        it("at one time is written to by the same process at another", async () => {
            on.cloud.dynamoDb.behaviour = () => dynamoDbError("AccessDeniedException");
            expect((await on.lambda.invoke(kinesisEvent(posts(1)))).error).to.not.equal(undefined);
            on.cloud.dynamoDb.reset();
            const { response } = await on.lambda.invoke(kinesisEvent(posts(1, { username: "later" })));
            expect(response).to.deep.equal({ batchItemFailures: [] });
        });
    });

    describe("the log", () => {
        it("has one line for an invocation, and no part of a record in it", async () => {
            const secret = "text-of-a-post";
            const data = [bytesOf({ username: secret, id: secret, message: secret }), Buffer.from(secret)];
            on.cloud.dynamoDb.behaviour = first(1, () => ({ status: 200, body: `{"UnprocessedItems": ${secret}` }));
            const nowMs = Date.now();
            const { log } = await on.lambda.invoke(kinesisEvent(data));
            expect(JSON.stringify(log)).to.not.include(secret).and.not.include(sequenceNumber(0));
            expect(log).to.have.all.keys(
                ...["timestamp", "level", "message", "requestId", "records", "stored", "retried", "quarantined"],
                ...["failed", "milliseconds", "iteratorAgeMs", "errors"],
                ...["FunctionName", "QuarantinedRecords", "FailedRecords", "_aws"],
            );
            expect(log.iteratorAgeMs).to.be.within(
                Math.max(0, nowMs - ARRIVAL_SECONDS * 1000 - 1_000),
                Math.max(0, Date.now() - ARRIVAL_SECONDS * 1000),
            );
            expect(on.lambda.strangeLines).to.deep.equal([]);
        });

        it("has nothing on standard error", () => expect(on.lambda.stderr).to.equal(""));
    });

    it("builds each client once for all invocations of a process", async () => {
        await on.lambda.invoke(kinesisEvent([Buffer.from("{")]));
        const before = [on.cloud.dynamoDb.connections, on.cloud.s3.connections];
        for (let invocation = 0; invocation < 20; invocation++) {
            const message = String(invocation);
            await on.lambda.invoke(kinesisEvent([bytesOf({ username: "warm", message }), Buffer.from("{")]));
        }
        const after = [on.cloud.dynamoDb.connections, on.cloud.s3.connections];
        // A first connection to the table may still be missing here.
        expect(after[0]! - before[0]!).to.be.at.most(1);
        expect(after[1]).to.equal(before[1]);
        const [item] = await on.cloud.items("warm");
        expect(item?.Message).to.equal("19");
    });
});
