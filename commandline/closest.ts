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

/** Insertions, deletions and replacements of one character that turn `from` into `to` (Levenshtein). */
function editDistance(from: string, to: string): number {
    let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
    for (const [row, letter] of Array.from(from).entries()) {
        const current = [row + 1];
        for (let column = 1; column <= to.length; column += 1) {
            const replaced = (previous[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
            current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
        }
        previous = current;
    }
    return previous[to.length] ?? 0;
}
