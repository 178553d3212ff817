import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FAULT_RATES, FaultInjector, type FaultName } from "../local/faults/injector";
import { quarantineLine } from "../consumer/quarantine";
import { aggregate, bytesOf, delivery, kinesisEvent } from "./consumer/support/records";
import { DeployedStack, endOf, givenUpObject } from "./replay/support/deployed-stack";
import { FIX, malformed, ofOtherSchema } from "./replay/support/records";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder";

const README = readFileSync(path.join(__dirname, "..", "README.md"), "utf8");
const HEADING = "### Failure modes";

/** The rows of the table in the README, without its head, as lists of cells. */
function readmeRows(): string[][] {
    const section = README.slice(README.indexOf(HEADING)).split(/\n#+ /)[0] ?? "";
    const lines = section.split("\n").filter((line) => line.startsWith("|"));
    return lines.slice(2).map((line) =>
        line
            .slice(1, -1)
            .split("|")
            .map((cell) => cell.trim()),
    );
}

/** Lets faults happen on exactly the next occasions for them. */
class NextFaults {
    readonly injector: FaultInjector;
    private readonly left = new Map<FaultName, number>();

    constructor() {
        const rates = {} as Record<FaultName, number>;
        for (const name of Object.keys(FAULT_RATES) as FaultName[]) {
            Object.defineProperty(rates, name, { get: () => this.take(name) });
        }
        this.injector = new FaultInjector(1, rates);
        this.injector.start();
    }

    next(name: FaultName, count: number): void {
        this.left.set(name, count);
    }

    private take(name: FaultName): number {
        const left = this.left.get(name) ?? 0;
        this.left.set(name, Math.max(0, left - 1));
        return left > 0 ? 1 : 0;
    }
}

const ALARM_PREFIX = "local-stream-processing-";

/** Every test is a row of the table in the README, and has its name. */
describe("failure modes", function () {
    const faults = new NextFaults();
    const problems: string[] = [];
    let stack: DeployedStack;
    let fix: string;

    before(async () => {
        fix = path.join(temporaryFolder({ "fix.mjs": FIX }), "fix.mjs");
        const onProblem = (problem: string) => problems.push(problem);
        stack = await DeployedStack.start({ faults: faults.injector, onProblem, retryAttempts: 2 });
    });
    after(async () => {
        await stack.close();
        removeTemporaryFolders();
    });
    afterEach(() => stack.clearBucket());

    const ofAda = (...datas: Uint8Array[]) => datas.map((data) => ({ partitionKey: "ada", data }));

    /** The last line that the function has logged, and what is in the quarantine, by line. */
    const lastLine = () => stack.logLines().at(-1);
    const quarantined = async () =>
        Array.from((await stack.objects("quarantine/")).values())
            .flatMap((text) => text.trimEnd().split("\n"))
            .map((line) => JSON.parse(line) as Record<string, string>);

    async function withoutRight(action: string, work: () => Promise<void>): Promise<void> {
        const role = stack.deployment.resources.find(({ type }) => type === "aws:iam/role:Role")!;
        const name = String(role.outputs.values.name);
        const Statement = [{ Effect: "Deny", Action: action, Resource: "*" }];
        stack.cloud.identities.putRolePolicy(name, "deny", { Version: "2012-10-17", Statement });
        try {
            await work();
        } finally {
            stack.cloud.identities.deleteRolePolicy(name, "deny");
        }
    }

    /** Resolves with the next line of the function's that is logged at this level. */
    function logged(level: string): Promise<Record<string, unknown>> {
        return new Promise((resolve) => {
            const stop = stack.cloud.lambda.onLog(({ message }) => {
                if (!message.includes(`"level":"${level}"`) || !message.includes('"QuarantinedRecords"')) return;
                stop();
                resolve(JSON.parse(message) as Record<string, unknown>);
            });
        });
    }

    it("A record is no post", async () => {
        const datas = [
            Buffer.from([0xff]),
            Buffer.from("{"),
            bytesOf({ timestamp: "2026-02-30T00:00:00Z" }),
            bytesOf({ id: "" }),
        ];
        await stack.put([...ofAda(...datas), ...ofAda(bytesOf({ id: "beside" }))]);
        expect((await quarantined()).map(({ reason }) => reason)).to.have.members([
            "not UTF-8",
            "not JSON",
            '"timestamp" is not an ISO 8601 time with a time zone',
            '"id" is empty',
        ]);
        expect((await stack.posts()).has("ada/beside")).to.equal(true);
        expect(lastLine()).to.include({ level: "warn", QuarantinedRecords: 4, FailedRecords: 0, stored: 1 });
    });

    it("A post is larger than an item can be", async () => {
        await stack.put(ofAda(bytesOf({ id: "large", message: "x".repeat(400 * 1024) })));
        expect((await quarantined())[0]?.reason).to.match(
            /^the item has \d+ bytes, more than the 409600 that DynamoDB takes$/,
        );
        expect(lastLine()).to.include({ QuarantinedRecords: 1 });
    });

    it("The Kinesis Producer Library has packed records into one", async () => {
        const parts = [bytesOf({ id: "packed" }), Buffer.from("no post")].map((data) => ({
            partitionKey: "ada",
            data,
        }));
        const whole = aggregate(parts);
        await stack.put(ofAda(whole, whole.subarray(0, -1)));
        expect((await stack.posts()).has("ada/packed")).to.equal(true);
        expect((await quarantined()).map(({ reason }) => reason)).to.have.members([
            "not JSON",
            "a damaged aggregate of the Kinesis Producer Library",
        ]);
    });

    it("The quarantine cannot be written", async () => {
        await withoutRight("s3:PutObject", async () => {
            const failing = logged("error");
            const putting = stack.put([...malformed(1), ...ofAda(bytesOf({ id: "stored" }))]);
            const line = await failing;
            expect(line).to.include({ QuarantinedRecords: 0, FailedRecords: 1 });
            // Lambda delivers it again; by then the right is back.
            putting.catch(() => undefined);
        });
        await stack.cloud.drained();
        expect((await stack.posts()).has("ada/stored")).to.equal(true);
        expect(await quarantined()).to.have.length(1);
    });

    it("The table throttles or fails for a while", async () => {
        faults.next("table requests throttled", 2);
        faults.next("table requests with unprocessed items", 1);
        await stack.put(ofAda(...Array.from({ length: 30 }, (_, n) => bytesOf({ id: `throttled ${n}` }))));
        const ids = Array.from((await stack.posts()).values(), ({ id }) => id).filter((id) =>
            id.startsWith("throttled"),
        );
        expect(ids).to.have.length(30);
        expect(Number(lastLine()?.retried)).to.be.at.least(1);
        expect(await stack.keys("")).to.deep.equal([]);
    });

    it("The table cannot be written to", async () => {
        await withoutRight("dynamodb:*", async () => {
            await stack.put(ofAda(bytesOf({ id: "denied" })));
        });
        expect(lastLine()).to.include({ level: "error", FailedRecords: 1 });
        expect(await stack.keys("aws/lambda/")).to.have.length(1);
        const { exitCode, account } = await stack.replay("--prefix", "aws", "--json");
        expect(exitCode).to.equal(0);
        expect(account.reasons).to.deep.equal({ "given up: RetryAttemptsExhausted": 1 });
        expect((await stack.posts()).has("ada/denied")).to.equal(true);
    });

    it("The function crashes or runs out of time", async () => {
        for (const fault of ["function crashes", "function time-outs"] as const) {
            faults.next(fault, 1);
            await stack.put(ofAda(bytesOf({ id: fault })));
            expect((await stack.posts()).has(`ada/${fault}`)).to.equal(true);
            expect(await stack.keys("")).to.deep.equal([]);
        }
        expect(faults.injector.counts).to.include({ "function crashes": 1, "function time-outs": 1 });
    });

    it("A batch fails until its retries are used up", async () => {
        problems.length = 0;
        faults.next("function crashes", 1_000);
        await stack.put(ofAda(...["a", "b"].map((id) => bytesOf({ id: `given up ${id}` }))));
        faults.next("function crashes", 0);
        expect(problems.join("\n")).to.match(
            /gave up 1 records of shardId-\d+ \(RetryAttemptsExhausted\), into aws\/lambda\//,
        );
        const keys = await stack.keys("");
        expect(keys[0]).to.match(
            /^aws\/lambda\/[0-9a-f-]{36}\/shardId-\d{12}\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
        );
        expect((await stack.replay("--json")).account).to.include({ records: 2, sent: 2, left: 0 });
        expect(await stack.posts()).to.include.keys("ada/given up a", "ada/given up b");
        expect(await stack.keys("")).to.deep.equal(keys.map((key) => `replayed/${key}`));
    });

    it("Lambda cannot write to the bucket", async () => {
        problems.length = 0;
        faults.next("function crashes", 1_000);
        let putting: Promise<unknown> | undefined;
        await withoutRight("s3:PutObject", async () => {
            putting = stack.put(ofAda(bytesOf({ id: "waits" })));
            while (!problems.some((problem) => problem.includes("Cannot write to the on-failure destination"))) {
                await nextTurn();
            }
        });
        await putting;
        faults.next("function crashes", 0);
        expect(await stack.keys("aws/lambda/")).to.have.length(1);
        expect((await stack.replay("--json")).account).to.include({ sent: 1, left: 0 });
        expect((await stack.posts()).has("ada/waits")).to.equal(true);
    });

    it("The function may not run as often as it should", async () => {
        const busy = await DeployedStack.start({ faults: faults.injector, retryAttempts: 1, concurrency: 1 });
        try {
            const { lambda } = busy.cloud;
            const invoke = lambda.invoke.bind(lambda);
            let refused = 0;
            lambda.invoke = (name, payload) =>
                invoke(name, payload).catch((error: unknown) => {
                    if ((error as Error).name === "TooManyRequestsException") refused += 1;
                    if (refused === 2) faults.next("table requests throttled", 0);
                    throw error;
                });
            // The one invocation is busy with its retries until two of the other shards had to wait.
            faults.next("table requests throttled", 1_000_000);
            const records = Array.from({ length: 12 }, (_, n) => n);
            await busy.put(records.map((n) => ({ partitionKey: `key ${n}`, data: bytesOf({ id: `busy ${n}` }) })));
            expect(refused).to.be.at.least(2);
            expect((await busy.posts()).size).to.equal(12);
            expect(await busy.keys("")).to.deep.equal([]);
        } finally {
            faults.next("table requests throttled", 0);
            await busy.close();
        }
    });

    it("A batch is delivered twice", async () => {
        const before = (await stack.posts()).size;
        faults.next("batches delivered twice", 1);
        await stack.put(ofAda(bytesOf({ id: "twice" })));
        expect(faults.injector.counts["batches delivered twice"]).to.equal(1);
        expect((await stack.posts()).size).to.equal(before + 1);
    });

    it("A post comes in two versions", async () => {
        await stack.put(ofAda(...["first", "second"].map((message) => bytesOf({ id: "versions", message }))));
        expect((await stack.posts()).get("ada/versions")?.message).to.equal("second");
    });

    it("The function falls behind", async () => {
        const inputsOf = (type: string) =>
            stack.deployment.resources.filter((each) => each.type === type).map(({ inputs }) => inputs.values);
        const [mapping] = inputsOf("aws:lambda/eventSourceMapping:EventSourceMapping");
        const [stream] = inputsOf("aws:kinesis/stream:Stream");
        const alarm = inputsOf("aws:cloudwatch/metricAlarm:MetricAlarm").find(
            ({ name }) => name === `${ALARM_PREFIX}iterator-age`,
        );
        const ageSeconds = Number(mapping?.maximumRecordAgeInSeconds);
        expect(ageSeconds).to.equal((Number(stream?.retentionPeriod) * 3_600) / 2);
        expect(alarm?.threshold).to.equal((ageSeconds * 1_000) / 2);

        // A record that arrived so long ago, and is read now: the stream keeps the clock that there is when it starts.
        const { now } = Date;
        let behindMs = (ageSeconds + 1) * 1_000;
        Date.now = () => now() - behindMs;
        let behind: DeployedStack | undefined;
        try {
            behind = await DeployedStack.start({
                onProblem: () => undefined,
                beforeMapping: async (cloud, streamArn) => {
                    const [record] = ofAda(bytesOf({ id: "old" }));
                    const StreamName = streamArn.replace(/^.*:stream\//, "");
                    await cloud.kinesis.call("PutRecord", {
                        StreamName,
                        PartitionKey: record!.partitionKey,
                        Data: Buffer.from(record!.data).toString("base64"),
                    });
                    behindMs = 0;
                },
            });
            await behind.cloud.drained();
            expect((await behind.posts()).size).to.equal(0);
            const { account } = await behind.replay("--json");
            expect(account).to.include({ sent: 1, left: 0 });
            expect(account.reasons).to.deep.equal({ "given up: RecordAgeExceeded": 1 });
            expect((await behind.posts()).has("ada/old")).to.equal(true);
        } finally {
            Date.now = now;
            await behind?.close();
        }
    });

    it("The stream is not read any more", async () => {
        problems.length = 0;
        let putting: Promise<unknown> | undefined;
        await withoutRight("kinesis:GetRecords", async () => {
            putting = stack.put(ofAda(bytesOf({ id: "unread" })));
            while (!problems.some((problem) => problem.includes("kinesis:GetRecords"))) {
                await new Promise((resolve) => setImmediate(resolve));
            }
            expect((await stack.posts()).has("ada/unread")).to.equal(false);
        });
        await putting;
        expect((await stack.posts()).has("ada/unread")).to.equal(true);
        expect(await stack.keys("")).to.deep.equal([]);
    });

    it("The stream takes less than is sent", async () => {
        faults.next("records rejected by their shard", 20);
        faults.next("stream requests throttled", 1);
        const { exitCode, account } = await stack.produce(
            ...["--source", "sample", "--posts", "200", "--seed", "1", "--json"],
        );
        expect(exitCode).to.equal(0);
        expect(account).to.include({ sent: 200, notSent: 0 });
        expect(Number(account.retried)).to.be.at.least(1);
    });

    it("The producer is killed", async () => {
        const before = (await stack.posts()).size;
        const options = ["--source", "sample", "--posts", "400", "--seed", "2", "--json"];
        // Slow enough not to have come to its end before the function writes the first post, whenever that is.
        const killed = stack.start([...options, "--rate", "1"], {}, "producer");
        const stop = stack.cloud.dynamodb.onWrite(() => killed.kill("SIGKILL"));
        expect((await endOf(killed)).exitCode).to.equal(null);
        stop();
        expect((await stack.produce(...options)).account).to.include({ sent: 400 });
        expect((await stack.posts()).size).to.equal(before + 400);
    });

    /** Twenty objects with twenty records of another schema each, numbered from `start` on. */
    async function putObjects(start: number): Promise<void> {
        for (let first = start; first < start + 400; first += 20) {
            const lines = Array.from({ length: 20 }, (_, n) => {
                const place = delivery(first + n, ofOtherSchema(first + n));
                return quarantineLine({ delivery: place, reason: "not of this schema" });
            });
            await stack.putObject(`quarantine/posts/shardId-000000000000/2026-11-23/${first}.ndjson`, lines.join(""));
        }
    }

    /** Fails unless the table has each of the posts from `start` on. */
    async function expectPosts(start: number): Promise<void> {
        const posts = await stack.posts();
        for (let id = start; id < start + 400; id += 1) {
            expect(posts.get(`author_${id % 7}/${id}`)?.message).to.equal(`text ${id}`);
        }
    }

    it("A replay is cut off", async () => {
        await putObjects(0);
        const killed = stack.start(["--fix", fix]);
        const stop = stack.cloud.s3.onWrite(({ key }) => {
            if (key.startsWith("replayed/")) killed.kill("SIGKILL");
        });
        expect((await endOf(killed)).exitCode).to.equal(null);
        stop();
        expect((await stack.keys("replayed/")).length).to.be.within(1, 20);

        const { exitCode, account, stderr } = await stack.replay("--fix", fix, "--json");
        expect(exitCode, stderr).to.equal(0);
        expect(account.left).to.equal(0);
        expect(await stack.keys("quarantine/")).to.deep.equal([]);
        await expectPosts(0);
    });

    it("Two replays run at once", async () => {
        await putObjects(1_000);
        const ends = await Promise.all([1, 2].map(() => endOf(stack.start(["--fix", fix, "--json"]))));
        for (const { exitCode, account, stderr } of ends) {
            expect(exitCode, stderr).to.equal(0);
            expect(account).to.include({ left: 0, leftObjects: 0 });
            expect(Number(account.replayedObjects) + Number(account.goneObjects)).to.equal(account.objects);
        }
        await stack.cloud.drained();
        expect(await stack.keys("quarantine/")).to.deep.equal([]);
        expect(await stack.keys("replayed/")).to.have.length(20);
        await expectPosts(1_000);
    });

    it("A replayed record is still malformed", async () => {
        await stack.put(malformed(3));
        const before = await stack.keys("quarantine/");
        const { exitCode, account } = await stack.replay("--json");
        expect(exitCode).to.equal(0);
        expect(account).to.include({ sent: 3, left: 0 });
        // Once: what comes back is another object, for the next replay.
        expect(await quarantined()).to.have.length(3);
        expect(await stack.keys("quarantine/")).not.to.include.members(before);
        expect((await stack.replay("--dry-run", "--json")).account.reasons).to.deep.equal({ "not JSON": 3 });
    });

    it("A replayed post is older than the one in the table", async () => {
        await stack.put(ofAda(bytesOf({ id: "edited", message: "newer" })));
        // Its sequence numbers are lower than any of today.
        const event = kinesisEvent([bytesOf({ id: "edited", message: "older" }), bytesOf({ id: "only" })]);
        await stack.putObject("aws/lambda/uuid/shardId-000000000000/2026/11/23/x", givenUpObject(event));
        const { exitCode, account } = await stack.replay("--json");
        expect(exitCode).to.equal(0);
        expect(account).to.include({ sent: 2, replayedObjects: 1 });
        const posts = await stack.posts();
        expect(posts.get("ada/edited")?.message).to.equal("newer");
        expect(posts.get("ada/only")?.message).to.equal("hello");
    });

    it("The fix fails at a record", async () => {
        await stack.put(malformed(2));
        const { exitCode, stderr, account } = await stack.replay("--fix", fix, "--json");
        expect(exitCode).to.equal(1);
        expect(stderr).to.match(/^Left quarantine\/.*: the fix failed at record \d+: Unexpected token /m);
        expect(account).to.include({ sent: 0, left: 2, replayedObjects: 0 });
        expect(await stack.keys("replayed/")).to.deep.equal([]);
    });

    it("An object of the bucket is damaged", async () => {
        await stack.put(malformed(1));
        const key = "quarantine/posts/shardId-000000000000/2026-11-23/damaged.ndjson";
        await stack.putObject(key, "{}\n");
        const { exitCode, stderr, account } = await stack.replay("--json");
        expect(exitCode).to.equal(1);
        expect(stderr).to.include(`Left ${key}: line 1 has no sequence number.`);
        expect(account).to.include({ sent: 1, replayedObjects: 1, leftObjects: 1 });
        expect(await stack.keys("quarantine/posts/")).to.deep.equal([key]);
    });

    it("Only the place of a batch in the stream is known", async () => {
        const username = "batches";
        const records = [0, 1, 2].map((n) => ({ partitionKey: username, data: bytesOf({ username, id: String(n) }) }));
        const places = await stack.put(records);
        const shardId = places[0]!.shardId;
        const numbers = places.map(({ sequenceNumber }) => sequenceNumber);
        const fileOf = (startSequenceNumber: string, batchSize: number) => {
            const streamArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${stack.outputs.kinesisStream!}`;
            const info = { shardId, startSequenceNumber, endSequenceNumber: numbers.at(-1), batchSize, streamArn };
            return path.join(
                temporaryFolder({ "batches.json": JSON.stringify({ KinesisBatchInfo: info }) }),
                "batches.json",
            );
        };
        const { exitCode, account, stderr } = await stack.replay("--batches", fileOf(numbers[1]!, 2), "--json");
        expect(exitCode, stderr).to.equal(0);
        expect(account).to.include({ sent: 2, expired: 0, left: 0 });

        // A number that the stream does not have: of a day earlier, one place before.
        const late = await stack.replay(
            "--batches",
            fileOf((BigInt(numbers[0]!) - (1n << 80n) - (100_000n << 36n)).toString(), 4),
            "--json",
        );
        expect(late.exitCode).to.equal(1);
        expect(late.account.left).to.equal(0);
        expect(Number(late.account.expired)).to.be.at.least(1);
        expect(late.stderr).to.include("Expired: ");
    });

    describe("in the README", () => {
        it("are the rows of a table, each of them a test", function () {
            const suite = this.test?.parent?.parent;
            expect(readmeRows().map(([name]) => name)).to.deep.equal(suite?.tests.map(({ title }) => title));
        });

        it("name alarms that there are, and each of them is named", () => {
            const named = readmeRows().flatMap((cells) =>
                Array.from(cells.join(" ").matchAll(/alarm `([a-z-]+)`/g), ([, name]) => `${ALARM_PREFIX}${name!}`),
            );
            const alarms = stack.deployment.resources.filter(
                ({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm",
            );
            expect(named).to.include.members(alarms.map(({ inputs }) => inputs.values.name));
            expect(alarms.map(({ inputs }) => inputs.values.name)).to.include.members(named);
        });
    });
});
