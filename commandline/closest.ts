/** More mistakes than this, and it was not that name that was meant. */
const EDITS_MAX = 2;

/** The name that was most likely meant: the one that `typed` begins, or the one that is fewest edits away. */
export function closest(typed: string, names: readonly string[]): string | undefined {
    const begun = names.filter((name) => typed.length >= 3 && name.startsWith(typed));
    if (begun.length === 1) return begun[0];
    const edits = names.map((name) => ({ name, distance: editDistance(typed, name) }));
    const near = edits.filter(({ name, distance }) => distance <= EDITS_MAX && distance < name.length / 2);
    return near.sort((left, right) => left.distance - right.distance)[0]?.name;
}

/** Insertions, deletions and replacements of one character, and swaps of two, that turn `from` into `to` (Damerau-Levenshtein). */
function editDistance(from: string, to: string): number {
    const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
    const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
    for (let row = 1; row <= from.length; row += 1) {
        rows.push([row]);
        for (let column = 1; column <= to.length; column += 1) {
            const isSame = from[row - 1] === to[column - 1];
            const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
            rows[row]?.push(
                Math.min(
                    at(row - 1, column - 1) + (isSame ? 0 : 1),
                    at(row - 1, column) + 1,
                    at(row, column - 1) + 1,
                    isSwap ? at(row - 2, column - 2) + 1 : Infinity,
                ),
            );
        }
    }
    return at(from.length, to.length);
}
