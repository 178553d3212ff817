import { printable } from "../commandline/text";
import { encodeWireRecord, type WireRecord } from "../wire-record";

/** One record that is to be sent to the stream. */
export interface Outgoing {
    /** Records of one partition key reach the stream in their order. */
    readonly partitionKey: string;
    /** Names it to people, as in `post 42 of ada`. */
    readonly label: string;
    readonly data: Uint8Array;
}

/** A post as it goes into the stream: the author is the partition key, so that one author's posts stay in order. */
export function outgoingPost(post: WireRecord): Outgoing {
    return new OutgoingPost(post.username, post.id, encodeWireRecord(post));
}

class OutgoingPost implements Outgoing {
    constructor(
        readonly partitionKey: string,
        private readonly id: string,
        readonly data: Uint8Array,
    ) {}

    get label(): string {
        return `post ${printable(this.id, 60)} of ${printable(this.partitionKey, 60)}`;
    }
}
