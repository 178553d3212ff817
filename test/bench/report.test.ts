import { expect } from "chai";
import { isMet, row } from "../../bench/part";
import { resultsOf, resultsTable } from "../../bench/report";

const fast = row({ name: "posts/s", measured: 45_000, against: "the limit", other: 50_000, goal: { atLeast: 0.8 } });
const slow = row({ name: "CPU µs", measured: 9.8765, against: "the limit", other: 5, goal: { atMost: 1.5 } });
const plain = row({ name: "memory", measured: 3, against: "another", other: 2 });

describe("the report of a benchmark", () => {
    it("has a ratio a row, and says whether it is what was asked for", () => {
        expect([fast, slow, plain].map(({ ratio }) => ratio)).to.deep.equal([0.9, 1.9753, 1.5]);
        expect([fast, slow, plain].map(isMet)).to.deep.equal([true, false, true]);
    });

    it("is a table that names the goals that were missed, with digits that say something", () => {
        const table = resultsTable(resultsOf({ producer: [fast, slow], consumer: [plain] }, 5));
        expect(table).to.match(/producer: posts\/s +│ +45,000 │ the limit │ +50,000 │ +0\.9 │ ≥ 0\.8 +│/);
        expect(table).to.match(/producer: CPU µs +│ +9\.88 │ the limit │ +5 │ +1\.98 │ ≤ 1\.5, missed │/);
        expect(table).to.match(/consumer: memory +│ +3 │ another +│ +2 │ +1\.5 │ +│/);
    });

    it("keeps what was measured, and where", () => {
        const results = resultsOf({ producer: [fast] }, 5);
        expect(JSON.parse(JSON.stringify(results))).to.deep.equal(results);
        expect(results).to.deep.include({ rounds: 5, node: process.version, parts: { producer: [fast] } });
    });
});
