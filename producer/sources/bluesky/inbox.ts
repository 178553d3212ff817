import type { WireRecord } from "../../../wire-record";
import { Bell } from "../../bell";

/** Posts that wait to be asked for. With more, nothing is read from the connection; what it has read already comes on top. */
export const POSTS_MAX = 2_000;
/** The size of their events. */
export const BYTES_MAX = 16 * 1024 * 1024;

export interface Flow {
    pause: () => void;
    resume: () => void;
}

/** The posts between the connection, which pushes, and the producer, which asks for them when it has room. */
export class Inbox {
    private posts: WireRecord[] = [];
    private bytes = 0;
    private isEnded = false;
    private readonly bell = new Bell();

    constructor(private readonly flow: Flow) {}

    push(post: WireRecord, bytes: number): void {
        this.posts.push(post);
        this.bytes += bytes;
        if (this.posts.length >= POSTS_MAX || this.bytes >= BYTES_MAX) this.flow.pause();
        this.bell.ring();
    }

    /** All posts that wait, as soon as there is one; undefined when there will be none. For one caller at a time. */
    async take(): Promise<readonly WireRecord[] | undefined> {
        while (this.posts.length === 0) {
            if (this.isEnded) return undefined;
            await this.bell.rung();
        }
        const taken = this.posts;
        this.posts = [];
        this.bytes = 0;
        this.flow.resume();
        return taken;
    }

    /** Nothing more will be pushed. */
    end(): void {
        this.isEnded = true;
        this.bell.ring();
    }
}
