import type { Fault } from "./fault";
import type { Rule } from "./rules";

/** What the source needs of X. Requests throw an `XFault`. */
export interface XApi {
    /** The rules of the app's stream, of whomever they are. */
    rules(): Promise<Rule[]>;
    addRules(values: readonly string[], tag: string): Promise<AddedRules>;
    /** Rules that are gone already are no error. */
    removeRules(ids: readonly string[]): Promise<void>;
    /** Opens the stream; everything that becomes of it goes to the handlers. */
    connect(handlers: ConnectionHandlers): Connection;
    /** Ends the requests about rules that are under way: they fail. */
    cancel(): void;
}

export interface AddedRules {
    /** Identifiers of the rules that were added, and of those that were there already. */
    ids: string[];
    refused: { value: string; reason: string }[];
}

export interface ConnectionHandlers {
    /** A message of the stream, parsed: most likely a post. */
    message: (message: unknown) => void;
    heartbeat: () => void;
    /** A line that is no message: what is wrong with it. */
    unreadable: (reason: string) => void;
    /** The connection ended within a message. */
    cutOff: () => void;
    /** The last call, once, unless the connection was closed here. */
    ended: (fault: Fault) => void;
}

export interface Connection {
    /**
     * Ends it, also before it is established. Nothing more of it will be heard but, before this returns, a last message that
     * was whole without its line break, and what came in one piece with what was being handled. May be called again.
     */
    close: () => void;
}
