import type { AddedRules, Connection, ConnectionHandlers, XApi } from "../../../../producer/sources/x/api";
import { XFault, type Fault } from "../../../../producer/sources/x/fault";
import type { Rule } from "../../../../producer/sources/x/rules";

/** A connection that the test holds the other end of. */
export interface ScriptedConnection extends ConnectionHandlers {
    readonly isClosed: () => boolean;
}

/** X without a network: rules in a list, and connections that do what the script says. */
export class ScriptedApi implements XApi {
    readonly list: Rule[] = [];
    readonly connections: ScriptedConnection[] = [];
    /** Faults of the next requests about rules. */
    readonly faults: Fault[] = [];
    /** Edits of the list, in order: `+yolo`, `-id`. */
    readonly edits: string[] = [];
    isCancelled = false;
    /** What comes with the end of the first connection: it was whole without its line break. */
    lastMessage: unknown;
    private number = 0;

    /** @param script called with each connection, a turn after it was asked for; `index` counts from 0 */
    constructor(private readonly script: (connection: ScriptedConnection, index: number) => void = () => undefined) {}

    async rules(): Promise<Rule[]> {
        this.failIfScripted();
        return [...this.list];
    }

    async addRules(values: readonly string[], tag: string): Promise<AddedRules> {
        this.failIfScripted();
        const added = values.map((value) => ({ id: String((this.number += 1)), value, tag }));
        const refused = added.filter(({ value }) => value.endsWith(":"));
        const taken = added.filter(({ value }) => !value.endsWith(":"));
        this.list.push(...taken);
        this.edits.push(...taken.map(({ value }) => `+${value}`));
        return { ids: taken.map(({ id }) => id), refused: refused.map(({ value }) => ({ value, reason: "no rule" })) };
    }

    async removeRules(ids: readonly string[]): Promise<void> {
        this.failIfScripted();
        this.edits.push(...ids.map((id) => `-${id}`));
        this.list.splice(0, this.list.length, ...this.list.filter(({ id }) => !ids.includes(id)));
    }

    cancel(): void {
        this.isCancelled = true;
    }

    connect(handlers: ConnectionHandlers): Connection {
        let closed = false;
        const connection = { ...handlers, isClosed: () => closed };
        this.connections.push(connection);
        const index = this.connections.length - 1;
        setImmediate(() => {
            if (!closed) this.script(connection, index);
        });
        return {
            close: () => {
                if (closed) return;
                closed = true;
                const { lastMessage } = this;
                this.lastMessage = undefined;
                if (lastMessage !== undefined) connection.message(lastMessage);
            },
        };
    }

    private failIfScripted(): void {
        const fault = this.faults.shift();
        if (fault !== undefined) throw new XFault(fault);
    }
}
