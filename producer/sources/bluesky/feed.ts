import { formatAmount, formatCount } from "../../../commandline/numbers";
import { printable } from "../../../commandline/text";
import type { WireRecord } from "../../../wire-record";
import { DUPLICATE } from "../../account";
import { RecentKeys } from "../../recent-keys";
import type { SourceContext } from "../source";
import { readBlueskyPost, readEvent, type PostCreated } from "./event";
import type { Position } from "./position";

/** Half an hour of all posts at the usual 50 a second; about 10 MB. */
const KEYS_MAX = 100_000;
/** Less is not worth a word. */
const LAG_MS_TOLD_MIN = 5_000;

export interface FeedSettings {
    matches: (text: string) => boolean;
    /** Posts to hand on before `onBudgetSpent`. */
    postsMax: number;
    position: Position;
    context: Pick<SourceContext, "now" | "notice" | "refuse" | "drop">;
    onPost: (post: WireRecord, bytes: number) => void;
    onBudgetSpent: () => void;
}

/** Makes posts of Jetstream's messages: those that match, each once, up to a budget. */
export class Feed {
    private readonly keys = new RecentKeys(KEYS_MAX);
    private handedOn = 0;
    private lagMs = 0;
    private timesReplaced = 0;

    constructor(private readonly settings: FeedSettings) {}

    receive(data: Buffer, isBinary: boolean): void {
        const { position, context } = this.settings;
        const event = isBinary ? NOT_TEXT : readEvent(data.toString("utf8"));
        if (event.kind === "invalid") {
            const start = isBinary ? "" : `: ${printable(data.toString("utf8", 0, 400), 60)}`;
            context.refuse({ reason: "not an event", detail: `a message of Jetstream, ${event.reason}${start}` });
            return;
        }
        const nowMs = context.now().getTime();
        this.lagMs = nowMs - event.timeUs / 1000;
        const missingMs = position.pass(event.timeUs, nowMs);
        if (missingMs > 0) {
            const missing = formatAmount(Math.round(missingMs / 1000), "second");
            context.notice(`Jetstream goes on ${missing} after the cut: the posts of that time are missing.`);
        }
        if (event.kind === "post") this.receivePost(event, data.length);
    }

    private receivePost(event: PostCreated, bytes: number): void {
        const { matches, postsMax, context, onPost, onBudgetSpent } = this.settings;
        const { did, recordKey, record } = event;
        if (typeof record.text === "string" && !matches(record.text)) return;
        if (!this.keys.add(`${did}/${recordKey}`)) {
            context.drop(DUPLICATE);
            return;
        }
        const post = readBlueskyPost(event);
        if (!post.ok) {
            const name = `post ${printable(recordKey, 30)} of ${printable(did, 60)}`;
            context.refuse({ reason: "not a post", detail: `${name}: ${post.reason}` });
            return;
        }
        if (post.isTimeReplaced) this.timesReplaced += 1;
        this.handedOn += 1;
        onPost(post.record, bytes);
        if (this.handedOn >= postsMax) onBudgetSpent();
    }

    /** `12 s behind, 3 without a usable time`; empty when all is well. */
    note(): string {
        const facts: string[] = [];
        if (this.lagMs >= LAG_MS_TOLD_MIN) facts.push(`${formatCount(Math.round(this.lagMs / 1000))} s behind`);
        if (this.timesReplaced > 0) facts.push(`${formatCount(this.timesReplaced)} without a usable time`);
        return facts.join(", ");
    }

    /** Tells what there is to tell at the end. */
    end(): void {
        const { timesReplaced } = this;
        if (timesReplaced === 0) return;
        this.settings.context.notice(
            `${formatAmount(timesReplaced, "post")} had no usable creation time: ` +
                "the time at which Jetstream saw the post stands for it.",
        );
    }
}

const NOT_TEXT = { kind: "invalid", reason: "binary, where text was asked for" } as const;
