import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { dependencies, devDependencies, engines } from "../package.json";

const FOLDER = path.resolve(__dirname, "..");
const read = (name: string): string => readFileSync(path.join(FOLDER, name), "utf8");

interface Workflow {
    readonly on: Record<string, unknown>;
    readonly jobs: {
        readonly test: {
            readonly strategy: { readonly matrix: { readonly node: readonly string[] } };
            readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
        };
    };
}

interface Dependabot {
    readonly updates: readonly {
        readonly "package-ecosystem": string;
        readonly groups?: Record<string, { readonly patterns: readonly string[] }>;
    }[];
}

describe("the workflow of continuous integration", () => {
    const { on, jobs } = parse(read(".github/workflows/ci.yml")) as Workflow;
    const { strategy, steps } = jobs.test;

    it("runs the README's two commands, for each change", () => {
        const commands = steps.flatMap(({ run }) => run ?? []);
        expect(commands).to.deep.equal(["npm ci && npm run demo", "npm ci && npm test"]);
        for (const command of commands) expect(read("README.md")).to.include(`\`\`\`sh\n${command}\n\`\`\``);
        expect(on).to.have.keys("push", "pull_request");
    });

    it("runs them on the oldest Node.js that is supported, and on the newest", () => {
        const { node } = strategy.matrix;
        expect(engines.node).to.equal(`>=${node[0] ?? ""}.0`);
        // The function's own runtime among them: nodejs24.x.
        expect(node.map((version) => Number.parseInt(version, 10))).to.deep.equal([20, 22, 24]);
    });

    it("pins the major version of what it uses", () => {
        for (const { uses } of steps) if (uses !== undefined) expect(uses).to.match(/^actions\/[\w-]+@v\d+$/);
    });
});

describe("Dependabot", () => {
    const { updates } = parse(read(".github/dependabot.yml")) as Dependabot;
    const groups = updates.find((update) => update["package-ecosystem"] === "npm")?.groups ?? {};

    /** The groups that a package is in: the first one counts. */
    function groupOf(name: string): string | undefined {
        const matches = (pattern: string) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name);
        return Object.keys(groups).find((group) => groups[group]?.patterns.some(matches));
    }

    it("brings the packages of the AWS SDK together, and those of Pulumi", () => {
        for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
            if (/^@(aws-sdk|smithy)\//.test(name)) expect(groupOf(name), name).to.equal("aws-sdk");
            else if (name.startsWith("@pulumi/")) expect(groupOf(name), name).to.equal("pulumi");
        }
        expect(updates.map((update) => update["package-ecosystem"])).to.include("github-actions");
    });

    it("has no group for packages that are not there", () => {
        const names = Object.keys({ ...dependencies, ...devDependencies });
        const used = new Set(names.map(groupOf));
        for (const group of Object.keys(groups)) expect([...used]).to.include(group);
    });
});

describe("CONTRIBUTING.md", () => {
    const text = read("CONTRIBUTING.md");

    it("is one page", () => {
        expect(text.split("\n").length).to.be.at.most(70);
    });

    it("names files and commands that there are", () => {
        const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;
        for (const [, script = ""] of text.matchAll(/npm run (\w+)/g)) expect(scripts).to.have.property(script);
        const paths = Array.from(
            text.matchAll(/`((?:[\w.]+\/)*[\w.-]*(?:\/|\.(?:ts|yaml|mjs|md)))`/g),
            ([, name = ""]) => name,
        );
        expect(paths.length).to.be.greaterThan(10);
        for (const name of paths) if (name !== "x.ts") expect(existsSync(path.join(FOLDER, name)), name).to.equal(true);
    });
});

describe("index.ts", () => {
    it("is about a hundred lines of prose", () => {
        const lines = read("index.ts").split("\n");
        const code = lines.filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
        expect(code.length).to.be.at.most(115);
        // Each resource comes after a reason.
        const said = lines.filter((line) => line.startsWith("// "));
        expect(said.length).to.be.at.least(12);
    });
});
