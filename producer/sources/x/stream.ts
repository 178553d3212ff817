import { Failure } from "../../../commandline/failure";
import { formatAmount, formatSeconds } from "../../../commandline/numbers";
import { printable } from "../../../commandline/text";
import type { WireRecord } from "../../../wire-record";
import { QUEUE_FULL } from "../../account";
import { Bell } from "../../bell";
import type { Surroundings } from "../../surroundings";
import type { SourceContext } from "../source";
import { readXPost } from "../x-post";
import type { Connection, XApi } from "./api";
import { estimatedCost } from "./cost";
import { faultOfProblem, isObject, XFault, type Fault } from "./fault";
import { ReconnectSchedule } from "./reconnect";
import { RunRules } from "./run-rules";

/**
 * X sends a heartbeat every 20 s, and asks to connect again when nothing came for 20 s. The rest is for the way, or every
 * heartbeat that is late would end a good connection.
 */
export const SILENCE_MS_MAX = 22_000;
/** Posts that wait for the pipeline, which takes them without a pause; about 20 MB. */
export const QUEUE_POSTS_MAX = 10_000;
/** Before X has answered once, it is more likely a wrong address than an outage. Rate limits do not count. */
const FIRST_ATTEMPTS_MAX = 5;
/** How old a post is when it comes is not worth a word below this: X takes some 6 s. */
const LAG_MS_TOLD_MIN = 15_000;

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
    private readonly rules: RunRules;
    private hasAnswered = false;
    private failedAttempts = 0;
    /** Since when the stream is interrupted, and what was said about it. */
    private outage: { sinceMs: number; told: Fault["kind"] } | undefined;

    constructor(
        private readonly api: XApi,
        private readonly settings: XStreamSettings,
        private readonly context: SourceContext,
        private readonly after: Surroundings["after"],
    ) {
        this.rules = new RunRules(api, settings.rules, context, after);
    }

    /** `about $0.05, posts 23.4 s old`: what X bills, and, if they are late, how old the last one was when it came. */
    note(): string {
        const cost = estimatedCost(this.received);
        const { lagMs = 0 } = this;
        return lagMs < LAG_MS_TOLD_MIN ? cost : `${cost}, posts ${formatSeconds(lagMs / 1000)} old`;
    }

    /** Ends when the budget is used up or `stop` is aborted. Throws a `Failure` for what will not pass by itself. */
    async *chunks(): AsyncGenerator<WireRecord[], void, undefined> {
        const { stop, giveUp, notice } = this.context;
        const ring = () => this.bell.ring();
        const cancel = () => this.api.cancel();
        stop.addEventListener("abort", ring);
        giveUp.addEventListener("abort", cancel);
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
            stop.removeEventListener("abort", ring);
            await this.rules.leave(this.settings.keepRules);
            giveUp.removeEventListener("abort", cancel);
            if (this.received > 0) {
                notice(`X: ${formatAmount(this.received, "post")} read, ${estimatedCost(this.received)}.`);
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
                if (!this.isOver && ended === undefined) {
                    await this.bell.rung();
                    continue;
                }
                this.connection.close();
                // What came with its end.
                if (this.queue.length === 0) return this.isOver ? undefined : ended;
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
        if (!this.rules.match(message)) this.context.drop("matches rules of others only");
        else if (!result.ok) this.context.refuse({ reason: "not a post", detail: `a post of X: ${result.reason}` });
        else if (this.queue.length >= QUEUE_POSTS_MAX) this.context.drop(QUEUE_FULL);
        else {
            this.lagMs = Math.max(0, this.context.now().getTime() - Date.parse(result.record.timestamp));
            this.queue.push(result.record);
            this.bell.ring();
        }
    }

    private established(): void {
        this.schedule.established(this.context.elapsedMs());
        this.hasAnswered = true;
        this.rules.connected();
        if (this.outage === undefined) return;
        const seconds = (this.context.elapsedMs() - this.outage.sinceMs) / 1000;
        this.context.notice(`Connected to X again, after ${formatSeconds(seconds)}.`);
        this.outage = undefined;
    }

    private async bringRules(): Promise<void> {
        const { rules, maxPosts } = this.settings;
        const foreign = await this.rules.bring();
        const others = foreign === 0 ? "" : `; ${formatAmount(foreign, "rule")} of others, whose posts X bills too`;
        this.context.notice(
            `X: posts for ${rules.map((value) => printable(value, 80)).join(" | ")}${others}; ` +
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
        const { elapsedMs, notice, stop, wait } = this.context;
        const delayMs = this.schedule.delayMs(fault, elapsedMs());
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
        this.outage = { sinceMs: this.outage?.sinceMs ?? elapsedMs(), told: fault.kind };
        await wait(delayMs);
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
