const DELAY_MS_BASE = 250;
const DELAY_MS_MAX = 5_000;

/**
 * How long to wait before the next attempt: exponential backoff with full jitter, which spreads the attempts of many
 * producers best. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param attempts attempts made so far, 1 or more
 */
export function backoffMs(attempts: number, random: () => number): number {
    return random() * Math.min(DELAY_MS_MAX, DELAY_MS_BASE * 2 ** (attempts - 1));
}
