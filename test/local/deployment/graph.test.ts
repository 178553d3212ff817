import { expect } from "chai";
import { end, projectCopy, startProgram } from "../../project-copy";
import { removeTemporaryFolders } from "../../temporary-folder";

const GRAPH = "local/deployment/graph.ts";

interface Shown {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
}

describe("npm run graph", function () {
    this.timeout(120_000);
    after(removeTemporaryFolders);

    it("prints what is inside what and what waits for what", async () => {
        const { code, stdout } = await end(startProgram(GRAPH, []));
        expect(code).to.equal(0);
        const lines = stdout.trimEnd().split("\n");
        expect(lines).to.include("    StreamEventSubscription eventProcessor");
        expect(lines).to.include("UserPolicy producer; after Stream posts, User producer");
    });

    it("prints every input as JSON, of the stack that is named", async () => {
        const folder = projectCopy({ "Pulumi.other.yaml": "config:\n  protectData: true\n  shardCount: 3\n" });
        const { code, stdout } = await end(startProgram(GRAPH, ["--stack", "other", "--json"], { folder }));
        expect(code).to.equal(0);
        const resources = JSON.parse(stdout) as Shown[];
        const stream = resources.find(({ type }) => type === "aws:kinesis/stream:Stream");
        expect(stream).to.deep.include({ protect: true, name: "posts" });
        expect(stream?.inputs).to.include({ shardCount: 3 });
        const { code: archive, role } = resources.find(({ type }) => type === "aws:lambda/function:Function")!.inputs;
        expect([archive, role]).to.deep.equal(["[archive of __index.js]", "[known after the deployment]"]);
    });

    it("tells what is wrong with the configuration", async () => {
        const folder = projectCopy({ "Pulumi.dev.yaml": "config:\n  batchSize: 0\n" });
        const { code, stdout, stderr } = await end(startProgram(GRAPH, [], { folder }));
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
        expect(stderr).to.match(/^Expected `[\w-]+:batchSize` to be 1 to 10000 posts, got '0'\n$/);
    });
});
