/** What a `Fifo` holds carries the link to what follows it: a queue of any length costs no memory of its own. */
export interface Linked<T> {
    next: T | undefined;
}

/** First in, first out. A thing can be in one of them at a time. */
export class Fifo<T extends Linked<T>> {
    private head: T | undefined;
    private tail: T | undefined;
    private count = 0;

    get length(): number {
        return this.count;
    }

    get first(): T | undefined {
        return this.head;
    }

    push(item: T): void {
        item.next = undefined;
        if (this.tail === undefined) this.head = item;
        else this.tail.next = item;
        this.tail = item;
        this.count += 1;
    }

    shift(): T | undefined {
        const item = this.head;
        if (item === undefined) return undefined;
        this.head = item.next;
        if (this.head === undefined) this.tail = undefined;
        item.next = undefined;
        this.count -= 1;
        return item;
    }
}
