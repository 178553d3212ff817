import { expect } from "chai";
import type { Deployment } from "../local/deployment/deploy";
import { DeploymentError } from "../local/deployment/errors";
import type { Inputs } from "../local/deployment/inputs";
import { Archive, UNKNOWN, type Asset } from "../local/deployment/values";
import { find, MakeBelieveProvider, previewProgram, runProgram, type ProgramRun } from "./program";

const FUNCTION = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const TABLE = "aws:dynamodb/table:Table";

/** What Lambda leaves of 64 characters for the stack's name. */
const LONGEST_STACK = "a".repeat(46);

/** Every setting at a value that is not its default. */
const EVERY_SETTING = {
    shardCount: "2",
    retentionHours: "48",
    batchSize: "100",
    batchingWindowSeconds: "5",
    parallelizationFactor: "2",
    memorySize: "512",
    ttlDays: "90",
    protectData: "true",
    failedEventsDays: "365",
    replayedEventsDays: "7",
    logRetentionDays: "30",
    alarmEmail: "someone@example.org",
    accessKeys: "b,a",
};

function archiveText({ resources }: Deployment): string {
    return ((find(resources, FUNCTION).inputs.values.code as Archive).entries["__index.js"] as Asset).text ?? "";
}

function inputsByUrn({ resources }: Deployment): Map<string, unknown> {
    return new Map(
        [...resources]
            .sort((a, b) => (a.urn < b.urn ? -1 : 1))
            .map(({ urn, inputs, dependencies, parent, protect }) => [
                urn,
                {
                    values: inputs.values,
                    secrets: [...inputs.secrets],
                    dependencies: [...dependencies].sort(),
                    parent,
                    protect,
                },
            ]),
    );
}

/** Throws where a value that is known in the preview is another one in the deployment, or is missing in one of them. */
function compare(previewed: unknown, deployed: unknown, at: string): void {
    if (previewed === UNKNOWN) {
        expect(deployed, at).to.not.equal(undefined);
    } else if (previewed instanceof Archive) {
        expect(deployed, at).to.deep.equal(previewed);
    } else if (typeof previewed === "object" && previewed !== null) {
        expect(Object.keys(deployed as object).sort(), at).to.deep.equal(Object.keys(previewed).sort());
        for (const [key, value] of Object.entries(previewed)) {
            compare(value, (deployed as Record<string, unknown>)[key], `${at}.${key}`);
        }
    } else {
        expect(deployed, at).to.equal(previewed);
    }
}

