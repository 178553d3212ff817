import { Failure } from "../../../commandline/failure";
import { formatAmount } from "../../../commandline/numbers";
import type { Surroundings } from "../../surroundings";
import type { SourceContext } from "../source";
import { Connection, type ConnectionEnd } from "./connection";
import { subscribeUrl } from "./endpoint";
import type { Position } from "./position";

/** If none of the first attempts connects, the address or the network is wrong. After that it is tried for ever. */
export const FIRST_ATTEMPTS_MAX = 4;
const DELAY_MS_BASE = 500;
const DELAY_MS_MAX = 30_000;
/** A shorter cut is not worth a line: nothing is lost by it. */
const OUTAGE_TOLD_MS_MIN = 10_000;
/** An outage is told of at doubling times, and then this often. */
const OUTAGE_TOLD_MS_MAX = 3_600_000;

export interface SubscriptionSettings {
    /** Addresses of Jetstream instances; the next one is tried when one fails. */
    endpoints: readonly string[];
    quietIntervalsMax: number;
    position: Position;
    /** Aborted to end it. */
    signal: AbortSignal;
    after: Surroundings["after"];
    context: Pick<SourceContext, "now" | "elapsedMs" | "random" | "notice" | "refuse">;
    onMessage: (data: Buffer, isBinary: boolean) => void;
}

/**
 * A connection to one of several Jetstream instances, made again whenever it is cut, from where it was cut: at once, then with
 * exponential backoff and full jitter. Only one that has lasted a while ends the backoff, so a server that cuts again and again
 * is not asked more and more often.
 */
export class Subscription {
    /** Connections that were cut. */
    cuts = 0;
    isConnected = false;
    private connection: Connection | undefined;
    private isPaused = false;
    private hasConnected = false;
    /** Attempts since the last steady connection. */
    private attempts = 0;
    private turn = 0;
    private unreadableAtUs: number | undefined;
    private readonly outage: Outage;

    constructor(private readonly settings: SubscriptionSettings) {
        this.outage = new Outage(settings.context);
    }

    pause(): void {
        this.isPaused = true;
        this.connection?.pause();
    }

    resume(): void {
        if (!this.isPaused) return;
        this.isPaused = false;
        this.connection?.resume();
    }

    /** Resolves when `signal` was aborted and nothing is left. Throws a `Failure` if it has never connected. */
    async run(): Promise<void> {
        const { endpoints, signal, after, context } = this.settings;
        while (!this.isStopped()) {
            const endpoint = endpoints[this.turn % endpoints.length] ?? "";
            const end = await this.connect(endpoint);
            if (this.isStopped()) return;
            this.ended(end, new URL(endpoint).host);
            await wait(delayMs(this.attempts, context.random), signal, after);
        }
    }

    private isStopped(): boolean {
        return this.settings.signal.aborted;
    }

    private async connect(endpoint: string): Promise<ConnectionEnd> {
        const { position, signal, after, quietIntervalsMax, context, onMessage } = this.settings;
        this.connection = new Connection({
            url: subscribeUrl(endpoint, position.cursorUs),
            signal,
            after,
            isPaused: this.isPaused,
            quietIntervalsMax,
            onOpen: () => {
                this.isConnected = true;
                this.hasConnected = true;
                position.opened(context.now().getTime());
                this.outage.over(new URL(endpoint).host);
            },
            onMessage,
        });
        const end = await this.connection.ended;
        this.connection = undefined;
        this.isConnected = false;
        return end;
    }

    private ended(end: ConnectionEnd, host: string): void {
        const { context, endpoints } = this.settings;
        if (end.hasOpened) this.cuts += 1;
        if (end.wasSteady) this.outage.forget();
        this.attempts = end.wasSteady ? 1 : this.attempts + 1;
        // A server that has served for a while is likely to be back soon; any other is passed over.
        if (!end.wasSteady) this.turn += 1;
        const fault = `${host}: ${end.reason}`;
        if (!this.hasConnected) {
            if (this.attempts >= FIRST_ATTEMPTS_MAX) throw new Failure(`No connection to Jetstream: ${fault}.`);
            const next = new URL(endpoints[this.turn % endpoints.length] ?? "").host;
            context.notice(`No connection to Jetstream: ${fault}; trying ${next}.`);
            return;
        }
        if (end.isUnreadable) this.passUnreadable(fault);
        this.outage.goesOn(fault);
    }

    /** What could not be read twice at the same place would be there for ever: it is left out, with what came meanwhile. */
    private passUnreadable(fault: string): void {
        const { position, context } = this.settings;
        const atUs = position.newestUs ?? 0;
        if (this.unreadableAtUs !== atUs) {
            this.unreadableAtUs = atUs;
            return;
        }
        this.unreadableAtUs = undefined;
        position.forget();
        context.refuse({ reason: "unreadable", detail: `a message of ${fault}` });
        context.notice("Jetstream goes on from now: what came before could not be read.");
    }
}

/** Tells of outages: not of short ones, and of long ones seldom. */
class Outage {
    private sinceMs: number | undefined;
    private toldMs = OUTAGE_TOLD_MS_MIN;
    private isTold = false;

    constructor(private readonly context: Pick<SourceContext, "elapsedMs" | "notice">) {}

    goesOn(fault: string): void {
        const nowMs = this.context.elapsedMs();
        this.sinceMs ??= nowMs;
        const forMs = nowMs - this.sinceMs;
        if (forMs < this.toldMs) return;
        this.isTold = true;
        this.toldMs = forMs + Math.min(Math.max(forMs, OUTAGE_TOLD_MS_MIN), OUTAGE_TOLD_MS_MAX);
        this.context.notice(`Cut off from Jetstream for ${seconds(forMs)} (${fault}); trying on.`);
    }

    /** Connected again; perhaps only for a moment, so what was told is not told anew. */
    over(host: string): void {
        if (this.isTold && this.sinceMs !== undefined) {
            const forMs = this.context.elapsedMs() - this.sinceMs;
            this.context.notice(`Connected to Jetstream again, at ${host}, after ${seconds(forMs)}.`);
        }
        this.sinceMs = undefined;
        this.isTold = false;
    }

    /** A connection has lasted: the next outage is another one. */
    forget(): void {
        this.toldMs = OUTAGE_TOLD_MS_MIN;
    }
}

/** Before the next attempt, after so many since the last steady connection. */
export function delayMs(attempts: number, random: () => number): number {
    return random() * Math.min(DELAY_MS_MAX, DELAY_MS_BASE * 2 ** (attempts - 1));
}

/** Resolves after that time, or at once when the signal is aborted; leaves no timer. */
function wait(milliseconds: number, signal: AbortSignal, after: Surroundings["after"]): Promise<void> {
    return new Promise((resolve) => {
        const done = () => {
            cancel();
            signal.removeEventListener("abort", done);
            resolve();
        };
        const cancel = after(milliseconds, done);
        signal.addEventListener("abort", done, { once: true });
    });
}

function seconds(milliseconds: number): string {
    return formatAmount(Math.round(milliseconds / 1000), "second");
}
