import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { end, projectCopy, startProgram } from "../../project-copy";
import { removeTemporaryFolders } from "../../temporary-folder";

const GRAPH = "local/deployment/graph.ts";

interface Shown {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
}

describe("npm run graph", () => {
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

    it("is that of a project that `pulumi new` has made of this one", async () => {
        // It gives the project another name, writes values of providers and the template's address out, and the answers as text.
        const project = parse(readFileSync(path.resolve("Pulumi.yaml"), "utf8")) as Record<string, object>;
        const made = {
            ...project,
            template: undefined,
            name: "my.posts",
            config: {
                ...project.config,
                "aws:region": { value: "us-east-1" },
                "pulumi:tags": { value: { "pulumi:template": "https://example.org/posts" } },
            },
        };
        const answers = {
            "aws:region": "eu-west-1",
            "my.posts:shardCount": "2",
            "my.posts:protectData": "true",
            "my.posts:ttlDays": "0",
        };
        const folder = projectCopy({
            "Pulumi.dev.yaml": stringify({ config: answers }),
        });
        writeFileSync(path.join(folder, "Pulumi.yaml"), stringify(made));
        const { code, stdout, stderr } = await end(startProgram(GRAPH, ["--json"], { folder }));
        expect(stderr).to.equal("");
        expect(code).to.equal(0);
        const stream = (JSON.parse(stdout) as Shown[]).find(({ type }) => type === "aws:kinesis/stream:Stream");
        expect(stream).to.deep.include({
            urn: "urn:pulumi:dev::my.posts::aws:kinesis/stream:Stream::posts",
            protect: true,
        });
    });

    it("tells what is wrong with the configuration", async () => {
        const folder = projectCopy({ "Pulumi.dev.yaml": "config:\n  batchSize: 0\n" });
        const { code, stdout, stderr } = await end(startProgram(GRAPH, [], { folder }));
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
        expect(stderr).to.match(/^Expected `[\w.-]+:batchSize` to be 1 to 10000 posts, got '0'\n$/);
    });
});
