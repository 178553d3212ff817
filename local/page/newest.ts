/** The newest of what was added, up to a limit. Adding costs the same whatever was added before. */
export class Newest<Value> {
    private readonly slots: Value[] = [];
    private added = 0;

    constructor(private readonly valuesMax: number) {}

    /** How many were ever added. */
    get total(): number {
        return this.added;
    }

    add(value: Value): void {
        this.slots[this.added % this.valuesMax] = value;
        this.added += 1;
    }

    /** Those that came after the first `total` ever added and are still kept, oldest first; at most the `limit` newest. */
    since(total: number, limit = this.valuesMax): Value[] {
        const count = Math.min(Math.max(this.added - total, 0), limit, this.valuesMax);
        return Array.from(
            { length: count },
            (_, index) => this.slots[(this.added - count + index) % this.valuesMax] as Value,
        );
    }
}
