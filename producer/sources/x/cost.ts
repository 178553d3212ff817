/**
 * Dollars for each post that is read, by X's price list: https://docs.x.com/x-api/getting-started/pricing. It is an estimate: a
 * post that is read twice on one day (UTC) is billed once, and contracts differ.
 */
const POST_DOLLARS = 0.005;

/** `about $50.00` */
export function estimatedCost(posts: number): string {
    return `about $${(posts * POST_DOLLARS).toFixed(2)}`;
}
