import { ID_BYTES_MAX } from "../../wire-record";

type Kind = (n: number) => Uint8Array;

/** Records that no retry makes into a post: what a client that is not ours may send. `n` makes each one different. */
const KINDS: readonly Kind[] = [
    (n) => Buffer.concat([Buffer.from(`not UTF-8 ${n} `), Buffer.from([0xff, 0xfe])]),
    (n) => Buffer.from(`not JSON ${n} {`),
    (n) => Buffer.from(JSON.stringify({ username: `author_${n}` })),
    (n) => Buffer.from(JSON.stringify({ ...post(n), id: "" })),
    (n) => Buffer.from(JSON.stringify({ ...post(n), id: "x".repeat(ID_BYTES_MAX + 1) })),
    (n) => Buffer.from(JSON.stringify({ ...post(n), timestamp: "2026-02-30T00:00:00Z" })),
    (n) => Buffer.from(JSON.stringify({ ...post(n), message: n })),
    tooLarge,
];
/** A demo of a million posts does not need gigabytes for its malformed ones: so many are larger than an item can be. */
const TOO_LARGE_MAX = 10;

export function malformedRecords(count: number): Uint8Array[] {
    const small = KINDS.filter((kind) => kind !== tooLarge);
    return Array.from({ length: count }, (_, n) => {
        const kinds = n < TOO_LARGE_MAX * KINDS.length ? KINDS : small;
        return (kinds[n % kinds.length] ?? tooLarge)(n);
    });
}

function tooLarge(n: number): Uint8Array {
    return Buffer.from(JSON.stringify({ ...post(n), message: "long ".repeat(90_000) }));
}

function post(n: number): Record<string, unknown> {
    return {
        username: `author_${n}`,
        id: `malformed-${n}`,
        timestamp: "2026-01-01T00:00:00Z",
        message: "text",
        source: "malformed",
    };
}
