/** One comparison, measured in one run: the two sides by turns, the median of all rounds. */
export interface Row {
    /** What is measured, as in `posts per second`, and under which conditions. */
    readonly name: string;
    readonly measured: number;
    /** The other side: a limit that cannot be passed, or another way to do the same. */
    readonly against: string;
    readonly other: number;
    /** `measured / other`. */
    readonly ratio: number;
    /** What the ratio should be, if anything is asked of it. */
    readonly goal?: Goal;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface BenchContext {
    /** How often each side is measured. */
    readonly rounds: number;
    /** For what people should know while it runs. */
    readonly say: (line: string) => void;
}

/** The rows of one part of the project. It leaves nothing running, also when it fails. */
export type Part = (context: BenchContext) => Promise<Row[]>;

export function row(details: Omit<Row, "ratio">): Row {
    return { ...details, ratio: details.measured / details.other };
}

export function isMet({ goal, ratio }: Row): boolean {
    if (goal === undefined) return true;
    return "atLeast" in goal ? ratio >= goal.atLeast : ratio <= goal.atMost;
}
