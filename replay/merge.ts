export interface Positioned {
    readonly position: bigint;
}

export interface MergeSource<E extends Positioned> {
    /** No entry of it comes before this. */
    readonly first: bigint;
    /** The memory that its entries take. */
    readonly bytes: number;
    /** Its entries, by position; asked for once, when the first of them is due. */
    readonly open: () => Promise<readonly E[]>;
}

interface Open<E> {
    readonly entries: readonly E[];
    readonly bytes: number;
    next: number;
}

/**
 * The entries of all sources by position, those of one position together. A source is opened when its entries are due and held
 * until they are given, so that the memory is that of the sources that overlap. When those have `bytesMax` together, the next
 * one waits, and its entries come late: then the order is that of the sources.
 */
export async function* mergeInOrder<E extends Positioned>(
    sources: readonly MergeSource<E>[],
    bytesMax: number,
): AsyncGenerator<E[], void, undefined> {
    const waiting = sources.toSorted((a, b) => compare(a.first, b.first));
    let nextSource = 0;
    let open: Open<E>[] = [];
    let bytes = 0;
    for (;;) {
        let position = lowest(open);
        for (let source = waiting[nextSource]; source !== undefined; source = waiting[nextSource]) {
            if (position !== undefined && (source.first > position || bytes + source.bytes > bytesMax)) break;
            nextSource += 1;
            bytes += source.bytes;
            open.push({ entries: await source.open(), bytes: source.bytes, next: 0 });
            position = lowest(open);
        }
        if (position === undefined) return;
        yield takeAt(open, position);
        const finished = open.filter(({ entries, next }) => next >= entries.length);
        if (finished.length === 0) continue;
        for (const each of finished) bytes -= each.bytes;
        open = open.filter((each) => !finished.includes(each));
    }
}

function takeAt<E extends Positioned>(open: Open<E>[], position: bigint): E[] {
    const taken: E[] = [];
    for (const source of open) {
        for (
            let entry = source.entries[source.next];
            entry?.position === position;
            entry = source.entries[source.next]
        ) {
            taken.push(entry);
            source.next += 1;
        }
    }
    return taken;
}

function lowest<E extends Positioned>(open: readonly Open<E>[]): bigint | undefined {
    let position: bigint | undefined;
    for (const { entries, next } of open) {
        const entry = entries[next];
        if (entry !== undefined && (position === undefined || entry.position < position)) position = entry.position;
    }
    return position;
}

function compare(a: bigint, b: bigint): number {
    if (a === b) return 0;
    return a < b ? -1 : 1;
}
