import { expect } from "chai";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { deploy, type Deployment } from "../../../local/deployment/deploy";
import type { LogMessage } from "../../../local/deployment/engine";
import { DeploymentError } from "../../../local/deployment/errors";
import type { Inputs } from "../../../local/deployment/inputs";
import type { Provider } from "../../../local/deployment/monitor";
import { readProject } from "../../../local/deployment/project";
import { Archive, Asset, type Properties } from "../../../local/deployment/values";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";

/** Takes every input of every resource, and gives it an id and an ARN. */
class AcceptingProvider implements Provider {
    readonly created: { type: string; name: string; inputs: Readonly<Record<string, unknown>> }[] = [];

    isRecordedOnly(type: string): boolean {
        return type.includes("Permission");
    }

    async create(
        type: string,
        name: string,
        inputs: Inputs,
    ): Promise<{ id: string; outputs: Record<string, unknown> }> {
        if (name === "impossible") throw new Error("cannot be made");
        if (name === "narrow") {
            inputs.string("bucket");
            inputs.refuseUnread();
        }
        this.created.push({ type, name, inputs: inputs.all() });
        return { id: `${name}-id`, outputs: { arn: `arn:aws:${name}`, secret: "hidden" } };
    }

    async invoke(token: string): Promise<Record<string, unknown>> {
        if (token !== "aws:index/getRegion:getRegion") throw new Error("not known");
        return { region: "mars-north-1" };
    }
}

const AWS = 'const aws = require("@pulumi/aws"); const pulumi = require("@pulumi/pulumi");';

