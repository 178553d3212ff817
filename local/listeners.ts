/** Who wants to know of something. Telling costs nothing where nobody does. */
export class Listeners<Event> {
    private readonly listeners = new Set<(event: Event) => void>();

    /** @returns what ends it */
    add(listener: (event: Event) => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    tell(event: Event): void {
        for (const listener of this.listeners) listener(event);
    }
}
