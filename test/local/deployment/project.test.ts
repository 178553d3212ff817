import { expect } from "chai";
import { DeploymentError } from "../../../local/deployment/errors";
import { readProject } from "../../../local/deployment/project";
import { removeTemporaryFolders, temporaryFolder } from "../../temporary-folder";

const PROJECT = `
name: sample
runtime: nodejs
config:
  aws:region: us-east-1
  size: { type: integer, default: 3, description: How many }
  loud: { type: boolean, default: false }
`;

describe("the project's configuration", () => {
    after(removeTemporaryFolders);

    it("has the defaults of Pulumi.yaml where the stack has no file", () => {
        const { name, config } = readProject(temporaryFolder({ "Pulumi.yaml": PROJECT }), "local");
        expect(name).to.equal("sample");
        expect(config).to.deep.equal({ "aws:region": "us-east-1", "sample:size": "3", "sample:loud": "false" });
    });

    it("is overridden by the stack's file, with or without the namespace, as number or as text", () => {
        const stackFile = 'config:\n  aws:region: eu-west-1\n  sample:size: "12"\n  loud: true\n';
        const folder = temporaryFolder({ "Pulumi.yaml": PROJECT, "Pulumi.local.yaml": stackFile });
        expect(readProject(folder, "local").config).to.deep.equal({
            "aws:region": "eu-west-1",
            "sample:size": "12",
            "sample:loud": "true",
        });
    });

    it("that is wrong is refused with every problem in one message", () => {
        const stackFile =
            "config:\n  sample:size: many\n  sample:lout: true\n  volume: 3\n  sample:loud:\n    secure: AAAB\n";
        const folder = temporaryFolder({ "Pulumi.yaml": PROJECT, "Pulumi.local.yaml": stackFile });
        expect(() => readProject(folder, "local")).to.throw(
            DeploymentError,
            [
                "Pulumi.local.yaml: expected `sample:size` to be of type integer, found 'many'",
                "Pulumi.local.yaml: Pulumi.yaml declares no `sample:lout`; did you mean `sample:loud`?",
                "Pulumi.local.yaml: expected a key that Pulumi.yaml declares (sample:size, sample:loud), found `sample:volume`",
                "Pulumi.local.yaml: `sample:loud` is encrypted for the Pulumi CLI; the embedded cloud cannot read it",
            ].join("\n"),
        );
    });

    it("that belongs to nobody is refused", () => {
        const stackFile = "config:\n  aws:region: nowhere\n  aws:profile: me\n  other:key: 1\nconfg: {}\n";
        const folder = temporaryFolder({ "Pulumi.yaml": PROJECT, "Pulumi.local.yaml": stackFile });
        const others =
            "expected a key of `sample`, or `aws:region`, the one setting of a provider that the embedded cloud honours";
        expect(() => readProject(folder, "local")).to.throw(
            DeploymentError,
            [
                "Pulumi.local.yaml: expected one of config, secretsprovider, encryptionsalt, encryptedkey, environment, " +
                    "found `confg`",
                "Pulumi.local.yaml: expected `aws:region` to be a region such as eu-central-1, found 'nowhere'",
                `Pulumi.local.yaml: ${others}, found \`aws:profile\``,
                `Pulumi.local.yaml: ${others}, found \`other:key\``,
            ].join("\n"),
        );
    });

    it("that is declared without a default and not set is refused", () => {
        const folder = temporaryFolder({ "Pulumi.yaml": "name: sample\nconfig:\n  size: { type: integer }\n" });
        expect(() => readProject(folder, "local")).to.throw(
            "Pulumi.local.yaml: expected a value for `sample:size`, found none",
        );
    });

    it("that is no YAML is refused in one line", () => {
        const folder = temporaryFolder({ "Pulumi.yaml": PROJECT, "Pulumi.local.yaml": "config: {a: [}\n" });
        expect(() => readProject(folder, "local")).to.throw(
            DeploymentError,
            /^Pulumi\.local\.yaml: expected YAML \([^\n]+\)$/,
        );
    });

    it("of a folder without a project is refused", () => {
        expect(() => readProject(temporaryFolder(), "local")).to.throw(DeploymentError, "no Pulumi.yaml");
    });
});
