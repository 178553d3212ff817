/** Remembers the last keys, so many at most. */
export class RecentKeys {
    /** In the order in which they came. */
    private readonly keys = new Set<string>();

    constructor(private readonly keysMax: number) {}

    /** Remembers the key; false if it was known. */
    add(key: string): boolean {
        if (this.keys.has(key)) return false;
        this.keys.add(key);
        if (this.keys.size > this.keysMax) {
            for (const oldest of this.keys) {
                this.keys.delete(oldest);
                break;
            }
        }
        return true;
    }
}
