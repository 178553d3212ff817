import { expect } from "chai";
import path from "node:path";
import { Cloud } from "../local/cloud";
import { EmbeddedProvider } from "../local/deployment/provider";
import { readProject } from "../local/deployment/project";
import { runProgram } from "./program";

const project = readProject(path.resolve(__dirname, ".."), "none");

/** Every setting at the least that the program takes, and at the most; of shards, as many as one machine likes to have. */
const LEAST = {
    shardCount: "1",
    retentionHours: "24",
    batchSize: "1",
    batchingWindowSeconds: "0",
    parallelizationFactor: "1",
    memorySize: "128",
    ttlDays: "0",
    protectData: "false",
    failedEventsDays: "0",
    replayedEventsDays: "0",
    logRetentionDays: "1",
    alarmEmail: "",
    accessKeys: "none",
};
const MOST = {
    shardCount: "20",
    retentionHours: "8760",
    batchSize: "10000",
    batchingWindowSeconds: "300",
    parallelizationFactor: "10",
    memorySize: "10240",
    ttlDays: "36500",
    protectData: "true",
    failedEventsDays: "36500",
    replayedEventsDays: "36500",
    logRetentionDays: "3653",
    alarmEmail: `${"a".repeat(64)}@${"b".repeat(63)}.example.org`,
    accessKeys: "b,a",
};

describe("the program at the limits of its settings", () => {
    for (const [what, stack, config] of [
        ["least", "a", LEAST],
        ["most", "Z".repeat(46), MOST],
    ] as const) {
        it(`registers nothing that AWS would refuse, at the ${what}, in a stack whose name has ${stack.length} characters`, async () => {
            const names = Object.keys(project.config).filter((key) => key.startsWith(`${project.name}:`));
            expect(names).to.have.members(Object.keys(config).map((name) => `${project.name}:${name}`));
            // The embedded cloud checks each input as AWS does: names, ranges, and what it does not know is refused.
            const cloud = await Cloud.start({ port: 0, region: "eusc-de-east-1" });
            try {
                const { outputs } = await runProgram({ provider: new EmbeddedProvider(cloud), stack, config });
                expect(outputs.values).to.include({ eventDataTable: `${stack}-EventData`, region: "eusc-de-east-1" });
            } finally {
                await cloud.close();
            }
        });
    }
});
