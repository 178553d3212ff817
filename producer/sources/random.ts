/**
 * Mulberry32 by Tommy Ettinger: a generator with 32 bits of state that passes gjrand's tests at that size, in five
 * integer operations. Every seed gives the same numbers on every machine, which `Math.random` does not offer.
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 *
 * @returns the next number from 0 (included) to 1 (excluded) at each call
 */
export function seededRandom(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}
