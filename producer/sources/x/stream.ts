import { Failure, UsageError } from "../../../commandline/failure";
import { formatAmount, formatSeconds } from "../../../commandline/numbers";
import { printable } from "../../../commandline/text";
import type { WireRecord } from "../../../wire-record";
import { Bell } from "../../bell";
import type { Surroundings } from "../../surroundings";
import type { SourceContext } from "../source";
import { readXPost } from "../x-post";
import type { Connection, XApi } from "./api";
import { estimatedCost } from "./cost";
import { faultOfProblem, isObject, XFault, type Fault } from "./fault";
import { ReconnectSchedule } from "./reconnect";
import { planRules, RULE_TAG } from "./rules";

/**
 * X sends a heartbeat every 20 s, and asks to connect again when nothing came for 20 s. The rest is for the way, or every
 * heartbeat that is late would end a good connection.
 */
export const SILENCE_MS_MAX = 22_000;
/** Posts that wait for the pipeline, which takes them without a pause; about 20 MB. */
export const QUEUE_POSTS_MAX = 10_000;
/** Before X has answered once, it is more likely a wrong address than an outage. Rate limits do not count. */
const FIRST_ATTEMPTS_MAX = 5;
/** At the end, somebody waits. */
const REMOVAL_ATTEMPTS_MAX = 3;
const REMOVAL_PAUSE_MS = 500;

export interface XStreamSettings {
    /** The rules whose posts are wanted. */
    rules: readonly string[];
    /** Leaves the rules in X's list at the end. */
    keepRules: boolean;
    /** Ends after so many posts have been received. */
    maxPosts: number;
}

/** The posts of X's filtered stream, across connections: one run of the source. */
export class XStream {
    private readonly queue: WireRecord[] = [];
    private readonly bell = new Bell();
    private readonly schedule = new ReconnectSchedule();
    /** Posts, of whichever rule: each is billed. */
    private received = 0;
    private lagMs: number | undefined;
    private connection: Connection | undefined;
    private ruleIds = new Set<string>();
    private hasRules = false;
    private hasAnswered = false;
    private failedAttempts = 0;
    /** Since when the stream is interrupted, and what was said about it. */
    private outage: { sinceMs: number; told: Fault["kind"] } | undefined;

    constructor(
        private readonly api: XApi,
        private readonly settings: XStreamSettings,
        private readonly context: SourceContext,
        private readonly after: Surroundings["after"],
    ) {}

    /** `lag 6.12 s, about $0.05`: how old the last post was when it came, and what X bills. */
    note(): string {
        const cost = estimatedCost(this.received);
        return this.lagMs === undefined ? cost : `lag ${formatSeconds(this.lagMs / 1000)}, ${cost}`;
    }

    /** Ends when the budget is used up or `stop` is aborted. Throws a `Failure` for what will not pass by itself. */
    async *chunks(): AsyncGenerator<WireRecord[], void, undefined> {
        const ring = () => this.bell.ring();
        this.context.stop.addEventListener("abort", ring);
        try {
            let needsRules = true;
            for (;;) {
                if (needsRules) await this.untilAnswered(() => this.bringRules());
                if (this.isOver) return;
                const ended = yield* this.readConnection();
                if (ended === undefined) return;
                await this.pause(ended);
                needsRules = ended.kind === "no rules";
            }
        } finally {
            this.context.stop.removeEventListener("abort", ring);
            if (this.hasRules && !this.settings.keepRules) await this.removeRules();
            if (this.received > 0) {
                this.context.notice(`X: ${formatAmount(this.received, "post")} read, ${estimatedCost(this.received)}.`);
            }
        }
    }

    private get isOver(): boolean {
        return this.context.stop.aborted || this.received >= this.settings.maxPosts;
    }

    /** The posts of one connection. Answers why it ended, `undefined` if it was ended here. */
    private async *readConnection(): AsyncGenerator<WireRecord[], Fault | undefined, undefined> {
        let ended: Fault | undefined;
        const end = (fault: Fault) => {
            this.connection?.close();
            ended ??= fault;
            this.bell.ring();
        };
        const silence = new Timeout(this.after, SILENCE_MS_MAX, () =>
            end({ kind: "network", reason: `nothing came for ${SILENCE_MS_MAX / 1000} s` }),
        );
        this.connection = this.api.connect({
            message: (message) => {
                silence.restart();
                const fault = this.take(message);
                if (fault !== undefined) end(fault);
            },
            heartbeat: () => {
                silence.restart();
                this.established();
            },
            unreadable: (reason) => this.context.refuse({ reason: "not a post", detail: `a line of X: ${reason}` }),
            cutOff: () => this.context.drop("cut off with the connection"),
            ended: end,
        });
        silence.restart();
        try {
            for (;;) {
                while (this.queue.length > 0) yield this.queue.splice(0);
                if (this.isOver) return undefined;
                if (ended !== undefined) return ended;
                await this.bell.rung();
            }
        } finally {
            silence.cancel();
            this.connection.close();
        }
    }

    /** Answers why the stream ends, if the message says so. */
    private take(message: unknown): Fault | undefined {
        if (!isObject(message) || !("data" in message)) {
            if (isObject(message) && "errors" in message) return faultOfProblem(message);
            if (isObject(message) && "connection_issue" in message) return faultOfProblem(message);
            // X announces that there will be other kinds of messages.
            const detail = `a message of X: ${printable(JSON.stringify(message), 60)}`;
            this.context.refuse({ reason: "not a post", detail });
            return undefined;
        }
        this.established();
        this.received += 1;
        if (this.received > this.settings.maxPosts) this.context.drop("over --max-posts");
        else this.takePost(message);
        if (this.isOver) {
            // Not only when the pipeline comes back: until then, X would go on, and bill.
            this.connection?.close();
            this.bell.ring();
        }
        return undefined;
    }

