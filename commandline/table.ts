import { formatCount } from "./numbers";
import { printable } from "./text";

export interface Table {
    head?: readonly string[];
    rows: readonly (readonly (string | number)[])[];
    /** Longer cells are cut with `…`. Default: 80 characters. */
    cellCharactersMax?: number;
    /** The width of each column in cells of the terminal, without the frame; what is longer is cut with `…`. */
    widths?: readonly number[];
}

/**
 * The table as text without a line break at the end. Whole numbers get their thousands separated, and numbers stand on the
 * right. Cells may hold any text: see `printable`.
 */
export function formatTable({ head = [], rows, cellCharactersMax = 80, widths = [] }: Table): string {
    // Loaded where it is used: 10 ms that would stand before the first request of the producer.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const CliTable = require("cli-table3") as typeof import("cli-table3");
    const columns = Math.max(head.length, ...rows.map((row) => row.length));
    const table = new CliTable({
        // With the space on either side.
        colWidths: widths.map((width) => width + 2),
        head: head.map((cell) => printable(cell, cellCharactersMax)),
        colAligns: Array.from({ length: columns }, (_, column) => (isNumeric(rows, column) ? "right" : "left")),
        // No colours: the table also goes to files, and to terminals with any background.
        style: { head: [], border: [], compact: true },
    });
    for (const row of rows) table.push(row.map((cell) => formatCell(cell, cellCharactersMax)));
    return table.toString();
}

function isNumeric(rows: Table["rows"], column: number): boolean {
    return rows.length > 0 && rows.every((row) => typeof row[column] === "number");
}

function formatCell(cell: string | number, charactersMax: number): string {
    if (typeof cell === "string") return printable(cell, charactersMax);
    return Number.isInteger(cell) ? formatCount(cell) : String(cell);
}