describe("the program, run by the entry of pulumi up", () => {
    let first: Deployment;
    let second: Deployment;
    let every: Deployment;

    before(async () => {
        first = await runProgram();
        second = await runProgram();
        every = await runProgram({ config: EVERY_SETTING, stack: LONGEST_STACK });
    });

    it("waits with the function for its permissions, its log and its bucket, and with the mapping for the function", () => {
        const { dependencies } = find(first.resources, FUNCTION);
        for (const type of [
            "aws:iam/rolePolicy:RolePolicy",
            "aws:cloudwatch/logGroup:LogGroup",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "aws:s3/bucketPolicy:BucketPolicy",
        ]) {
            expect(dependencies).to.include(find(first.resources, type).urn);
        }
        expect(find(first.resources, MAPPING).dependencies).to.include(find(first.resources, FUNCTION).urn);
    });

    it("changes the bucket's access in one place after the other, which S3 does not take at once", () => {
        const policy = find(first.resources, "aws:s3/bucketPolicy:BucketPolicy");
        const access = find(first.resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
        expect(policy.dependencies).to.include(access.urn);
    });

    it("has the mapping inside the stream's subscription, and counts its events", () => {
        const mapping = find(first.resources, MAPPING);
        expect(mapping.parent).to.equal(find(first.resources, "aws:kinesis:StreamEventSubscription").urn);
        expect(mapping.inputs.values.metricsConfig).to.deep.equal({ metrics: ["EventCount"] });
    });

    it("lets the one stream invoke the one function, since that cannot be left out", () => {
        const { values } = find(first.resources, "aws:lambda/permission:Permission").inputs;
        expect(values).to.deep.include({
            principal: "kinesis.amazonaws.com",
            sourceArn: find(first.resources, "aws:kinesis/stream:Stream").outputs.values.arn,
        });
    });

    it("exports the keys of both users as secrets, and nothing else", () => {
        expect([...first.outputs.secrets].sort()).to.deep.equal([
            "accessKeyId",
            "replayAccessKeyId",
            "replaySecretAccessKey",
            "secretAccessKey",
        ]);
    });

    it("has the same inputs on every run, so that a second pulumi up changes nothing", () => {
        expect(JSON.stringify([...inputsByUrn(second)])).to.equal(JSON.stringify([...inputsByUrn(first)]));
        expect(archiveText(second)).to.equal(archiveText(first));
    });

    it("deletes before it replaces where the name is fixed, but never the table", () => {
        for (const resource of first.resources) {
            const { type, inputs, deleteBeforeReplace } = resource;
            // The engine itself deletes what a program has named, unless it is told not to.
            if (type === TABLE) expect(deleteBeforeReplace, type).to.equal(false);
            else if ("name" in inputs.values || "dashboardName" in inputs.values) {
                expect(deleteBeforeReplace, type).to.equal(true);
            }
        }
        // AWS refuses a second mapping between one stream and one function.
        expect(find(first.resources, MAPPING).deleteBeforeReplace).to.equal(true);
    });

    for (const [what, run, deploymentOf] of [
        ["with its defaults", {}, () => first],
        ["with every setting", { config: EVERY_SETTING, stack: LONGEST_STACK }, () => every],
    ] as const) {
        it(`registers in a preview what it registers in a deployment, ${what}, with all outputs unknown`, async () => {
            const preview = await previewProgram(run);
            const deployment = deploymentOf();
            const deployed = new Map(deployment.resources.map((resource) => [resource.urn, resource]));
            expect(preview.resources.map(({ urn }) => urn).sort()).to.deep.equal([...deployed.keys()].sort());
            for (const resource of preview.resources) {
                const real = deployed.get(resource.urn);
                compare(resource.inputs.values, real?.inputs.values, resource.urn);
                expect([...resource.inputs.secrets]).to.deep.equal([...(real?.inputs.secrets ?? [])]);
                expect(resource.parent).to.equal(real?.parent);
                expect([...resource.dependencies].sort()).to.deep.equal([...(real?.dependencies ?? [])].sort());
            }
            expect(Object.values(find(preview.resources, FUNCTION).inputs.values)).to.include(UNKNOWN);
            // The SDK marks no unknown value as secret: there is nothing to hide yet.
            expect(Object.keys(preview.outputs.values)).to.have.members(Object.keys(deployment.outputs.values));
        });
    }

    it("takes every setting at once, under the longest name that a stack can have", () => {
        const { resources } = every;
        const inputs = (type: string, name?: string) => find(resources, type, name).inputs.values;
        expect(inputs("aws:kinesis/stream:Stream")).to.deep.include({
            streamModeDetails: { streamMode: "PROVISIONED" },
            shardCount: 2,
            retentionPeriod: 48,
        });
        expect(inputs(MAPPING)).to.deep.include({
            batchSize: 100,
            maximumBatchingWindowInSeconds: 5,
            parallelizationFactor: 2,
            maximumRecordAgeInSeconds: 86_400,
        });
        const { name, memorySize, environment } = inputs(FUNCTION);
        expect(name).to.equal(`${LONGEST_STACK}-DDBEventProcessor`).and.have.length(64);
        expect(memorySize).to.equal(512);
        expect(environment).to.have.nested.property("variables.TTL_DAYS", "90");
        expect(inputs(TABLE)).to.deep.include({ deletionProtectionEnabled: true });
        expect(inputs("aws:s3/bucket:Bucket")).to.deep.include({ forceDestroy: false });
        expect(resources.filter(({ protect }) => protect).map(({ type }) => type)).to.have.members([
            "aws:kinesis/stream:Stream",
            TABLE,
            "aws:s3/bucket:Bucket",
        ]);
        const { rules } = inputs("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration") as {
            rules: { filter: { prefix: string }; expiration?: { days: number } }[];
        };
        expect(rules.map(({ filter, expiration }) => [filter.prefix, expiration?.days])).to.deep.equal([
            ["", undefined],
            ["quarantine/", 365],
            ["aws/lambda/", 365],
            ["replayed/", 7],
        ]);
        expect(inputs("aws:cloudwatch/logGroup:LogGroup")).to.deep.include({ retentionInDays: 30 });
        expect(inputs("aws:sns/topicSubscription:TopicSubscription")).to.deep.include({
            protocol: "email",
            endpoint: "someone@example.org",
        });
    });

    it("has two keys a user while clients change over, the new one in the outputs, and changes nothing of one that stays", async () => {
        const keysOf = ({ resources, outputs }: Deployment) => {
            const keys = resources.filter(({ type }) => type === "aws:iam/accessKey:AccessKey");
            const entries = keys.map(({ urn, inputs }) => [urn, inputs.values] as const);
            const { accessKeyId, replayAccessKeyId } = outputs.values;
            return { keys: new Map(entries), current: [accessKeyId, replayAccessKeyId] };
        };
        const rotated = async (accessKeys: string) => keysOf(await runProgram({ config: { accessKeys } }));
        const [before, both, after] = [keysOf(first), await rotated("b,a"), await rotated("b")];
        expect([before, both, after].map(({ current }) => current)).to.deep.equal([
            ["producer-a-id", "replay-a-id"],
            ["producer-b-id", "replay-b-id"],
            ["producer-b-id", "replay-b-id"],
        ]);
        expect(both.keys.size).to.equal(4);
        expect([...both.keys.keys()]).to.have.members([...before.keys.keys(), ...after.keys.keys()]);
        for (const [urn, inputs] of both.keys) {
            expect(before.keys.get(urn) ?? after.keys.get(urn), urn).to.deep.equal(inputs);
        }
    });

    it("makes no users, and exports no keys, where clients have credentials of their own", async () => {
        const { resources, outputs } = await runProgram({ config: { accessKeys: "none" } });
        expect(resources.map(({ type }) => type).filter((type) => /user|accessKey/i.test(type))).to.deep.equal([]);
        // Null and not missing: Pulumi warns of outputs that are undefined.
        expect(outputs.values).to.include({ accessKeyId: null, replaySecretAccessKey: null });
        expect([...outputs.secrets]).to.deep.equal([]);
    });

    it("has no protection and nobody to mail to by default", () => {
        expect(first.resources.filter(({ protect }) => protect)).to.deep.equal([]);
        expect(find(first.resources, "aws:s3/bucket:Bucket").inputs.values).to.deep.include({ forceDestroy: true });
        expect(first.resources.map(({ type }) => type)).to.not.include("aws:sns/topicSubscription:TopicSubscription");
    });

    for (const [region, partition, tableUrl] of [
        ["cn-north-1", "aws-cn", "https://cn-north-1.console.amazonaws.cn/dynamodbv2/home?region=cn-north-1#"],
        [
            "us-gov-west-1",
            "aws-us-gov",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/dynamodbv2/home?region=us-gov-west-1#",
        ],
    ] as const) {
        it(`names nothing of another partition in ${region}`, async () => {
            const { resources, outputs } = await runProgram({ provider: new MakeBelieveProvider(region, partition) });
            for (const { urn, inputs } of resources) {
                expect(JSON.stringify(inputs.values), urn).to.not.match(/arn:aws:|us-east-1/);
            }
            expect(outputs.values.tableUrl).to.equal(`${tableUrl}item-explorer?table=dev-EventData`);
        });
    }

    /** What the program is stopped with, before it has asked for any resource. */
    async function refusal(run: ProgramRun): Promise<string> {
        const made: string[] = [];
        class CountingProvider extends MakeBelieveProvider {
            override create(type: string, name: string, inputs: Inputs) {
                made.push(`${type} ${name}`);
                return super.create(type, name, inputs);
            }
        }
        const error: unknown = await runProgram({ ...run, provider: new CountingProvider() }).catch(
            (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(DeploymentError);
        expect(made).to.deep.equal([]);
        return (error as Error).message;
    }

    for (const stack of ["a".repeat(47), "with.dot"]) {
        it(`refuses the stack's name '${stack.slice(0, 10)}', of ${stack.length} characters, before it makes anything`, async () => {
            expect(await refusal({ stack })).to.equal(
                `Expected the stack's name to be 1 to 46 letters, digits, hyphens or underscores, got '${stack}'`,
            );
        });
    }

    it("refuses wrong settings, all in one message, before it makes anything", async () => {
        const message = await refusal({
            config: { batchSize: "0", memorySize: "64", alarmEmail: "nobody", lout: "1" },
        });
        expect(message.match(/Expected/g)).to.have.length(4);
        for (const name of ["batchSize", "memorySize", "alarmEmail", "lout"]) expect(message).to.include(name);
    });
});
