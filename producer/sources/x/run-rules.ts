import { UsageError } from "../../../commandline/failure";
import { printable } from "../../../commandline/text";
import type { Surroundings } from "../../surroundings";
import type { SourceContext } from "../source";
import type { XApi } from "./api";
import { isObject, XFault, type Fault } from "./fault";
import { ownRules, planRules, RULE_TAG, RULES_MAX } from "./rules";

/** At the end, somebody waits. */
const REMOVAL_ATTEMPTS_MAX = 3;
const REMOVAL_PAUSE_MS = 500;

/** The rules of one run in X's list, from its beginning to its end. */
export class RunRules {
    /** Identifiers of the rules whose posts are wanted. */
    private ids: ReadonlySet<string> = new Set();
    /** Identifiers of the rules that were there when it began, of whomever they are; set once ours may be there. */
    private foundBefore: ReadonlySet<string> | undefined;
    /** Identifiers of rules of ours that are to go once X has given us its stream: until then, another run may live on them. */
    private stale: string[] = [];
    private removal: Promise<void> | undefined;
    private hadStream = false;

    constructor(
        private readonly api: Pick<XApi, "rules" | "addRules" | "removeRules">,
        private readonly wanted: readonly string[],
        private readonly context: Pick<SourceContext, "notice" | "giveUp">,
        private readonly after: Surroundings["after"],
    ) {}

    /**
     * Adds what is missing in X's list. To be called again until it succeeds, and when X has lost the rules.
     *
     * Throws an `XFault`, or a `UsageError` for a rule that X does not take.
     *
     * @returns how many rules of others there are
     */
    async bring(): Promise<number> {
        const existing = await this.api.rules();
        const { add, present, remove, foreign } = planRules(existing, this.wanted);
        this.foundBefore ??= new Set(existing.map(({ id }) => id));
        this.stale = remove;
        const hasRoom = existing.length + add.length <= RULES_MAX;
        if (!hasRoom && remove.length > 0) await this.api.removeRules(this.stale.splice(0));
        this.ids = new Set([...present, ...(await this.add(add))]);
        return foreign;
    }

    private async add(values: readonly string[]): Promise<readonly string[]> {
        if (values.length === 0) return [];
        const { ids, refused } = await this.api.addRules(values, RULE_TAG);
        if (refused.length === 0) return ids;
        throw new UsageError(
            refused.map(({ value, reason }) => `X does not take the rule '${printable(value)}': ${reason}.`),
        );
    }

    /** X sends us the stream, which an app has one of. What an earlier run has left is removed: X bills its posts. */
    connected(): void {
        this.hadStream = true;
        if (this.stale.length > 0) this.removal = this.removeStale(this.stale.splice(0));
    }

    /** Everything that the app has rules for comes through its one connection. */
    match({ matching_rules: matching }: Record<string, unknown>): boolean {
        if (!Array.isArray(matching)) return true;
        return matching.filter(isObject).some(({ id, tag }) =>
            // X's numbers are beyond what a JSON number holds.
            typeof id === "string" ? this.ids.has(id) : tag === RULE_TAG,
        );
    }

    /** The end: removes them, unless they are to be kept. Does not fail; what could not be removed is told. */
    async leave(areKept: boolean): Promise<void> {
        await this.removal;
        const { foundBefore } = this;
        if (foundBefore === undefined || areKept) return;
        const fault = await this.tried(async () => {
            const ids = ownRules(await this.api.rules(), this.wanted, foundBefore, this.hadStream);
            if (ids.length > 0) await this.api.removeRules(ids);
        });
        if (fault === undefined) return;
        this.context.notice(`The rules are still at X, which the next run repairs: ${fault.reason}.`);
    }

    private async removeStale(ids: readonly string[]): Promise<void> {
        const fault = await this.tried(() => this.api.removeRules(ids));
        if (fault === undefined) return;
        this.context.notice(`Rules of an earlier run are still at X, and their posts are billed: ${fault.reason}.`);
    }

    /** Repeats a request a few times, unless that is in vain or nobody waits for it; answers why it failed. */
    private async tried(request: () => Promise<void>): Promise<Fault | undefined> {
        for (let attempt = 1; !this.context.giveUp.aborted; attempt += 1) {
            try {
                await request();
                return undefined;
            } catch (error) {
                if (!(error instanceof XFault)) throw error;
                if (attempt === REMOVAL_ATTEMPTS_MAX || error.fault.kind === "refused") return error.fault;
            }
            await new Promise<void>((resolve) => this.after(REMOVAL_PAUSE_MS, resolve));
        }
        return { kind: "network", reason: "there was no time to remove them" };
    }
}
