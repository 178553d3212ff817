import { AwsError } from "../aws-error";
import { hmac, sameText, sha256Hex } from "./signing-key";

/** What the signatures of an upload's chunks build on. */
export interface ChunkSigning {
    readonly key: Buffer;
    /** `YYYYMMDDTHHMMSSZ` */
    readonly dateTime: string;
    readonly scope: string;
    /** The signature of the request: each chunk's signature covers the one before it. */
    readonly seed: string;
}

export interface DecodedChunks {
    readonly body: Buffer;
    /** Headers after the last chunk, such as `x-amz-checksum-crc32`, names in lower case. */
    readonly trailers: Readonly<Record<string, string>>;
}

const LINE_END = "\r\n";
const EMPTY_HASH = sha256Hex("");

function incomplete(): AwsError {
    return new AwsError("IncompleteBody", "The request body terminated unexpectedly", 400);
}

function wrongSignature(): AwsError {
    const message = "The chunk signature we calculated does not match the signature you provided.";
    return new AwsError("SignatureDoesNotMatch", message, 403);
}

/**
 * Takes an upload in `aws-chunked` encoding apart: `SIZE-IN-HEX[;chunk-signature=…]\r\n DATA \r\n … 0…\r\n TRAILERS \r\n`.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @param signing given where every chunk must be signed
 * @throws AwsError IncompleteBody, SignatureDoesNotMatch
 */
export function decodeAwsChunked(encoded: Buffer, signing?: ChunkSigning): DecodedChunks {
    const chunks: Buffer[] = [];
    let previous = signing?.seed ?? "";
    let at = 0;
    for (;;) {
        const lineEnd = encoded.indexOf(LINE_END, at);
        const line = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(
            encoded.toString("latin1", at, Math.max(lineEnd, at)),
        );
        if (!line) {
            throw incomplete();
        }
        const start = lineEnd + LINE_END.length;
        const end = start + parseInt(line[1] ?? "", 16);
        const data = encoded.subarray(start, end);
        if (end > encoded.length) {
            throw incomplete();
        }
        if (signing) {
            previous = checkChunk(signing, previous, sha256Hex(data), line[2]);
        }
        if (data.length === 0) {
            const trailers = parseTrailers(encoded.toString("utf8", start), signing, previous);
            return { body: Buffer.concat(chunks), trailers };
        }
        if (encoded.toString("latin1", end, end + LINE_END.length) !== LINE_END) {
            throw incomplete();
        }
        chunks.push(data);
        at = end + LINE_END.length;
    }
}

function checkChunk(signing: ChunkSigning, previous: string, hash: string, signature = ""): string {
    const { dateTime, scope, key } = signing;
    const text = ["AWS4-HMAC-SHA256-PAYLOAD", dateTime, scope, previous, EMPTY_HASH, hash].join("\n");
    if (!sameText(hmac(key, text).toString("hex"), signature)) {
        throw wrongSignature();
    }
    return signature;
}

function parseTrailers(text: string, signing: ChunkSigning | undefined, previous: string): Record<string, string> {
    const trailers: Record<string, string> = {};
    for (const line of text.split(/\r?\n/)) {
        const mark = line.indexOf(":");
        if (mark > 0) {
            trailers[line.slice(0, mark).trim().toLowerCase()] = line.slice(mark + 1).trim();
        }
    }
    const { "x-amz-trailer-signature": signature, ...rest } = trailers;
    if (signing && Object.keys(rest).length > 0) {
        const canonical = Object.entries(rest).map(([name, value]) => `${name}:${value}\n`);
        const { dateTime, scope, key } = signing;
        const hash = sha256Hex(canonical.join(""));
        const signed = ["AWS4-HMAC-SHA256-TRAILER", dateTime, scope, previous, hash].join("\n");
        if (!sameText(hmac(key, signed).toString("hex"), signature ?? "")) {
            throw wrongSignature();
        }
    }
    return rest;
}
