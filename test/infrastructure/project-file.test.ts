import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

interface Setting {
    readonly type?: string;
    readonly default?: unknown;
    readonly value?: unknown;
    readonly description?: string;
}

const PROJECT_FOLDER = path.resolve(__dirname, "../..");
const read = (name: string): string => readFileSync(path.join(PROJECT_FOLDER, name), "utf8");

const project = parse(read("Pulumi.yaml")) as {
    config: Record<string, Setting | string>;
    /** `pulumi new` leaves it out of the projects that it makes. */
    template?: { description: string; config: Record<string, Setting> };
};
/** Those of the program; the others, which have a namespace, are of a provider or of Pulumi itself. */
const settings = Object.entries(project.config).filter(
    (entry): entry is [string, Setting] => typeof entry[1] !== "string" && !entry[0].includes(":"),
);

/** What Pulumi.yaml says of a setting's default, as text: the region is given as a value alone. */
function defaultOf(name: string): string {
    const setting = project.config[name];
    const value = typeof setting === "string" ? setting : (setting?.default ?? setting?.value);
    return typeof value === "string" ? value : JSON.stringify(value);
}

describe("Pulumi.yaml", () => {
    it("has a type, a default and a description for each setting of the program", () => {
        expect(settings).to.have.length.greaterThan(10);
        for (const [name, { type, default: byDefault, description }] of settings) {
            expect(type, name).to.be.oneOf(["integer", "boolean", "string"]);
            expect(byDefault, name).to.not.equal(undefined);
            expect(description, name).to.match(/^[A-Z]/);
        }
    });

    it("has nothing that the Pulumi CLI refuses of a project's configuration", () => {
        // sdk/go/common/workspace/project.json and project.go in pulumi/pulumi: these attributes, defaults of the type, and of
        // what is not the project's own a value alone.
        const typeOf: Readonly<Record<string, string>> = { integer: "number", boolean: "boolean", string: "string" };
        for (const [name, setting] of settings) {
            expect(["type", "default", "description"], name).to.include.members(Object.keys(setting));
            expect(typeof setting.default, name).to.equal(typeOf[setting.type ?? ""]);
        }
        for (const [name, setting] of Object.entries(project.config)) {
            if (name.includes(":") && typeof setting !== "string")
                expect(Object.keys(setting)).to.deep.equal(["value"]);
        }
        for (const [name, asked] of Object.entries(project.template?.config ?? {})) {
            expect(["default", "description"], name).to.include.members(Object.keys(asked));
        }
    });

    it("asks in `pulumi new` for settings that there are, and offers their defaults", function () {
        if (project.template === undefined) this.skip();
        const { description, config } = project.template;
        expect(description).to.not.equal("");
        for (const [name, asked] of Object.entries(config)) {
            expect(Object.keys(project.config)).to.include(name);
            // What the CLI offers is text.
            expect(asked.default ?? "", name).to.be.a("string");
            expect(asked.description, name).to.match(/^[A-Z]/);
            expect(asked.default ?? "", name).to.equal(defaultOf(name));
        }
    });

    it("has the settings that the README describes, with the same defaults", () => {
        const section = read("README.md").split("\n## Settings\n")[1]?.split("\n## ")[0] ?? "";
        const described = Array.from(section.matchAll(/^\| `([\w:]+)`\s*\|\s*(\S*)\s*\|/gm), ([, name, value]) => [
            name,
            value,
        ]);
        expect(described.map(([name]) => name)).to.have.members(["aws:region", ...settings.map(([name]) => name)]);
        for (const [name = "", value] of described) expect(value, name).to.equal(defaultOf(name));
    });
});
