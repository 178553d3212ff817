import { expect } from "chai";
import { formatTable } from "../../commandline/table";

describe("a table", () => {
    it("has its numbers on the right, with their thousands separated", () => {
        const table = formatTable({
            head: ["what", "count"],
            rows: [
                ["sent", 12345],
                ["lost", 0],
            ],
        });
        expect(table.split("\n").slice(1, -1)).to.deep.equal([
            "│ what │  count │",
            "├──────┼────────┤",
            "│ sent │ 12,345 │",
            "│ lost │      0 │",
        ]);
    });

    it("holds any text in one line per row", () => {
        const table = formatTable({
            rows: [
                ["line\nbreak \u001b[31m", "日本🔥"],
                ["x".repeat(100), ""],
            ],
            cellCharactersMax: 20,
        });
        expect(table.split("\n")).to.have.length(4);
        expect(table)
            .to.contain("line⏎break")
            .and.contain("日本🔥")
            .and.contain(`${"x".repeat(19)}…`);
        expect(table).to.not.contain("\u001b");
    });
});
