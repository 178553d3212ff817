import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";

const PRELOADED = join(__dirname, "../../../local/deployment/promise-traces.cjs");
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
