/** Gives random bytes; `crypto.randomBytes` unless a test wants the same ones again. */
export type Random = (bytes: number) => Buffer;

/** A long-term key pair, as a user has. */
export interface KeyPair {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
}

/** What a role's session gets: a key pair that only counts together with its token, until it expires. */
export interface TemporaryCredentials extends KeyPair {
    readonly sessionToken: string;
    readonly expiration: Date;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * An identifier of AWS's form: four letters that say what it is, and random letters and digits, 16 of a key, 17 of all else.
 * @param prefix `AKIA` long-term key, `ASIA` temporary key, `AIDA` user, `AROA` role, `ANPA` managed policy
 */
export function uniqueId(prefix: string, random: Random): string {
    const count = prefix === "AKIA" || prefix === "ASIA" ? 16 : 17;
    return prefix + Array.from(random(count), (byte) => BASE32[byte % BASE32.length]).join("");
}

/** A key pair of AWS's form: 20 and 40 characters. */
export function newKeyPair(prefix: "AKIA" | "ASIA", random: Random): KeyPair {
    return { accessKeyId: uniqueId(prefix, random), secretAccessKey: random(30).toString("base64") };
}

export function newSessionToken(random: Random): string {
    return `IQoJb3JpZ2lu${random(192).toString("base64")}`;
}
