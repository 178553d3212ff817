import { expect } from "chai";
import path from "node:path";
import { deploy, type Deployment } from "../local/deployment/deploy";
import type { DeployedResource, Provider } from "../local/deployment/monitor";
import { readProject } from "../local/deployment/project";
import type { Archive, Asset } from "../local/deployment/values";

const PROJECT_FOLDER = path.resolve(__dirname, "..");

/** Makes every resource up from its inputs. */
const provider: Provider = {
    isRecordedOnly: () => false,
    create: async (_type, name, inputs) => {
        const given = inputs.all();
        const physical = given.name ?? `${name}-1a2b3c4`;
        return {
            id: `${name}-id`,
            outputs: { name: physical, bucket: physical, arn: `arn:${name}`, secret: "s3cr3t" },
        };
    },
    invoke: async () => ({ region: "us-east-1" }),
};

function runProgram(): Promise<Deployment> {
    return deploy({
        project: readProject(PROJECT_FOLDER, "none"),
        stack: "dev",
        startProvider: () => Promise.resolve(provider),
        signal: new AbortController().signal,
    });
}

function find(resources: readonly DeployedResource[], type: string): DeployedResource {
    const found = resources.filter((resource) => resource.type === type);
    expect(found, type).to.have.length(1);
    return found[0]!;
}

function archiveText({ inputs }: DeployedResource): string {
    return ((inputs.values.code as Archive).entries["__index.js"] as Asset).text ?? "";
}

describe("the program, run by the entry of pulumi up", function () {
    this.timeout(60_000);

    let first: Deployment;
    let second: Deployment;

    before(async () => {
        first = await runProgram();
        second = await runProgram();
    });

    it("waits with the function for its permissions and its log, and with the mapping for the function", () => {
        const { dependencies } = find(first.resources, "aws:lambda/function:Function");
        for (const type of [
            "aws:iam/rolePolicy:RolePolicy",
            "aws:cloudwatch/logGroup:LogGroup",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        ]) {
            expect(dependencies).to.include(find(first.resources, type).urn);
        }
        const mapping = find(first.resources, "aws:lambda/eventSourceMapping:EventSourceMapping");
        expect(mapping.dependencies).to.include(find(first.resources, "aws:lambda/function:Function").urn);
    });

    it("has the mapping inside the stream's subscription", () => {
        const mapping = find(first.resources, "aws:lambda/eventSourceMapping:EventSourceMapping");
        expect(mapping.parent).to.equal(find(first.resources, "aws:kinesis:StreamEventSubscription").urn);
    });

    it("exports both keys as secrets, and nothing else", () => {
        expect([...first.outputs.secrets].sort()).to.deep.equal(["accessKeyId", "secretAccessKey"]);
    });

    it("has the same inputs on every run, so that a second pulumi up changes nothing", () => {
        const inputs = ({ resources }: Deployment) =>
            resources.map(({ urn, inputs: { values } }) => [urn, JSON.stringify(values)]).sort();
        expect(inputs(second)).to.deep.equal(inputs(first));
        const lambdaFunction = "aws:lambda/function:Function";
        expect(archiveText(find(second.resources, lambdaFunction))).to.equal(
            archiveText(find(first.resources, lambdaFunction)),
        );
    });
});
