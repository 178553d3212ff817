import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SignedBy } from "./authorization-header";

/** Deriving a key takes four hashes; a key is good for a day, a region and a service. */
const CACHED_KEYS_MAX = 1_000;

/** Derives SigV4 signing keys, and remembers those that are in use. */
export class SigningKeys {
    private readonly cache = new Map<string, Buffer>();

    get(secretAccessKey: string, { date, region, service }: Pick<SignedBy, "date" | "region" | "service">): Buffer {
        const name = `${secretAccessKey}\n${date}\n${region}\n${service}`;
        const cached = this.cache.get(name);
        if (cached) {
            return cached;
        }
        let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
        for (const part of [date, region, service, "aws4_request"]) {
            key = hmac(key, part);
        }
        if (this.cache.size >= CACHED_KEYS_MAX) {
            this.cache.clear();
        }
        this.cache.set(name, key);
        return key;
    }
}

export function hmac(key: Buffer, text: string): Buffer {
    return createHmac("sha256", key).update(text).digest();
}

export function sha256Hex(data: string | Buffer): string {
    return createHash("sha256").update(data).digest("hex");
}

/** Compares secrets without telling by the time taken where they differ. */
export function sameText(a: string, b: string): boolean {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
}
