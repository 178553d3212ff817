import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { deploy } from "../../../local/deployment/deploy";
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

describe("a program with what is preloaded", () => {
    after(removeTemporaryFolders);

    const PROJECT = join(__dirname, "../../..");

    /** The inputs of every resource, and the modules that the program's process has loaded. */
    async function run(changes: NodeJS.ProcessEnv) {
        const list = join(temporaryFolder(), "modules.json");
        const atExit = `process.on("exit", () => require("node:fs").writeFileSync(
            ${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))));`;
        const preload = join(temporaryFolder({ "list.cjs": atExit }), "list.cjs");
        const before = { ...process.env };
        Object.assign(process.env, { NODE_OPTIONS: `--require ${preload}` }, changes);
        try {
            const { resources } = await deploy({
                project: readProject(PROJECT, "none"),
                stack: "dev",
                startProvider: async () => new MakeBelieveProvider(),
                signal: new AbortController().signal,
            });
            const byUrn = Object.fromEntries(resources.map(({ urn, inputs }) => [urn, inputs]));
            return { inputs: byUrn, modules: readFileSync(list, "utf8") };
        } finally {
            for (const name of ["NODE_OPTIONS", ...Object.keys(changes)]) {
                Reflect.deleteProperty(process.env, name);
            }
            Object.assign(process.env, before);
        }
    }

    it("makes the same resources as without, and spares itself what nobody uses", async () => {
        const quick = await run({});
        const plain = await run({ PULUMI_DEBUG_PROMISE_LEAKS: "true" });
        expect(quick.inputs).to.deep.equal(plain.inputs);
        expect(Object.keys(quick.inputs)).to.have.lengthOf.above(30);
        for (const unused of ["@npmcli/arborist", "@opentelemetry/sdk-trace-base", "pulumi/automation"]) {
            expect(plain.modules).to.include(unused);
            expect(quick.modules).not.to.include(unused);
        }
    });

    it("finds the same packages for a function as without, whatever it includes and excludes", () => {
        const folder = temporaryFolder({
            "package.json": JSON.stringify({ name: "sample", dependencies: { ws: "*" } }),
            "index.js": "",
        });
        symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
        const chosen = [
            {},
            { extraExcludePackages: ["ws"] },
            { extraExcludePackages: ["ws"], extraIncludePackages: ["chai"] },
            { extraExcludePackages: ["ws"], extraIncludePaths: ["index.js"] },
        ];
        const program = `const { runtime } = require("@pulumi/pulumi");
            Promise.all(${JSON.stringify(chosen)}.map((options) => runtime.computeCodePaths(options)))
                .then((found) => console.log(JSON.stringify(found.map((paths) => [...paths.keys()]))));`;
        const [quick, plain] = [["--require", PRELOADED], []].map((preload) => {
            const { stdout, stderr } = spawnSync(process.execPath, [...preload, "-e", program], {
                cwd: folder,
                encoding: "utf8",
            });
            expect(stderr).to.equal("");
            return JSON.parse(stdout) as string[][];
        });
        expect(quick).to.deep.equal(plain);
        expect(quick).to.deep.equal([["node_modules/ws"], [], ["node_modules/chai"], ["index.js"]]);
    });
});
