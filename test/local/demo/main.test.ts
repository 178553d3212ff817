import { expect } from "chai";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readProject } from "../../../local/deployment/project";
import { MOMENTS } from "../../../local/timings";
import { taskFolderBase } from "../../../local/lambda/task-folder";
import { end, printed, processesLeft, projectCopy, startProgram, type Program } from "../../project-copy";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";

const DEMO = "local/demo/main.ts";
/** `pulumi new` gives it another name. */
const PROJECT = readProject(path.resolve(__dirname, "../../.."), "none").name;

describe("npm run demo", () => {
    let temporary: string;
    let demo: Program;

    beforeEach(() => {
        // So that the functions' files are in it as well.
        temporary = temporaryFolder({}, taskFolderBase());
    });

    afterEach(() => {
        expect(processesLeft(demo)).to.deep.equal([]);
        expect(readdirSync(temporary)).to.deep.equal([]);
    });

    after(removeTemporaryFolders);

    it("stores every post once, shows ten of them and says so in one line of JSON, whatever AWS clients are set up for", async () => {
        // A proxy, and elsewhere that AWS clients of this machine are to go.
        const nowhere = "http://127.0.0.1:9";
        const environment = {
            ...{ http_proxy: nowhere, https_proxy: nowhere, no_proxy: "example.org" },
            ...{ AWS_ENDPOINT_URL: nowhere, AWS_ENDPOINT_URL_KINESIS: nowhere, AWS_ENDPOINT_URL_DYNAMODB: nowhere },
            ...{ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true", AWS_USE_FIPS_ENDPOINT: "true", AWS_PROFILE: "none" },
        };
        demo = startProgram(DEMO, ["--json", "--seed", "1"], { temporary, environment });
        const { code, stdout, stderr } = await end(demo);
        expect(code, stderr).to.equal(0);
        const lines = stdout.trimEnd().split("\n");
        const account = JSON.parse(lines.at(-1)!) as Record<string, number> & { latencyMs: Record<string, number> };
        expect(account).to.include({ sent: 1000, stored: 1000, quarantined: 0, lost: 0, duplicates: 0 });
        expect(account.seconds).to.be.greaterThan(0);
        expect(account.postsPerSecond).to.be.greaterThan(0);
        expect(account.latencyMs.p50).to.be.greaterThan(0);
        expect(account.latencyMs.p99).to.be.at.least(account.latencyMs.p50!);
        expect(stdout).not.to.include("moment");
        expect(lines.filter((line) => /^│.* \d\d:\d\d:\d\d\.\d{3} │/.test(line))).to.have.length(10);
        // The frame is as wide as the table: no wider than a terminal is taken to be.
        expect(lines.find((line) => line.startsWith("┌"))).to.have.lengthOf.at.most(100);
        expect(stderr).not.to.match(/Warning/);
    });

    it("accounts for every post, and for records that are none, when everything fails now and then", async () => {
        demo = startProgram(DEMO, ["--faults", "--json", "--posts", "2000", "--seed", "11"], { temporary });
        const { code, stdout, stderr } = await end(demo);
        expect(code, stderr).to.equal(0);
        const account = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, number> & {
            faults: Record<string, number>;
        };
        expect(account).to.include({ sent: 2000, stored: 1980, quarantined: 20, lost: 0, duplicates: 0 });
        expect(account.faults.reshards).to.equal(2);
        expect(account.faults["records rejected by their shard"]).to.be.greaterThan(0);
        expect(stdout).to.include("injected fault");
    });

    it("sends at the rate that it is told, and tells what the time until the first stored post was spent on", async () => {
        demo = startProgram(DEMO, ["--json", "--posts", "200", "--rate", "100", "--timings"], { temporary });
        const { stdout } = await end(demo);
        const account = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, number>;
        expect(account).to.include({ sent: 200, stored: 200 });
        // The last of 200 posts is due 1.99 seconds after the first, which a busy machine may make late; without a rate, all are there
        // within a fraction of that.
        expect(account.seconds).to.be.at.least(1);
        const rows = stdout.split("\n").filter((line) => line.startsWith("│"));
        const cells = rows.map((row) => row.split("│").map((cell) => cell.trim()));
        const from = cells.findIndex(([, first]) => first === "moment") + 1;
        expect(cells.slice(from).map(([, moment]) => moment)).to.have.members([...MOMENTS]);
        const times = cells.slice(from).map(([, , ms = ""]) => Number(ms.replace(",", "")));
        expect(times[0]).to.be.greaterThan(0);
        expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    });

    it("leaves nothing behind when it is interrupted while posts are on their way", async () => {
        demo = startProgram(DEMO, ["--posts", "100000", "--rate", "200"], { temporary });
        const ended = end(demo);
        await printed(demo.stderr, "deployed at");
        demo.kill("SIGINT");
        const { code, stdout, stderr } = await ended;
        expect(code).to.equal(130);
        expect(stderr).to.include("Stopped; nothing is left running.");
        expect(stdout).to.equal("");
    });

    it("leaves nothing behind when it is interrupted during the deployment", async () => {
        demo = startProgram(DEMO, [], { temporary });
        const ended = end(demo);
        await once(demo.stderr, "data");
        demo.kill("SIGTERM");
        expect((await ended).code).to.equal(130);
    });

    it("with --keep shows the page from the first post on, and stays up after its account until Ctrl-C", async () => {
        demo = startProgram(DEMO, ["--keep", "--ui-port", "0", "--posts", "300", "--json"], { temporary });
        const ended = end(demo);
        const said = await printed(demo.stderr, "Still up:");
        const address = /^Watch it at (http:\/\/127\.0\.0\.1:\d+)$/m.exec(said)![1]!;
        const items = (await (await fetch(`${address}/api/items?username=none`)).json()) as object;
        expect(items).to.deep.include({ items: [] });
        expect(await (await fetch(`${address}/api/resources`)).text()).to.include("aws:dynamodb/table:Table");
        demo.kill("SIGINT");
        const { code, stdout, stderr } = await ended;
        expect(code, stderr).to.equal(0);
        expect(JSON.parse(stdout.trimEnd().split("\n").at(-1)!)).to.include({ sent: 300, stored: 300, lost: 0 });
        expect(stderr).to.include("Stopped; nothing is left running.");
    });

    it("ends with everything that it has started where there can be no folder for the function", async () => {
        demo = startProgram(DEMO, [], { temporary: "/dev/null/none" });
        const { code, stderr } = await end(demo);
        expect(code).to.equal(1);
        const [started, reason, ...others] = stderr.trimEnd().split("\n");
        expect(started).to.match(/^Starting/);
        expect(reason).to.match(/^There can be no folder for temporary files: ENOTDIR: /);
        expect(others).to.deep.equal([]);
    });

    it("ends at once where the port of its page is taken, and leaves nothing behind", async () => {
        const other = createServer().listen(0, "127.0.0.1");
        await once(other, "listening");
        const { port } = other.address() as AddressInfo;
        // More posts than the test has time for.
        const posts = ["--posts", "100000", "--rate", "100"];
        demo = startProgram(DEMO, ["--keep", "--ui-port", String(port), ...posts], { temporary });
        const { code, stdout, stderr } = await end(demo);
        other.close();
        expect([code, stdout]).to.deep.equal([2, ""]);
        expect(stderr).to.include(`Expected port ${port} of 127.0.0.1 to be free for the page`);
    });

    it("refuses the port of a page that it does not serve", async () => {
        demo = startProgram(DEMO, ["--ui-port", "4000"], { temporary });
        const { code, stderr } = await end(demo);
        expect(code).to.equal(2);
        expect(stderr).to.include("Expected `--ui-port` with `--keep` only.");
    });

    it("refuses options that it does not have and values that make no sense, all at once", async () => {
        demo = startProgram(DEMO, ["--post", "3", "--rate", "fast", "--port", "70000"], { temporary });
        const { code, stdout, stderr } = await end(demo);
        expect(code).to.equal(2);
        expect(stdout).to.equal("");
        expect(stderr.trimEnd().split("\n")).to.deep.equal([
            "Unknown option `--post`; did you mean `--posts`?",
            "Expected `--rate` to be a positive number of posts per second, got 'fast'.",
            "Expected `--port` to be a whole number from 1 to 65535, got '70000'.",
            "`npm run demo -- --help` lists the options.",
        ]);
    });

    it("names every key and type that is wrong in the configuration", async () => {
        const config = `config:\n  ${PROJECT}:batchSize: many\n  ${PROJECT}:shards: 3\n`;
        demo = startProgram(DEMO, [], { folder: projectCopy({ "Pulumi.local.yaml": config }), temporary });
        const { code, stderr } = await end(demo);
        expect(code).to.equal(2);
        const [first, second, ...others] = stderr.trimEnd().split("\n").slice(1);
        expect(first).to.equal(
            `Pulumi.local.yaml: expected \`${PROJECT}:batchSize\` to be of type integer, found 'many'`,
        );
        expect(second)
            .to.match(/^Pulumi.local.yaml: expected a key that Pulumi.yaml declares \(/)
            .and.include(`(${PROJECT}:shardCount, `)
            .and.match(/, found `[^`]+:shards`$/);
        expect(others).to.deep.equal([]);
    });

    it("names a value that the program refuses, without a stack trace", async () => {
        const config = `config:\n  ${PROJECT}:batchSize: 10001\n`;
        demo = startProgram(DEMO, [], { folder: projectCopy({ "Pulumi.local.yaml": config }), temporary });
        const { code, stderr } = await end(demo);
        expect(code).to.equal(2);
        expect(stderr.trimEnd().split("\n").at(-1)).to.equal(
            `Expected \`${PROJECT}:batchSize\` to be 1 to 10000 posts, got '10001'`,
        );
        expect(stderr).not.to.include("    at ");
    });
});

describe("npm run demo that is killed", () => {
    after(removeTemporaryFolders);

    it("takes its producer and its function with it, although it cannot tell them", async () => {
        const temporary = temporaryFolder({}, taskFolderBase());
        const demo = startProgram(DEMO, ["--posts", "100000", "--rate", "100"], { temporary });
        const ended = once(demo, "close");
        await printed(demo.stderr, "sending posts");
        demo.kill("SIGKILL");
        await ended;
        // They notice it one after the other.
        while (processesLeft(demo).length > 0) await delay(20);
    });
});
