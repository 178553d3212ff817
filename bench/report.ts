import { cpus } from "node:os";
import { formatTable } from "../commandline/table";
import { isMet, type Goal, type Row } from "./part";

/** What `results.json` holds. */
export interface Results {
    measuredAt: string;
    node: string;
    processors: string;
    rounds: number;
    parts: Record<string, Row[]>;
}

export function resultsOf(parts: Record<string, Row[]>, rounds: number): Results {
    const processors = cpus();
    return {
        measuredAt: new Date().toISOString(),
        node: process.version,
        processors: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
        rounds,
        parts,
    };
}

/** For people: a row for each comparison. */
export function resultsTable({ parts }: Results): string {
    return formatTable({
        head: ["", "measured", "against", "", "ratio", "goal"],
        rows: Object.entries(parts).flatMap(([part, rows]) =>
            rows.map((each) => [
                `${part}: ${each.name}`,
                rounded(each.measured),
                each.against,
                rounded(each.other),
                rounded(each.ratio),
                each.goal === undefined ? "" : `${goalText(each.goal)}${isMet(each) ? "" : ", missed"}`,
            ]),
        ),
    });
}

function goalText(goal: Goal): string {
    return "atLeast" in goal ? `≥ ${rounded(goal.atLeast)}` : `≤ ${rounded(goal.atMost)}`;
}

/** Three digits that say something. */
function rounded(value: number): number {
    return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
