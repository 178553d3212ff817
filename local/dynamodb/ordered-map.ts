/** Which keys to walk through: all that are not excluded, in order, or backwards. */
export interface KeyRange {
    readonly gt?: string;
    readonly gte?: string;
    readonly lt?: string;
    readonly lte?: string;
    readonly reverse?: boolean;
    readonly limit?: number;
}

/** The keys that begin with the same characters, sorted when they are first walked through. */
interface Bucket {
    readonly values: Map<string, string>;
    sorted: readonly string[] | undefined;
}

/** As many characters as a table's keys have hexadecimal digits of hash in front, so items spread over 4,096 buckets. */
const BUCKET_CHARACTERS = 3;

/**
 * Texts by key, in the order of their keys. Writing is as quick as in a Map; reading in order sorts only the buckets
 * that it comes by, a few items each. Walks see what is there when they come by.
 */
export class OrderedMap {
    private readonly buckets = new Map<string, Bucket>();
    private bucketNames: readonly string[] | undefined;
    private count = 0;

    get size(): number {
        return this.count;
    }

    get(key: string): string | undefined {
        return this.buckets.get(bucketName(key))?.values.get(key);
    }

    set(key: string, value: string): void {
        const name = bucketName(key);
        let bucket = this.buckets.get(name);
        if (!bucket) {
            bucket = { values: new Map(), sorted: undefined };
            this.buckets.set(name, bucket);
            this.bucketNames = undefined;
        }
        if (!bucket.values.has(key)) {
            this.count++;
            bucket.sorted = undefined;
        }
        bucket.values.set(key, value);
    }

    delete(key: string): void {
        const name = bucketName(key);
        const bucket = this.buckets.get(name);
        if (!bucket?.values.delete(key)) {
            return;
        }
        this.count--;
        bucket.sorted = undefined;
        if (bucket.values.size === 0) {
            this.buckets.delete(name);
            this.bucketNames = undefined;
        }
    }

    clear(): void {
        this.buckets.clear();
        this.bucketNames = undefined;
        this.count = 0;
    }

    *entries(range: KeyRange = {}): Generator<readonly [key: string, value: string]> {
        const from = bucketName(range.gt ?? range.gte ?? "");
        const to = range.lt ?? range.lte;
        let left = range.limit === undefined || range.limit < 0 ? Infinity : range.limit;
        for (const name of ordered(this.sortedBucketNames(), range.reverse)) {
            if (name < from || (to !== undefined && name > bucketName(to))) {
                continue;
            }
            for (const key of ordered(this.sortedKeys(name), range.reverse)) {
                const value = isWithin(key, range) ? this.get(key) : undefined;
                if (value === undefined) {
                    continue;
                }
                if (left-- <= 0) {
                    return;
                }
                yield [key, value];
            }
        }
    }

    private sortedBucketNames(): readonly string[] {
        this.bucketNames ??= Array.from(this.buckets.keys()).sort();
        return this.bucketNames;
    }

    private sortedKeys(name: string): readonly string[] {
        const bucket = this.buckets.get(name);
        if (!bucket) {
            return [];
        }
        bucket.sorted ??= Array.from(bucket.values.keys()).sort();
        return bucket.sorted;
    }
}

function bucketName(key: string): string {
    return key.slice(0, BUCKET_CHARACTERS);
}

function ordered(keys: readonly string[], reverse = false): readonly string[] {
    return reverse ? keys.toReversed() : keys;
}

function isWithin(key: string, { gt, gte, lt, lte }: KeyRange): boolean {
    return (
        (gt === undefined || key > gt) &&
        (gte === undefined || key >= gte) &&
        (lt === undefined || key < lt) &&
        (lte === undefined || key <= lte)
    );
}
