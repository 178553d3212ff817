/**
 * Cents for each post that is read, by X's price list: https://docs.x.com/x-api/getting-started/pricing. It is an estimate: a
 * post that is read twice on one day (UTC) is billed once, and contracts differ.
 */
const POST_CENTS = 0.5;

/** `about $50.00`: up to the next cent. */
export function estimatedCost(posts: number): string {
    return `about $${(Math.ceil(posts * POST_CENTS) / 100).toFixed(2)}`;
}
