import { hash } from "node:crypto";

/**
 * Opaque tokens: shard iterators and NextTokens. Base64 of a digest and JSON. The digest is there to notice a text that is
 * no token or a mangled one; it is no signature, because permissions are checked on every call that brings a token.
 */
export function encodeToken(content: object): string {
    const json = JSON.stringify(content);
    return Buffer.from(hash("md5", json) + json, "utf8").toString("base64");
}

/** Undefined for anything that encodeToken did not make. The caller knows the shape by a field that says what it is. */
export function decodeToken(token: string): unknown {
    const text = Buffer.from(token, "base64").toString("utf8");
    const json = text.slice(DIGEST_CHARACTERS);
    return hash("md5", json) === text.slice(0, DIGEST_CHARACTERS) ? JSON.parse(json) : undefined;
}

const DIGEST_CHARACTERS = 32;
