import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "../temporary-folder";

const PROJECT = join(__dirname, "..", "..");
/** Longer than what is compiled without the cache. */
const PADDING = `// ${"x".repeat(2_000)}\n`;

describe("the compile cache", () => {
    after(removeTemporaryFolders);

    /** A project with these files, whose `node_modules` is its own. */
    function project(files: Record<string, string>): string {
        const folder = temporaryFolder({
            "package.json": readFileSync(join(PROJECT, "package.json"), "utf8"),
            ...files,
        });
        for (const name of ["typescript.cjs", "compile-cache.cjs"]) {
            cpSync(join(PROJECT, "commandline", name), join(folder, "commandline", name));
        }
        mkdirSync(join(folder, "node_modules", "@swc"), { recursive: true });
        for (const name of readdirSync(join(PROJECT, "node_modules", "@swc"))) {
            symlinkSync(join(PROJECT, "node_modules", "@swc", name), join(folder, "node_modules", "@swc", name));
        }
        return folder;
    }

    /** Runs `main.ts`; says at the end whether the TypeScript compiler was loaded. */
    function run(folder: string) {
        const loader = join(folder, "commandline", "typescript.cjs");
        const isLoaded = `process.on("exit", () => console.log("compiler", Object.keys(require.cache).some((f) => f.includes("@swc"))));`;
        const { stdout, stderr, status } = spawnSync(
            process.execPath,
            [
                "--require",
                writtenTo(join(folder, "is-loaded.cjs"), isLoaded),
                "--require",
                loader,
                join(folder, "main.ts"),
            ],
            { encoding: "utf8", cwd: folder },
        );
        return { lines: stdout.trimEnd().split("\n"), stderr, status };
    }

    function writtenTo(file: string, text: string): string {
        writeFileSync(file, text);
        return file;
    }

    it("spares the second start the compiler, and gives the same result", () => {
        const folder = project({
            "main.ts": `${PADDING} import { double } from "./other"; console.log(double(2 as number));`,
            "other.ts": `${PADDING} export const double = (value: number): number => 2 * value;`,
        });
        expect(run(folder).lines).to.deep.equal(["4", "compiler true"]);
        expect(run(folder).lines).to.deep.equal(["4", "compiler false"]);
    });

    it("compiles a file again that has changed", () => {
        const folder = project({ "main.ts": `${PADDING} console.log("one" as string);` });
        run(folder);
        writeFileSync(join(folder, "main.ts"), `${PADDING} console.log("two" as string);`);
        expect(run(folder).lines).to.deep.equal(["two", "compiler true"]);
        expect(run(folder).lines).to.deep.equal(["two", "compiler false"]);
    });

    it("is made anew where it is damaged", () => {
        const folder = project({ "main.ts": `${PADDING} console.log("one" as string);` });
        run(folder);
        const cache = join(folder, "node_modules", ".cache", "stream-processing");
        const [file = ""] = readdirSync(cache).filter((name) => name.endsWith(".bin"));
        writeFileSync(join(cache, file), "damaged");
        expect(run(folder).lines).to.deep.equal(["one", "compiler true"]);
        expect(run(folder).lines).to.deep.equal(["one", "compiler false"]);
    });

    it("is not written where `node_modules` is that of another folder", () => {
        const owner = project({ "main.ts": `${PADDING} console.log(1 as number);` });
        const folder = project({ "main.ts": `${PADDING} console.log(2 as number);` });
        rmSync(join(folder, "node_modules"), { recursive: true });
        symlinkSync(join(owner, "node_modules"), join(folder, "node_modules"));
        expect(run(folder).lines).to.deep.equal(["2", "compiler true"]);
        expect(readdirSync(join(owner, "node_modules"))).to.deep.equal(["@swc"]);
        run(owner);
        const cache = join(owner, "node_modules", ".cache", "stream-processing");
        const kept = () =>
            readdirSync(cache, { recursive: true, withFileTypes: true })
                .filter((entry) => entry.isFile())
                .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "base64"));
        const before = kept();
        expect(run(folder).lines).to.deep.equal(["2", "compiler true"]);
        expect(kept()).to.deep.equal(before);
    });

    it("gives a module all that Node gives it, from the cache too", () => {
        const folder = project({
            "main.ts": 'require("./main.cjs");',
            "main.cjs": `${PADDING}
                const os = require("node:os");
                const data = require("./data.json");
                void (async () => {
                    const answer = await require("./importing.cjs").answer();
                    console.log(JSON.stringify([
                        require.main === module.parent, __filename.endsWith("main.cjs"), __dirname === process.cwd(), this === exports,
                        require.resolve("./other") in require.cache, require("./other").parent,
                        data.key, answer, typeof os.cpus, typeof require.extensions[".ts"],
                    ]));
                })();`,
            "importing.cjs": `${PADDING} exports.answer = async () => (await import("./module.mjs")).answer;`,
            "other.js": `${PADDING} exports.parent = require("node:path").basename(module.parent.filename);`,
            "data.json": '{ "key": "value" }',
            "module.mjs": "export const answer = 42;",
        });
        const expected = [true, true, true, true, false, "main.cjs", "value", 42, "function", "function"];
        for (const compiler of ["compiler true", "compiler false"]) {
            const { lines, stderr } = run(folder);
            expect(lines, stderr).to.deep.equal([JSON.stringify(expected), compiler]);
        }
    });

    it("leaves stack traces and mistakes in the syntax as Node tells them", () => {
        const folder = project({
            "main.ts": `${PADDING}\n\nconst text: string = "it";\nthrow new Error(text);\n`,
            "broken.cjs": `${PADDING}\nconst = 1;\n`,
        });
        for (let start = 1; start <= 2; start += 1) {
            expect(run(folder).stderr).to.match(/Error: it\n {4}at .*main\.ts:5:7\)/);
        }
        writeFileSync(join(folder, "main.ts"), 'require("./broken.cjs");');
        expect(run(folder).stderr).to.match(/broken\.cjs:3\nconst = 1;\n {6}\^\n\nSyntaxError: Unexpected token '='/);
    });
});
