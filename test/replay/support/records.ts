import type { Bundle, FailedRecord } from "../../../replay/failed-record";
import { Inventory, type Surveyed } from "../../../replay/inventory";
import { post } from "../../consumer/support/records";

/** A record that failed, at a position of the stream. */
export function failed(position: number, overrides: Partial<FailedRecord> = {}): FailedRecord {
    return {
        partitionKey: "ada",
        data: Buffer.from(`record ${position}`),
        sequenceNumber: String(position),
        subSequenceNumber: 0,
        position: BigInt(position),
        arrivalMs: position,
        reason: "not JSON",
        ...overrides,
    };
}

/** A bundle in memory, which keeps count of what is done with it. */
export class StubBundle implements Bundle {
    readonly origin: string = "quarantine";
    loads = 0;
    marks = 0;
    isGone = false;
    expired = 0;

    constructor(
        readonly name: string,
        public records: readonly FailedRecord[],
        private readonly onMark: () => Promise<void> = async () => undefined,
    ) {}

    readonly load = async () => {
        this.loads += 1;
        return this.isGone ? undefined : { records: this.records, expired: this.expired, bytes: 1_000 };
    };

    readonly markReplayed = async () => {
        await this.onMark();
        this.marks += 1;
    };
}

export async function surveyed(bundles: readonly Bundle[]): Promise<readonly Surveyed[]> {
    const inventory = new Inventory();
    for (const bundle of bundles) {
        const loaded = await bundle.load();
        if (loaded !== undefined) inventory.add(bundle, loaded);
    }
    return inventory.surveyed;
}

/** Records that are no posts. */
export function malformed(count: number): { partitionKey: string; data: Uint8Array }[] {
    return Array.from({ length: count }, (_, n) => ({ partitionKey: `key ${n}`, data: Buffer.from(`no post ${n}`) }));
}

/** A post as a producer of another version writes it: the function cannot store it until `FIX` has been at it. */
export function ofOtherSchema(id: number): { partitionKey: string; data: Uint8Array } {
    const username = `author_${id % 7}`;
    const fields = { ...post({ username }), message: undefined, id, text: `text ${id}` };
    return { partitionKey: username, data: Buffer.from(JSON.stringify(fields)) };
}

/** A module for `--fix`. */
export const FIX = `export default (record) => {
    const { text, ...post } = JSON.parse(record.data.toString());
    return { ...record, data: { message: text, ...post, id: String(post.id) } };
};`;