describe("a deployment through Pulumi's own entry", function () {
    after(removeTemporaryFolders);

    let provider: AcceptingProvider;
    let startProvider: () => Promise<Provider>;
    let log: LogMessage[];
    let told: Properties[];

    beforeEach(() => {
        provider = new AcceptingProvider();
        startProvider = () => Promise.resolve(provider);
        log = [];
        told = [];
    });

    function run(program: string, signal = new AbortController().signal): Promise<Deployment> {
        const folder = temporaryFolder({
            "Pulumi.yaml": "name: sample\nruntime: nodejs\n",
            "index.js": `${AWS}\n${program}`,
        });
        symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
        return deploy({
            project: readProject(folder, "test"),
            stack: "test",
            startProvider: () => startProvider(),
            signal,
            onLog: (message) => log.push(message),
            onOutputs: (outputs) => told.push(outputs),
        });
    }

    async function failure(program: string): Promise<string> {
        const error: unknown = await run(program).then(
            () => undefined,
            (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(DeploymentError);
        return (error as Error).message;
    }

    it("gives the outputs with their secrets, and the resources with parents and dependencies", async () => {
        const { outputs, resources } = await run(`
            const user = new aws.iam.User("user");
            const key = new aws.iam.AccessKey("key", { user: user.name });
            class Group extends pulumi.ComponentResource {
                constructor() {
                    super("my:Group", "group");
                    new aws.s3.Bucket("inner", { tags: { key: pulumi.secret("quiet") } }, { parent: this, dependsOn: [user] });
                    this.registerOutputs({});
                }
            }
            new Group();
            exports.secret = key.secret;
            exports.plain = key.id;
            exports.region = aws.getRegionOutput().region;
            console.log("from the program");
        `);
        expect(outputs.values).to.deep.equal({ secret: "hidden", plain: "key-id", region: "mars-north-1" });
        expect([...outputs.secrets]).to.deep.equal(["secret"]);
        expect(told).to.deep.equal([outputs]);
        const inner = resources.find(({ name }) => name === "inner");
        expect(inner?.urn).to.equal("urn:pulumi:test::sample::my:Group$aws:s3/bucket:Bucket::inner");
        expect(inner?.parent).to.equal("urn:pulumi:test::sample::my:Group::group");
        expect(inner?.dependencies).to.deep.equal(["urn:pulumi:test::sample::aws:iam/user:User::user"]);
        expect([...(inner?.inputs.secrets ?? [])]).to.deep.equal(["tags"]);
        expect(log).to.deep.include({ severity: "info", text: "from the program" });
    });

    it("hands over archives, and a resource given as an input as its id", async () => {
        await run(`
            const role = new aws.iam.Role("role", { assumeRolePolicy: "{}" });
            const code = new pulumi.asset.AssetArchive({ "a.js": new pulumi.asset.StringAsset("1"), "b": new pulumi.asset.AssetArchive({ "c": new pulumi.asset.FileAsset("index.js") }) });
            new aws.lambda.Function("function", { role: role.arn, code });
            new aws.iam.RolePolicy("policy", { role, policy: "{}" });
        `);
        const { code } = provider.created.find(({ name }) => name === "function")!.inputs as { code: Archive };
        expect(code.entries["a.js"]).to.deep.equal(new Asset("1", undefined));
        expect((code.entries.b as Archive).entries.c).to.have.property("path");
        expect(provider.created.find(({ name }) => name === "policy")!.inputs.role).to.equal("role-id");
    });

    it("refuses two resources with one URN", async () => {
        expect(await failure('new aws.iam.User("a"); new aws.iam.User("a");')).to.equal(
            "two resources have one URN: urn:pulumi:test::sample::aws:iam/user:User::a",
        );
    });

    it("names the resource and the input that cannot be honoured", async () => {
        expect(await failure('new aws.s3.Bucket("narrow", { bucket: "b", requestPayer: "Requester" });')).to.equal(
            'aws:s3/bucket:Bucket "narrow": the embedded cloud cannot honour "requestPayer"',
        );
    });

    it("stops at a resource that cannot be created, also where another waits for it", async () => {
        const message = await failure(
            'const b = new aws.s3.Bucket("impossible"); new aws.iam.User("u", { name: b.arn });',
        );
        expect(message).to.equal('aws:s3/bucket:Bucket "impossible": cannot be made');
        expect(provider.created).to.deep.equal([]);
    });

    it("shows a RunError without a stack trace", async () => {
        expect(await failure('throw new pulumi.RunError("batchSize is wrong");')).to.equal("batchSize is wrong");
    });

    it("tells of no outputs when the program fails", async () => {
        await failure('exports.plain = "early"; throw new pulumi.RunError("too late");');
        expect(told).to.deep.equal([]);
    });

    it("shows where the program threw", async () => {
        expect(await failure('throw new TypeError("a mistake");')).to.match(/a mistake[\s\S]+index\.js/);
    });

    it("says that the program was killed", async () => {
        expect(await failure('process.kill(process.pid, "SIGKILL");')).to.equal("the program was ended by a signal");
    });

    it("refuses functions, reads and imports that it does not know", async () => {
        expect(await failure("exports.x = aws.getAvailabilityZonesOutput().names;")).to.include(
            "aws:index/getAvailabilityZones:getAvailabilityZones: not known",
        );
        expect(await failure('aws.s3.Bucket.get("b", "id");')).to.include(
            "reading a resource that is not the program's own",
        );
        expect(await failure('new aws.s3.Bucket("b", {}, { import: "id" });')).to.include("cannot import resources");
    });

    it("ends with its program when its provider does not start", async () => {
        startProvider = () => Promise.reject(new Error("no room"));
        const error: unknown = await run('new aws.iam.User("u");').catch((reason: unknown) => reason);
        expect((error as Error).message).to.equal("no room");
    });

    it("ends with its program when it is aborted", async () => {
        const abort = new AbortController();
        const running = run('setTimeout(() => undefined, 1e6); console.log("started");', abort.signal);
        const started = new Promise<void>((resolve) => {
            log.push = (...messages: LogMessage[]) => {
                if (messages.some(({ text }) => text === "started")) resolve();
                return 0;
            };
        });
        await started;
        abort.abort();
        const error: unknown = await running.catch((reason: unknown) => reason);
        expect((error as Error).name).to.equal("AbortError");
    });
});
