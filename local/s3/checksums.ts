import { createHash, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError } from "../aws-error";

/** The reflected polynomials of https://reveng.sourceforge.io/crc-catalogue/ (CRC-32/ISCSI and CRC-64/NVME). */
const CRC32C = 0x82f63b78;
const CRC64_NVME = { high: 0x9a6c9329, low: 0xac4bc9b5 };

type Digest = (data: Buffer) => Buffer;

const ALGORITHMS: Readonly<Record<string, Digest>> = {
    "x-amz-checksum-crc32": (data) => uint32(crc32(data)),
    "x-amz-checksum-crc32c": (data) => uint32(crc32c(data)),
    "x-amz-checksum-crc64nvme": crc64Nvme,
    "x-amz-checksum-sha1": (data) => createHash("sha1").update(data).digest(),
    "x-amz-checksum-sha256": (data) => createHash("sha256").update(data).digest(),
};

/** Headers about checksums that are not checksums. */
const NO_CHECKSUMS = new Set(["x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode"]);

/**
 * Checks the checksums that came with an upload.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 * @returns those headers, to be given back with the object
 * @throws AwsError BadDigest, InvalidDigest, NotImplemented for an algorithm that is not known
 */
export function checkChecksums(headers: Readonly<Record<string, string>>, body: Buffer): Record<string, string> {
    const md5 = headers["content-md5"];
    if (md5 !== undefined && !isSame(createHash("md5").update(body).digest(), md5)) {
        throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.");
    }
    const checked: Record<string, string> = {};
    for (const [name, expected] of Object.entries(headers)) {
        if (!name.startsWith("x-amz-checksum-") || NO_CHECKSUMS.has(name)) {
            continue;
        }
        const digest = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
        if (!digest) {
            throw new AwsError("NotImplemented", `The embedded cloud does not know the checksum ${name}.`, 501);
        }
        if (!isSame(digest(body), expected)) {
            const algorithm = name.replace("x-amz-checksum-", "").toUpperCase();
            throw new AwsError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
        }
        checked[name] = expected;
    }
    return checked;
}

function isSame(digest: Buffer, expected: string): boolean {
    const given = Buffer.from(expected, "base64");
    return given.length === digest.length && timingSafeEqual(given, digest);
}

function uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value >>> 0);
    return bytes;
}

/** For each byte what it does to a 32-bit remainder. */
const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
        remainder = remainder & 1 ? (remainder >>> 1) ^ CRC32C : remainder >>> 1;
    }
    return remainder;
});

function crc32c(data: Buffer): number {
    let remainder = 0xffffffff;
    for (const byte of data) {
        remainder = (remainder >>> 8) ^ (CRC32C_TABLE[(remainder ^ byte) & 0xff] ?? 0);
    }
    return ~remainder;
}

/** The same for 64 bits, as two halves: BigInt would take a hundred times as long. */
const CRC64_TABLE = Array.from({ length: 256 }, (_, byte) => {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
        const isOdd = low & 1;
        low = (low >>> 1) | (high << 31);
        high >>>= 1;
        if (isOdd) {
            [high, low] = [high ^ CRC64_NVME.high, low ^ CRC64_NVME.low];
        }
    }
    return { high, low };
});

function crc64Nvme(data: Buffer): Buffer {
    let [high, low] = [-1, -1];
    for (const byte of data) {
        const entry = CRC64_TABLE[(low ^ byte) & 0xff] ?? { high: 0, low: 0 };
        low = ((low >>> 8) | (high << 24)) ^ entry.low;
        high = (high >>> 8) ^ entry.high;
    }
    return Buffer.concat([uint32(~high), uint32(~low)]);
}
