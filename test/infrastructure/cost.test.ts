import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { summaryLine } from "../../consumer/log";
import { runProgram } from "../program";

const SECTION =
    readFileSync(path.resolve(__dirname, "../../README.md"), "utf8").split("\n## Cost\n")[1]?.split("\n## ")[0] ?? "";

/** List prices of us-east-1 in US dollars, as the README's formula names them. */
const HOURS = 730;
const GIB = 2 ** 30;
const PRICE = {
    onDemandHour: 0.04,
    onDemandGbIn: 0.08,
    onDemandGbOut: 0.04,
    shardHour: 0.015,
    millionPutUnits: 0.014,
    millionInvocations: 0.2,
    gbSecond: 0.0000133334,
    millionWriteUnits: 0.625,
    logGb: 0.5,
    alarm: 0.1,
    metric: 0.3,
    dashboard: 3,
};
const FUNCTION_GB = 0.25;
const WRITE_UNITS = 1.03;

/** A number that the section's text names, by the one group of a pattern. */
function named(pattern: RegExp): number {
    const [, text] = pattern.exec(SECTION) ?? [];
    expect(text, String(pattern)).to.not.equal(undefined);
    return Number(text);
}

interface Row {
    readonly given: readonly number[];
    readonly costs: readonly number[];
    readonly total: number;
}

function rows(): Row[] {
    const lines = SECTION.split("\n").filter((line) => /^\| +[\d,]+ \|/.test(line));
    return lines.map((line) => {
        const cells = line.split("|").slice(1, -1);
        const numbers = cells.map((cell) => Number(cell.replaceAll(/[,* ]/g, "")));
        return { given: numbers.slice(0, 4), costs: numbers.slice(4, -1), total: numbers.at(-1) ?? NaN };
    });
}

/** Stream, function, writes, log, and what watches them, by the README's formula. */
function costsOf([rate = 0, shards = 0, perThousand = 0, milliseconds = 0]: readonly number[]): number[] {
    const posts = (rate * HOURS * 3_600) / 1e6;
    const invocations = (posts * perThousand) / 1_000;
    const gigabytes = (posts * 1e6 * 1_024) / GIB;
    const seconds = (invocations * 1e6 * milliseconds) / 1_000;
    return [
        shards === 0
            ? HOURS * PRICE.onDemandHour + gigabytes * (PRICE.onDemandGbIn + PRICE.onDemandGbOut)
            : shards * HOURS * PRICE.shardHour + posts * PRICE.millionPutUnits,
        invocations * PRICE.millionInvocations + seconds * FUNCTION_GB * PRICE.gbSecond,
        posts * WRITE_UNITS * PRICE.millionWriteUnits,
        ((invocations * 1e6 * named(/log: I × (\d+) bytes/)) / GIB) * PRICE.logGb,
        named(/alarms (\d+) ×/) * PRICE.alarm + named(/metrics (\d+) ×/) * PRICE.metric + PRICE.dashboard,
    ];
}

describe("the README's table of cost", () => {
    it("is for 1, 50 and 1,000 posts a second, on demand and with shards that take as many", () => {
        expect(rows().map(({ given: [rate, shards] }) => [rate, shards])).to.deep.equal([
            [1, 0],
            [1, 1],
            [50, 0],
            [50, 1],
            [1_000, 0],
            [1_000, 2],
        ]);
    });

    it("is what its formula gives, to the cent", () => {
        for (const { given, costs, total } of rows()) {
            const expected = costsOf(given);
            expect(costs, String(given)).to.deep.equal(expected.map((cost) => Number(cost.toFixed(2))));
            expect(total, String(given)).to.equal(Math.round(expected.reduce((sum, cost) => sum + cost)));
        }
    });

    it("names the prices that it is made of", () => {
        for (const [name, price] of Object.entries(PRICE)) {
            const written = new RegExp(`(?<![\\d.])${String(price).replace(".", "\\.")}(\\.?0*)(?![\\d.]*[1-9])`);
            expect(SECTION, name).to.match(written);
        }
    });

    it("counts the alarms that there are", async () => {
        const { resources } = await runProgram();
        const alarms = resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
        expect(named(/alarms (\d+) ×/)).to.equal(alarms.length);
    });

    it("counts the bytes of the line that the function logs", () => {
        const outcome = {
            records: 50,
            stored: 50,
            retried: 0,
            quarantined: 0,
            failed: 0,
            faults: [],
            lastArrivalMs: 0,
        };
        const line = summaryLine(
            { ...outcome, failedSequenceNumbers: [], lasting: undefined },
            {
                requestId: "6d68ca91-49c9-448d-89b8-7ca3e6dc66aa",
                functionName: "dev-DDBEventProcessor",
                startedMs: 1_795_814_863_600,
                finishedMs: 1_795_814_863_625,
            },
        );
        expect(Buffer.byteLength(line)).to.be.closeTo(named(/log: I × (\d+) bytes/), 30);
    });
});
