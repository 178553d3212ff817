/** Characters of one to four bytes, and what only looks like a line break. */
const TEXTS = ["日本🔥", "plain", "Zürich \\u2028 \r\n inside", "👨‍👩‍👧‍👦 at the beach", "مرحبا", ""];

export interface XPost {
    data: { id: string; text: string; author_id: string; created_at: string; note_tweet?: { text: string } };
    includes?: { users: { id: string; username: string }[] };
    matching_rules?: { id: string; tag?: string }[];
}

/** A post as X's stream sends it. */
export function xPost(id: string, text = textOf(id), matching?: XPost["matching_rules"]): XPost {
    return {
        data: { id, text, author_id: "42", created_at: "2026-11-23T06:00:00.000Z" },
        includes: { users: [{ id: "42", username: "さくら" }] },
        ...(matching !== undefined && { matching_rules: matching }),
    };
}

export function textOf(id: string): string {
    return `${id} ${TEXTS[id.length % TEXTS.length] ?? ""} ${TEXTS[Number(id.at(-1)) % TEXTS.length] ?? ""}`;
}

export function line(post: unknown): Buffer {
    return Buffer.from(`${JSON.stringify(post)}\r\n`);
}
