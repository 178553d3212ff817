/**
 * Measures each side so many times, by turns: what else the machine does meanwhile meets all of them. The first of the sides
 * is another one in each round.
 *
 * @returns the results of each side, in the order of the sides
 */
export async function alternate<T>(rounds: number, sides: readonly (() => Promise<T>)[]): Promise<T[][]> {
    const results: T[][] = sides.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
        for (let turn = 0; turn < sides.length; turn += 1) {
            const side = (round + turn) % sides.length;
            const measured = await sides[side]?.();
            if (measured !== undefined) results[side]?.push(measured);
        }
    }
    return results;
}

/** Of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((left, right) => left - right);
    const middle = sorted.length / 2;
    return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
