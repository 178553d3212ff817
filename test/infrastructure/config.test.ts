import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import path from "node:path";
import { readSettings, type Settings } from "../../infrastructure/config";
import { readProject } from "../../local/deployment/project";

const project = readProject(path.resolve(__dirname, "../.."), "none");

async function read(settings: Record<string, string> = {}, stack = "dev"): Promise<Settings> {
    const mocks = { newResource: () => ({ id: "id", state: {} }), call: () => ({}) };
    await pulumi.runtime.setMocks(mocks, project.name, stack, false);
    pulumi.runtime.setAllConfig({ ...project.config, ...namespaced(settings) });
    return readSettings();
}

function namespaced(settings: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${project.name}:${key}`, value]));
}

async function problems(settings: Record<string, string>, stack?: string): Promise<string[]> {
    const error: unknown = await read(settings, stack).catch((reason: unknown) => reason);
    expect(pulumi.RunError.isInstance(error)).to.equal(true);
    return (error as Error).message.split("\n");
}

describe("the settings of the program", () => {
    it("have the defaults of Pulumi.yaml", async () => {
        expect(await read()).to.deep.equal({
            shardCount: 0,
            retentionHours: 24,
            batchSize: 500,
            batchingWindowSeconds: 0,
            parallelizationFactor: 1,
            memorySize: 256,
            ttlDays: 0,
            failedEventsDays: 0,
            replayedEventsDays: 30,
            logRetentionDays: 14,
            protectData: false,
            alarmEmail: "",
            accessKeys: ["a"],
        });
    });

    it("that are wrong are told with every problem", async () => {
        const wrong = {
            batchSize: "0",
            shardCount: "-1",
            retentionHours: "many",
            logRetentionDays: "2",
            ttlDays: "36501",
            protectData: "yes",
            alarmEmail: "nobody",
            accessKeys: "a,a",
            lout: "1",
        };
        const { name } = project;
        expect(await problems(wrong, "my.stack")).to.deep.equal([
            "Expected the stack's name to be 1 to 46 letters, digits, hyphens or underscores, got 'my.stack'",
            `Expected \`${name}:shardCount\` to be 0 to 20000 shards, 0 for on-demand, got '-1'`,
            `Expected \`${name}:retentionHours\` to be 24 to 8760 hours, got 'many'`,
            `Expected \`${name}:batchSize\` to be 1 to 10000 posts, got '0'`,
            `Expected \`${name}:ttlDays\` to be 0 to 36500 days, 0 for ever, got '36501'`,
            `Expected \`${name}:logRetentionDays\` to be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, ` +
                "545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days, got '2'",
            `Expected \`${name}:protectData\` to be true or false, got 'yes'`,
            `Expected \`${name}:alarmEmail\` to be an e-mail address, or nothing, got 'nobody'`,
            `Expected \`${name}:accessKeys\` to be one of a b a,b b,a none, got 'a,a'`,
            "Expected the configuration to be one of shardCount, retentionHours, batchSize, batchingWindowSeconds, " +
                "parallelizationFactor, memorySize, ttlDays, failedEventsDays, replayedEventsDays, logRetentionDays, " +
                `protectData, alarmEmail, accessKeys, got '${name}:lout'`,
        ]);
    });

    it("that are missing are told, too", async () => {
        const mocks = { newResource: () => ({ id: "id", state: {} }), call: () => ({}) };
        await pulumi.runtime.setMocks(mocks, project.name, "dev", false);
        pulumi.runtime.setAllConfig({});
        expect(() => readSettings()).to.throw(
            pulumi.RunError,
            `Expected \`${project.name}:shardCount\` to be 0 to 20000 shards, 0 for on-demand, got nothing`,
        );
    });

    for (const [name, minimum, maximum] of [
        ["shardCount", 0, 20_000],
        ["retentionHours", 24, 8_760],
        ["batchSize", 1, 10_000],
        ["batchingWindowSeconds", 0, 300],
        ["parallelizationFactor", 1, 10],
        ["memorySize", 128, 10_240],
        ["ttlDays", 0, 36_500],
        ["failedEventsDays", 0, 36_500],
        ["replayedEventsDays", 0, 36_500],
        ["logRetentionDays", 1, 3_653],
    ] as const) {
        it(`have \`${name}\` from ${minimum} to ${maximum}, and nothing beyond`, async () => {
            expect((await read({ [name]: String(minimum) }))[name]).to.equal(minimum);
            expect((await read({ [name]: String(maximum) }))[name]).to.equal(maximum);
            for (const beyond of [String(minimum - 1), String(maximum + 1), `${minimum}.5`, ""]) {
                expect(await problems({ [name]: beyond }), beyond).to.have.length(1);
            }
        });
    }

    for (const address of ["someone@example.org", "first.last+alarms@mail.example.co.uk", ""]) {
        it(`take '${address}' as the address for alarms`, async () => {
            expect((await read({ alarmEmail: address })).alarmEmail).to.equal(address);
        });
    }

    for (const address of [
        "someone@localhost",
        "two@example.org,three@example.org",
        "some one@example.org",
        "@a.org",
        "a@b..org",
    ]) {
        it(`refuse '${address}' as the address for alarms`, async () => {
            expect(await problems({ alarmEmail: address })).to.have.length(1);
        });
    }

    it("name a key that is in use, and perhaps another one, or no key", async () => {
        expect((await read({ accessKeys: "b,a" })).accessKeys).to.deep.equal(["b", "a"]);
        expect((await read({ accessKeys: "none" })).accessKeys).to.deep.equal([]);
        for (const keys of ["", "c", "a,b,a", "a, b", "a,none"]) {
            expect(await problems({ accessKeys: keys }), keys).to.have.length(1);
        }
    });
});
