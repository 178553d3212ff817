import { expect } from "chai";
import path from "node:path";
import { SAME_REQUEST_MS } from "../../commandline/interrupt";
import { bytesOf } from "../consumer/support/records";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";
import { DeployedStack, endOf } from "./support/deployed-stack";
import { FIX, malformed, ofOtherSchema } from "./support/records";

describe("npm run replay", () => {
    let stack: DeployedStack;
    let fix: string;

    const moduleOf = (text: string) => path.join(temporaryFolder({ "fix.mjs": text }), "fix.mjs");

    before(async () => {
        fix = moduleOf(FIX);
        stack = await DeployedStack.start();
    });
    after(async () => {
        await stack.close();
        removeTemporaryFolders();
    });
    afterEach(() => stack.clearBucket());

    it("with a fix leaves the table with every post, the bucket with nothing to replay, and keeps what it has sent", async () => {
        const all = Array.from({ length: 1_200 }, (_, id) => id);
        const isOdd = (id: number) => id % 3 === 0;
        await stack.put(
            all.map((id) => {
                const partitionKey = `author_${id % 7}`;
                const fields = { username: partitionKey, id: String(id), message: `text ${id}` };
                return isOdd(id) ? ofOtherSchema(id) : { partitionKey, data: bytesOf(fields) };
            }),
        );
        expect((await stack.posts()).size).to.equal(800);
        const before = await stack.keys("quarantine/");

        const dryRun = await stack.replay("--fix", fix, "--dry-run", "--json");
        expect(dryRun.exitCode, dryRun.stderr).to.equal(0);
        expect(dryRun.account).to.include({ records: 400, sent: 400, dryRun: true, objects: before.length });
        expect(dryRun.account.reasons).to.deep.equal({ '"id" is not a string': 400 });
        expect(await stack.keys("")).to.deep.equal(before);

        const { exitCode, account, stderr } = await stack.replay("--fix", fix, "--json");
        expect(exitCode, stderr).to.equal(0);
        expect(account).to.include({
            records: 400,
            sent: 400,
            left: 0,
            replayedObjects: before.length,
            leftObjects: 0,
        });
        const posts = await stack.posts();
        expect(posts.size).to.equal(1_200);
        for (const id of all) expect(posts.get(`author_${id % 7}/${id}`)?.message).to.equal(`text ${id}`);
        expect(await stack.keys("quarantine/")).to.deep.equal([]);
        expect(await stack.keys("replayed/")).to.deep.equal(before.map((key) => `replayed/${key}`));
    });

    it("never puts a record that came back unfixed, and is fixed later, in the place of what came after it", async () => {
        const later = bytesOf({ username: "author_1", id: "8", message: "came after it" });
        await stack.put([ofOtherSchema(8), { partitionKey: "author_1", data: later }]);
        expect((await stack.replay("--json")).account).to.include({ sent: 1, left: 0 });
        const { account } = await stack.replay("--fix", fix, "--json");
        expect(account).to.include({ records: 1, sent: 1, left: 0 });
        expect((await stack.posts()).get("author_1/8")?.message).to.equal("came after it");
    });

    it("stops at Ctrl-C when what it has read is sent, and the next run does the rest", async () => {
        for (let id = 0; id < 1_200; id += 200) {
            await stack.put(Array.from({ length: 200 }, (_, n) => ofOtherSchema(10_000 + id + n)));
        }
        const interrupting = moduleOf(
            `import fix from ${JSON.stringify(fix)};
            let records = 0;
            export default (record) => {
                records += 1;
                if (records === 600) process.kill(process.pid, "SIGINT");
                return fix(record);
            };`,
        );
        const { exitCode, account, stderr } = await stack.replay("--fix", interrupting, "--json");
        expect(exitCode).to.equal(1);
        expect(stderr).to.match(/^SIGINT: sending what has been read, and stopping\. Again to give up\.$/m);
        expect(account).to.include({ records: 1_200, interrupted: true });
        expect(Number(account.sent)).to.be.within(600, 1_199);
        expect(await stack.keys("quarantine/")).to.have.length(Number(account.leftObjects));

        expect((await stack.replay("--fix", fix, "--json")).account).to.include({ left: 0, leftObjects: 0 });
        const ids = new Set(Array.from((await stack.posts()).values(), ({ id }) => Number(id)));
        for (let id = 10_000; id < 11_200; id += 1) expect(ids.has(id), String(id)).to.equal(true);
    });

    it("gives up at the second Ctrl-C, also on a fix that never answers", async () => {
        await stack.put(malformed(1));
        const silent = moduleOf(
            `export default () => {
                // Counted from when the first has been heard: sooner, it would be the same Ctrl-C.
                process.once("SIGINT", () => setTimeout(() => process.kill(process.pid, "SIGINT"), ${SAME_REQUEST_MS * 1.2}));
                process.kill(process.pid, "SIGINT");
                return new Promise(() => undefined);
            };`,
        );
        const { exitCode, stderr, account } = await stack.replay("--fix", silent, "--json");
        expect(exitCode, stderr).to.equal(130);
        expect(stderr).to.match(/^Aborted\.$/m);
        expect(account).to.include({ sent: 0, left: 1 });
        expect(await stack.keys("replayed/")).to.deep.equal([]);
    });

    it("leaves out what is older than --since, and what --prefix does not name", async () => {
        await stack.put(malformed(1));
        const found = async (...options: string[]) =>
            (await stack.replay("--dry-run", "--json", ...options)).account.objects;
        expect(await found("--since", "1h")).to.equal(1);
        expect(await found("--since", new Date(Date.now() + 60_000).toISOString())).to.equal(0);
        expect(await found("--prefix", "quarantine")).to.equal(1);
        expect(await found("--prefix", "aws")).to.equal(0);
    });

    it("shows what there is and what it did as tables", async () => {
        await stack.put(malformed(2));
        const { stdout, stderr } = await stack.replay();
        expect(stdout).to.match(/quarantine +│ not JSON +│ +2 │/);
        expect(stdout).to.match(/│ sent +│ +2 │/);
        expect(stdout).to.match(/│ objects left +│ +0 │/);
        expect(stderr).to.match(/^sending: 2\/2 records, /m);
    });

    it("does nothing with an empty bucket, and ends with 0", async () => {
        const { exitCode, account } = await stack.replay("--json");
        expect(exitCode).to.equal(0);
        expect(account).to.include({ objects: 0, records: 0, sent: 0, firstArrival: null });
        expect(await stack.replay()).to.include({ exitCode: 0, stdout: "There is nothing to replay.\n" });
    });

    it("works with the caller's own credentials, and tells whose are refused", async () => {
        await stack.put(malformed(1));
        const { accessKeyId, secretAccessKey } = stack.cloud.administrator;
        const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
        const own = await endOf(stack.start(["--credentials", "default", "--json"], keys));
        expect(own.exitCode, own.stderr).to.equal(0);
        expect(own.account).to.include({ sent: 1 });
        // The producer's key may put records, and not read the bucket.
        const { accessKeyId: id = "", secretAccessKey: secret = "" } = stack.outputs;
        const other = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
        const refused = await endOf(stack.start(["--credentials", "default"], other));
        expect(refused.exitCode).to.equal(1);
        expect(refused.stderr).to.match(
            /^The credentials do not allow it: check the policy of their user \(listing quarantine\/: /,
        );
        expect(refused.stderr).not.to.include(secret);
    });

    for (const [what, options, problem] of [
        [
            "a time that is none",
            ["--since", "yesterday"],
            "Expected `--since` to be a time (2026-11-23, 2026-11-23T06:00Z) or how long ago (90m, 12h, 7d), got 'yesterday'.",
        ],
        ["a folder that is none", ["--prefix", "all"], "Expected `--prefix` to be one of quarantine, aws, got 'all'."],
        ["a file that is not there", ["--batches", "/nowhere"], "Expected `--batches` to be a file that can be read: "],
        [
            "a choice of objects without a bucket",
            ["--batches", "x", "--prefix", "aws"],
            "Expected `--prefix` without `--batches`, which is not about the bucket.",
        ],
        ["a fix that is not there", ["--fix", "/nowhere.mjs"], "Expected `--fix` to be a module that can be loaded: "],
    ] as const) {
        it(`refuses ${what}, with 2`, async () => {
            const { exitCode, stderr } = await stack.replay(...options);
            expect(exitCode).to.equal(2);
            expect(stderr).to.include(problem);
        });
    }
});