    private takePost(message: Record<string, unknown>): void {
        const result = readXPost(message);
        if (!this.isWanted(message)) this.context.drop("matches rules of others only");
        else if (!result.ok) this.context.refuse({ reason: "not a post", detail: `a post of X: ${result.reason}` });
        else if (this.queue.length >= QUEUE_POSTS_MAX) this.context.drop("the queue was full");
        else {
            this.lagMs = Math.max(0, this.context.now().getTime() - Date.parse(result.record.timestamp));
            this.queue.push(result.record);
            this.bell.ring();
        }
    }

    /** Everything that the app has rules for comes through its one connection. */
    private isWanted({ matching_rules: matching }: Record<string, unknown>): boolean {
        if (!Array.isArray(matching)) return true;
        return matching.filter(isObject).some(({ id, tag }) =>
            // X's numbers are beyond what a JSON number holds.
            typeof id === "string" ? this.ruleIds.has(id) : tag === RULE_TAG,
        );
    }

    private established(): void {
        this.schedule.established();
        this.hasAnswered = true;
        if (this.outage === undefined) return;
        const seconds = (this.context.now().getTime() - this.outage.sinceMs) / 1000;
        this.context.notice(`Connected to X again, after ${formatSeconds(seconds)}.`);
        this.outage = undefined;
    }

    /** Makes X's list of rules what is wanted, and remembers which posts are ours. */
    private async bringRules(): Promise<void> {
        const { rules: wanted, maxPosts } = this.settings;
        const plan = planRules(await this.api.rules(), wanted);
        const ids = new Set(plan.present);
        this.hasRules = true;
        // First, as there may be no room for more.
        if (plan.remove.length > 0) await this.api.removeRules(plan.remove);
        if (plan.add.length > 0) {
            const { ids: added, refused } = await this.api.addRules(plan.add, RULE_TAG);
            if (refused.length > 0) {
                throw new UsageError(
                    refused.map(({ value, reason }) => `X does not take the rule '${printable(value)}': ${reason}.`),
                );
            }
            for (const id of added) ids.add(id);
        }
        this.ruleIds = ids;
        const others =
            plan.foreign === 0 ? "" : `; ${formatAmount(plan.foreign, "rule")} of others, whose posts X bills too`;
        this.context.notice(
            `X: posts for ${wanted.map((value) => printable(value, 80)).join(" | ")}${others}; ` +
                `at most ${formatAmount(maxPosts, "post")}, ${estimatedCost(maxPosts)} (--max-posts).`,
        );
    }

    /** Repeats a request until X answers it, or nothing is wanted any more. */
    private async untilAnswered(request: () => Promise<void>): Promise<void> {
        while (!this.isOver) {
            try {
                await request();
                this.hasAnswered = true;
                return;
            } catch (error) {
                if (!(error instanceof XFault)) throw error;
                await this.pause(error.fault);
            }
        }
    }

    /** Waits as X asks to after a fault. */
    private async pause(fault: Fault): Promise<void> {
        const { now, notice, stop, wait } = this.context;
        const nowMs = now().getTime();
        const delayMs = this.schedule.delayMs(fault, nowMs);
        if (!this.hasAnswered && fault.kind !== "rate limit") this.failedAttempts += 1;
        if (stop.aborted) return;
        if (delayMs === undefined || this.failedAttempts >= FIRST_ATTEMPTS_MAX) {
            if (fault.bug !== undefined) throw fault.bug;
            throw new Failure(`Reading from X failed: ${fault.reason}.`);
        }
        // An outage of hours is told of once, unless it turns into another.
        if (this.outage?.told !== fault.kind) {
            const next = delayMs === 0 ? "connecting again" : `trying again in ${formatSeconds(delayMs / 1000)}`;
            const why = fault.kind === "rate limit" ? "Rate limited by X" : "No connection to X";
            notice(`${why}: ${fault.reason}; ${next}.`);
        }
        this.outage = { sinceMs: this.outage?.sinceMs ?? nowMs, told: fault.kind };
        await wait(delayMs);
    }

    /** Removes the rules of ours, by their tag: also one that X added without our hearing of it. */
    private async removeRules(): Promise<void> {
        for (let attempt = 1; ; attempt += 1) {
            try {
                const { remove } = planRules(await this.api.rules(), []);
                if (remove.length > 0) await this.api.removeRules(remove);
                return;
            } catch (error) {
                if (!(error instanceof XFault)) throw error;
                if (attempt === REMOVAL_ATTEMPTS_MAX || error.fault.kind === "refused") {
                    this.context.notice(`The rules are still at X, which the next run repairs: ${error.fault.reason}.`);
                    return;
                }
                await new Promise<void>((resolve) => this.after(REMOVAL_PAUSE_MS, resolve));
            }
        }
    }
}

/** Calls back if it is not restarted in time. */
class Timeout {
    private stop: (() => void) | undefined;

    constructor(
        private readonly after: Surroundings["after"],
        private readonly milliseconds: number,
        private readonly callback: () => void,
    ) {}

    restart(): void {
        this.cancel();
        this.stop = this.after(this.milliseconds, this.callback);
    }

    cancel(): void {
        this.stop?.();
        this.stop = undefined;
    }
}
