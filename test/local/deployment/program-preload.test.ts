import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { deploy } from "../../../local/deployment/deploy";
import { DeploymentError } from "../../../local/deployment/errors";
import { readProject } from "../../../local/deployment/project";
import { MakeBelieveProvider } from "../../program";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";

const PRELOADED = join(__dirname, "../../../local/deployment/program-preload.cjs");
const RUNTIME = "node_modules/@pulumi/pulumi/runtime";
const HOOK = "Error.prepareStackTrace = (error, callSites) => 'hooked ' + error.message + ' ' + callSites.length;";
const MAKE = "exports.make = () => new Error('made').stack;";

describe("the stack traces of Pulumi's promises", () => {
    after(removeTemporaryFolders);

    /** A trace that is made in Pulumi's file, and one that is made in another. */
    function traces(hook: string): { promise: string; other: string } {
        const folder = temporaryFolder({ [`${RUNTIME}/debuggable.js`]: MAKE, [`${RUNTIME}/other.js`]: MAKE });
        const program = `${hook}
            const [promise, other] = ["debuggable", "other"].map((name) => require("./${RUNTIME}/" + name).make());
            console.log(JSON.stringify({ promise, other }));`;
        const { stdout } = spawnSync(process.execPath, ["--require", PRELOADED, "-e", program], {
            cwd: folder,
            encoding: "utf8",
        });
        return JSON.parse(stdout) as { promise: string; other: string };
    }

    it("are spared the hook that maps them to sources, which all others still pass", () => {
        const { promise, other } = traces(HOOK);
        expect(promise).to.equal("Error: made");
        expect(other).to.match(/^hooked made \d+$/);
    });

    it("are Node's where there is no hook, or one that was taken away again", () => {
        for (const hook of ["", `${HOOK} Error.prepareStackTrace = undefined;`]) {
            const { promise, other } = traces(hook);
            expect(promise).to.match(/^Error: made\n {4}at exports\.make \(.*debuggable\.js:1:\d+\)\n/);
            expect(other).to.match(/^Error: made\n {4}at exports\.make \(.*other\.js:1:\d+\)\n/);
        }
    });
});

describe("a program with what is preloaded", function () {
    this.timeout(120_000);
    after(removeTemporaryFolders);

    const PROJECT = join(__dirname, "../../..");

    /** Every resource with its inputs, or why there are none, and the modules that the program's process has loaded. */
    async function run(directory: string, changes: NodeJS.ProcessEnv) {
        const list = join(temporaryFolder(), "modules.json");
        const atExit = `process.on("exit", () => require("node:fs").writeFileSync(
            ${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))));`;
        const preload = join(temporaryFolder({ "list.cjs": atExit }), "list.cjs");
        const before = { ...process.env };
        Object.assign(process.env, { NODE_OPTIONS: `--require ${preload}` }, changes);
        try {
            const { resources } = await deploy({
                project: readProject(directory, "none"),
                stack: "dev",
                startProvider: async () => new MakeBelieveProvider(),
                signal: new AbortController().signal,
            });
            const byUrn = Object.fromEntries(resources.map(({ urn, inputs }) => [urn, inputs]));
            return { outcome: byUrn, modules: readFileSync(list, "utf8") };
        } catch (error) {
            if (!(error instanceof DeploymentError)) {
                throw error;
            }
            return { outcome: error.message, modules: "" };
        } finally {
            for (const name of ["NODE_OPTIONS", ...Object.keys(changes)]) {
                Reflect.deleteProperty(process.env, name);
            }
            Object.assign(process.env, before);
        }
    }

    /** A program whose function has what the options say, in a project that depends on a package. */
    function projectWith(codePathOptions: object): string {
        const folder = temporaryFolder({
            "Pulumi.yaml": "name: sample\nruntime: nodejs\nconfig:\n  aws:region: us-east-1\n",
            "package.json": JSON.stringify({ name: "sample", dependencies: { ws: "*" } }),
            "index.js": `const aws = require("@pulumi/aws");
                new aws.lambda.CallbackFunction("function", {
                    callback: async () => 1, role: "arn:aws:iam::111122223333:role/r", runtime: "nodejs24.x",
                    codePathOptions: ${JSON.stringify(codePathOptions)} });`,
        });
        symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
        return folder;
    }

    const WITHOUT = { PULUMI_DEBUG_PROMISE_LEAKS: "true" };

    it("makes the same resources as without, and spares itself what nobody uses", async () => {
        const quick = await run(PROJECT, {});
        const plain = await run(PROJECT, WITHOUT);
        expect(quick.outcome).to.deep.equal(plain.outcome);
        expect(Object.keys(quick.outcome)).to.have.lengthOf.above(30);
        for (const unused of ["@npmcli/arborist", "@opentelemetry/sdk-trace-base", "pulumi/automation"]) {
            expect(plain.modules).to.include(unused);
            expect(quick.modules).not.to.include(unused);
        }
    });

    for (const { named, options, expected } of [
        // Which the small engine says that it does not take; so it has them.
        { named: "the packages that it does not exclude", options: {}, expected: "by path" },
        {
            named: "the packages that it asks for",
            options: { extraExcludePackages: ["ws"], extraIncludePackages: ["chai"] },
            expected: "by path",
        },
        {
            named: "the files that it asks for",
            options: { extraExcludePackages: ["ws"], extraIncludePaths: ["index.js"] },
            expected: '"index.js":',
        },
    ]) {
        it(`gives a function ${named}, as without`, async () => {
            const folder = projectWith(options);
            const [quick, plain] = [await run(folder, {}), await run(folder, WITHOUT)];
            expect(quick.outcome).to.deep.equal(plain.outcome);
            expect(JSON.stringify(quick.outcome)).to.include(expected);
        });
    }
});
